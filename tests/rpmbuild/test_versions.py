# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Python's versions and specifiers in rpm's words: as tables, and against rpm's own idea of order."""

from __future__ import annotations

import itertools
import subprocess

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from pkgtools.rpmbuild.versions import VersionError, rpm_dependency, rpm_version

VERSIONS = {
    "1": "1",
    "1.0": "1",
    "1.10.0.0": "1.10",
    "0.0": "0",
    "2.0rc1": "2~rc1",
    "2a1": "2~a1",
    "1.0.dev3": "1~~dev3",
    "1.0rc1.dev2": "1~rc1~~dev2",
    "1.0.post1": "1^post1",
    "1.0.post1.dev2": "1^post1~~dev2",
    "1!2.0": "1:2",
    "1.0+local.2": "1",
}

DEPENDENCIES = {
    "": "x",
    "~=2.1": "(x >= 2.1 with x < 3)",
    "~=2.1.3": "(x >= 2.1.3 with x < 2.2)",
    "==1.*": "(x >= 1 with x < 2)",
    "==1.4.*": "(x >= 1.4 with x < 1.5)",
    "==1.4": "x = 1.4",
    "===1.4": "x = 1.4",
    "!=1.2": "(x < 1.2 or x > 1.2)",
    "!=1.*": "(x < 1 or x >= 2)",
    "<2": "x < 2~~",
    "<2rc1": "x < 2~rc1",
    "<=2": "x <= 2",
    ">2": "x > 2.0",
    ">2.post1": "x > 2^post1",
    ">=2.0.dev1": "x >= 2~~dev1",
    ">=1.2,<2": "(x < 2~~ with x >= 1.2)",
    ">=1!2.0": "x >= 1:2",
}


@pytest.mark.parametrize(("version", "expected"), VERSIONS.items(), ids=VERSIONS)
def test_version_is_translated(version: str, expected: str) -> None:
    assert rpm_version(version) == expected


@pytest.mark.parametrize(("specifiers", "expected"), DEPENDENCIES.items(), ids=[s or "any" for s in DEPENDENCIES])
def test_specifiers_are_translated(specifiers: str, expected: str) -> None:
    assert rpm_dependency("x", SpecifierSet(specifiers)) == expected


def test_version_that_is_none_is_named_with_what_to_do() -> None:
    with pytest.raises(VersionError, match=r"'2\.x'.*correct the package's metadata"):
        rpm_version("2.x")


ORDERED = sorted(
    (
        Version(f"{release}{suffix}")
        for release in ("1", "1.0.1", "1.1", "1.10", "2")
        for suffix in (".dev1", "a1.dev1", "a1", "a2", "b1", "rc1.dev3", "rc1", "", ".post1.dev1", ".post1", ".post10")
    ),
)


@pytest.mark.system
def test_rpm_orders_translated_versions_as_pep_440_orders_the_originals() -> None:
    pairs = list(itertools.pairwise(ORDERED))
    compare = " ".join(f'print(rpm.vercmp("{rpm_version(str(a))}", "{rpm_version(str(b))}") .. " ")' for a, b in pairs)
    answer = subprocess.run(("rpm", "--eval", f"%{{lua: {compare}}}"), capture_output=True, text=True, check=True)
    orders = dict(zip(pairs, map(int, answer.stdout.split()), strict=True))
    assert {pair for pair, order in orders.items() if order >= 0} == set()
