# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Python's versions and specifiers in rpm's words: as tables, and against rpm's own idea of order."""

from __future__ import annotations

import ast
import contextlib
import itertools
import operator
import re
import subprocess

import pytest
from packaging.specifiers import InvalidSpecifier, SpecifierSet
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
    "~=2.1": "(x >= 2.1 with x < 3~~)",
    "~=2.1.3": "(x >= 2.1.3 with x < 2.2~~)",
    "==1.*": "(x >= 1~~ with x < 2~~)",
    "==1.4.*": "(x >= 1.4~~ with x < 1.5~~)",
    "==1.4": "x = 1.4",
    "===1.4": "x = 1.4",
    "!=1.2": "(x < 1.2 or x > 1.2)",
    "!=1.*": "(x < 1~~ or x >= 2~~)",
    "<2": "x < 2~~",
    "<2rc1": "x < 2~rc1",
    "<=2": "x <= 2",
    ">2": "x > 2.0",
    ">2.post1": "x > 2^post1",
    ">2rc1": "x > 2~rc1.0",
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


RELEASES = ("1", "1.0", "1.2", "1.2.3", "2", "2.4.8", "0", "1.10", "2!1.0")
OTHER_RELEASES = ("0.9", "1.1", "1.3", "1.2.0", "1.2.4", "2.1", "2.4.7", "2.4.9", "3", "1.11", "1.9")
SUFFIXES = ("", "a1", "b2", "rc1", ".dev1", ".post1", "rc1.post1", "rc1.dev2", ".post1.dev2")
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "~=")
SPECIFIERS = (
    *(f"{sign}{release}{suffix}" for release in RELEASES for suffix in SUFFIXES for sign in OPERATORS),
    *(f"{sign}{release}.*" for release in RELEASES for sign in ("==", "!=")),
    *(">=1,<2", ">=1.2,!=1.2.3,<2.4.8", "~=1.2.3,!=1.2.4", ">=1.2rc1,<1.3", "!=1.*,>0.9"),
)
CANDIDATES = tuple(f"{release}{suffix}" for release in (*RELEASES, *OTHER_RELEASES) for suffix in SUFFIXES)


def specifier_sets() -> list[SpecifierSet]:
    """Return what PEP 440 has of `SPECIFIERS`: not `~=1`."""
    found = []
    for text in SPECIFIERS:
        with contextlib.suppress(InvalidSpecifier):
            found.append(SpecifierSet(text))
    return found


def ranks(versions: set[str]) -> dict[str, tuple[int, int]]:
    """Order versions as rpm does: equal ones have the same rank, behind their epoch."""
    bare = sorted({one.rpartition(":")[2] for one in versions})
    listed = ", ".join(f'"{one}"' for one in bare)
    program = f"""local all = {{{listed}}}
        table.sort(all, function(a, b) return rpm.vercmp(a, b) < 0 end)
        local rank = 0
        for i, one in ipairs(all) do
            if i > 1 and rpm.vercmp(all[i - 1], one) ~= 0 then rank = rank + 1 end
            print(one .. " " .. rank .. " ")
        end"""
    done = subprocess.run(("rpm", "--eval", f"%{{lua: {program}}}"), capture_output=True, text=True, check=True)
    words = done.stdout.split()
    rank = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    return {one: (int(one.rpartition(":")[0] or 0), rank[one.rpartition(":")[2]]) for one in versions}


def terms(dependency: str) -> list[tuple[str, str]]:
    """Return operator and version of each simple dependency in a rich one."""
    return re.findall(r"x (<=|>=|=|<|>) ([^\s()]+)", dependency)


def is_satisfied(dependency: str, version: str, rank: dict[str, tuple[int, int]]) -> bool:
    """Whether rpm takes a version for a dependency."""
    holds = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "=": operator.eq}
    text = dependency.replace(" with ", " and ")
    for sign, bound in terms(dependency):
        text = text.replace(f"x {sign} {bound}", str(holds[sign](rank[version], rank[bound])), 1)
    return _value(ast.parse(text, mode="eval").body)


def _value(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        values = map(_value, node.values)
        return all(values) if isinstance(node.op, ast.And) else any(values)
    assert isinstance(node, ast.Constant)
    return bool(node.value)


@pytest.mark.system
def test_dependency_is_satisfied_by_the_versions_that_the_specifiers_contain() -> None:
    """As packaging says, pre-releases included, in rpm's own order."""
    dependencies = {str(one): (one, rpm_dependency("x", one)) for one in specifier_sets()}
    bounds = {bound for _, dependency in dependencies.values() for _, bound in terms(dependency)}
    rank = ranks(bounds | set(map(rpm_version, CANDIDATES)))
    wrong = [
        (text, candidate, dependency)
        for text, (specifiers, dependency) in dependencies.items()
        for candidate in CANDIDATES
        if specifiers.contains(candidate, prereleases=True) != is_satisfied(dependency, rpm_version(candidate), rank)
    ]
    assert wrong == []
    assert len(dependencies) * len(CANDIDATES) > 90_000
