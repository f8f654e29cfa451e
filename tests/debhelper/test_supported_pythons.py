# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Versions and ranges of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.debhelper.supported_pythons import Minor, parse_field, read_pythons
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.policy.version_range import ANY_VERSION, parse_version_range

DEFAULTS = "[DEFAULT]\ndefault-version = python3.11\nsupported-versions = python3.12, python3.11\n"


@pytest.mark.parametrize(
    ("text", "inside", "outside", "written"),
    [
        pytest.param("3.11", "3.11", "3.10 3.12", "3.11", id="one"),
        pytest.param("3.9-", "3.9 3.20", "3.8", "3.9-", id="from"),
        pytest.param("-3.12", "3.1 3.11", "3.12", "-3.12", id="below"),
        pytest.param("3.9-3.12", "3.9 3.11", "3.8 3.12", "3.9-3.12", id="between"),
        pytest.param("-", "3.0 3.99", "", "-", id="any"),
    ],
)
def test_range(text: str, inside: str, outside: str, written: str) -> None:
    found = parse_version_range(text)
    assert str(found) == written
    assert all(Minor(*map(int, one.split("."))) in found for one in inside.split())
    assert not any(Minor(*map(int, one.split("."))) in found for one in outside.split())


@pytest.mark.parametrize("text", ["3", "x", "3.9-3.8", "-3.9-", ">= 3.9", "3.9--3.10"])
def test_bad_range_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_version_range(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (">= 3.9", "3.9-"),
        (">= 3.9, << 3.12", "3.9-3.12"),
        ("<< 3.12", "-3.12"),
        ("3.11", "3.11"),
        ("3.10, 3.11", "3.10-"),
        (">= 3.9.2", "3.9-"),
        ("3.9-3.12", "3.9-3.12"),
        (">= 3", "3.0-"),
        ("", "-"),
    ],
)
def test_x_python3_version(text: str, written: str) -> None:
    assert str(parse_field(text)) == written


@pytest.mark.parametrize("text", ["> 3.9", "all", ">= 3.12, << 3.9", ">= x"])
def test_bad_x_python3_version_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_field(text)


def test_versions_come_from_the_system_or_the_environment(tmp_path: Path) -> None:
    defaults = tmp_path / "debian_defaults"
    defaults.write_text(DEFAULTS)
    found = read_pythons({}, defaults)
    assert (found.default, found.supported) == (Minor(3, 11), (Minor(3, 11), Minor(3, 12)))
    assert found.among(parse_version_range("3.12-")) == (Minor(3, 12),)
    assert found.among(ANY_VERSION) == found.supported
    told = read_pythons({"DEBPYTHON3_DEFAULT": "3.9", "DEBPYTHON3_SUPPORTED": "3.9,3.10"}, tmp_path / "none")
    assert (told.default, told.supported) == (Minor(3, 9), (Minor(3, 9), Minor(3, 10)))


def test_system_without_versions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="install python3-minimal"):
        read_pythons({}, tmp_path / "none")
