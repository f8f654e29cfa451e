# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the versions of Python that dependencies ask for, as a manifest writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Bound = tuple[str, tuple[int, int]]
"""`>=` or `<`, and a version."""

_VERSION = re.compile(r"(\d+)\.(\d+)")
_ON_PYTHON = re.compile(r"python3(?:-minimal)?(?::any)? ?\(?(<<|<=|<|>=|>>|>|=) ?(3\.\d{1,3})[^\s()]*\)?")
_ON_ABI = re.compile(r"python\(abi\) = (3\.\d{1,3})")
_ON_ONE = re.compile(r"(?:/usr/bin/)?python(3\.\d{1,3})(?:-minimal)?(?::any)?")


def range_of_dependencies(dependencies: Iterable[str]) -> str:
    """Return the range of versions that dependencies of a deb or rpm package ask for; empty if they don't.

    >>> range_of_dependencies(["python3 (>= 3.9~)", "python3 (<< 3.13)"])
    '3.9-3.13'
    """
    return _range(bound for one in dependencies for bound in _bounds(one))


def range_of_requirement(text: str) -> str:
    """Return the range that a requires-python stands for where it is a simple one, else nothing.

    >>> range_of_requirement(">=3.9,<4")
    '3.9-4.0'
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - 15 ms, which no package costs

    try:
        specifiers = list(SpecifierSet(text))
    except InvalidSpecifier:
        return ""
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
            bounds.append(("<", _above(version) if one.version.count(".") > 1 else (version[0] + 1, 0)))
        elif one.operator == "==" and one.version.count(".") > 1:
            bounds.append(("<", _above(version)))
    return _range(bounds)


def exact(versions: str) -> bool:
    """Whether a range is one version."""
    return _VERSION.fullmatch(versions) is not None


def _bounds(dependency: str) -> Iterator[Bound]:
    if found := _ON_PYTHON.fullmatch(dependency):
        version = _version(found[2])
        match found[1]:
            case ">=" | ">" | ">>":
                yield ">=", version
            case "<" | "<<":
                yield "<", version
            case "<=":
                yield "<", _above(version)
            case _:
                yield from ((">=", version), ("<", _above(version)))
    elif found := _ON_ABI.fullmatch(dependency) or _ON_ONE.fullmatch(dependency):
        version = _version(found[1])
        yield from ((">=", version), ("<", _above(version)))


def _range(bounds: Iterable[Bound]) -> str:
    least, below = (0, 0), (1 << 30, 0)
    for sign, version in bounds:
        if sign == ">=":
            least = max(least, version)
        else:
            below = min(below, version)
    if below <= least:
        return ""
    if below == _above(least):
        return f"{least[0]}.{least[1]}"
    first = f"{least[0]}.{least[1]}" if least > (0, 0) else ""
    last = f"{below[0]}.{below[1]}" if below < (1 << 30, 0) else ""
    return f"{first}-{last}" if first or last else ""


def _version(text: str) -> tuple[int, int]:
    major, minor = text.split(".")
    return int(major), int(minor)


def _above(version: tuple[int, int]) -> tuple[int, int]:
    return version[0], version[1] + 1
