# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the versions of Python that dependencies and requires-python ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.runtime.policy.version_range import ANY_VERSION, VersionRange, next_version, parse_version
from pkgtools.runtime.pythons import CPYTHON_STEM, RPM_ABI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.pythons import PythonVersion

Bound = tuple[str, tuple[int, int]]
"""`>=` or `<`, and a version."""

_VERSION = re.compile(r"(\d{1,8})\.(\d{1,8})(?!\d)")
_ON_PYTHON = re.compile(
    rf"{CPYTHON_STEM}3?(?:-minimal)?(?::any)? ?\(?(<<|<=|<|>=|>>|>|=|~=?) ?(3\.\d{{1,3}})[^\s()]*\)?"
)
"""With apk's `~` the version may go on; Arch calls Python 3 `python`."""
_ON_ABI = re.compile(rf"{re.escape(RPM_ABI)} = (3\.\d{{1,3}})")
_ON_ONE = re.compile(rf"(?:/usr/bin/)?{CPYTHON_STEM}(3\.\d{{1,3}})(?:-minimal)?(?::any)?")


def range_of_dependencies(dependencies: Iterable[str]) -> VersionRange:
    """Return the range of versions that dependencies of a package of any kind ask for.

    >>> str(range_of_dependencies(["python3 (>= 3.9~)", "python3 (<< 3.13)"]))
    '3.9-3.13'
    >>> str(range_of_dependencies(["python>=3.13", "python<3.14"])), str(range_of_dependencies(["python3~3.12"]))
    ('3.13', '3.12')
    """
    return _range(bound for one in dependencies for bound in _bounds(one))


def range_of_requirement(text: str) -> VersionRange:
    """Return the range that a requires-python stands for where it is a simple one, else any.

    >>> str(range_of_requirement(">=3.9,<4"))
    '3.9-4.0'
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - 15 ms, which no package costs

    try:
        specifiers = list(SpecifierSet(text))
    except InvalidSpecifier:
        return ANY_VERSION
    bounds: list[Bound] = []
    for one in specifiers:
        found = _VERSION.match(one.version if "." in one.version else f"{one.version}.0")
        if found is None or one.operator not in {">=", "~=", "<", "=="}:
            continue
        version = int(found[1]), int(found[2])
        if one.operator != "<":
            bounds.append((">=", version))
        if one.operator == "<":
            bounds.append(("<", version))
        elif one.operator == "~=":
            bounds.append(("<", next_version(version) if one.version.count(".") > 1 else (version[0] + 1, 0)))
        elif one.operator == "==" and one.version.count(".") > 1:
            bounds.append(("<", next_version(version)))
    return _range(bounds)


def _bounds(dependency: str) -> Iterator[Bound]:
    if found := _ON_PYTHON.fullmatch(dependency):
        version = parse_version(found[2])
        match found[1]:
            case ">=" | ">" | ">>":
                yield ">=", version
            case "<" | "<<":
                yield "<", version
            case "<=":
                yield "<", next_version(version)
            case _:
                yield from ((">=", version), ("<", next_version(version)))
    elif found := _ON_ABI.fullmatch(dependency) or _ON_ONE.fullmatch(dependency):
        version = parse_version(found[1])
        yield from ((">=", version), ("<", next_version(version)))


def _range(bounds: Iterable[Bound]) -> VersionRange:
    """Return what all bounds leave; bounds that leave nothing say nothing."""
    least: PythonVersion | None = None
    below: PythonVersion | None = None
    for sign, version in bounds:
        if sign == ">=":
            least = max(least or version, version)
        else:
            below = min(below or version, version)
    if least and below and below <= least:
        return ANY_VERSION
    if least and below == next_version(least):
        return VersionRange.only(least)
    return VersionRange(least, below)
