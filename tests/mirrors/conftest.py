# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Keys for all tests of mirrors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.needs import need_tools
from tests.mirrors.made_mirrors import Key, make_key, make_mirror


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """Return the key of the archive."""
    need_tools(("gpg", "gpgv", "apt-ftparchive"))
    return make_key(tmp_path_factory.mktemp("key"), "archive")


@pytest.fixture(scope="session")
def other_key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """Return the key of another archive."""
    return make_key(tmp_path_factory.mktemp("other"), "other")


@pytest.fixture
def mirror(tmp_path: Path, key: Key) -> Path:
    """Return a mirror of three packages, one of which has findings, and one nothing of Python's."""
    return make_mirror(tmp_path / "mirror", {"good": False, "bad": True, "plain": False}, key)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return where results are to be kept."""
    return tmp_path / "store.sqlite"
