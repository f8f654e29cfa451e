# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which Python versions there are for packages, and ranges of them as py3compile(1) and debian/control write them."""

from __future__ import annotations

import configparser
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.policy.version_range import VersionRange, is_version_range, parse_version_range

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ITEM = re.compile(r"(>=|<<)?\s*(\d{1,9}(?:\.\d{1,9})?)(?:\.\d+)*")


class Minor(NamedTuple):
    """A Python version as packages are made for it, such as 3.11."""

    major: int
    """The first number, as 3."""
    minor: int
    """The second number, as 11."""

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


class Dialect(Enum):
    """How a relation says that it isn't needed with another Python; all mean the same, as far as they can."""

    DEFAULT = "dh-python 5"
    """By the version of python3 (Debian 12): `aa | python3 (<< 3.8)`."""
    SUPPORTED = "dh-python 6"
    """By the range of all supported versions (Debian 13): `aa | python3-supported-max (<< 3.8)`."""
    SUPPORTED_FIRST = "dh-python 7"
    """The same, before the package where newer Pythons do without it: `python3-supported-min (>= 3.11) | aa`."""

    @property
    def floor(self) -> Minor:
        """Return the oldest Python that systems have: older ones make no relation."""
        return {Dialect.DEFAULT: Minor(3, 1), Dialect.SUPPORTED: Minor(3, 9)}.get(self, Minor(3, 11))

    @property
    def knows_stable_abi(self) -> bool:
        """Whether dh_python3 distinguishes the stable ABI from a module that names no version."""
        return self is Dialect.SUPPORTED_FIRST

    @property
    def stops_at_unmerged(self) -> bool:
        """Whether dh_python3 ends a build where files for two versions differ, or a module is called as build's are."""
        return self is Dialect.SUPPORTED_FIRST

    @property
    def oldest(self) -> Minor:
        """Return the oldest Python that markers are tried with: `>= "3.9"` is said even where 3.9 is the floor."""
        return self.floor if self is Dialect.DEFAULT else Minor(3, self.floor.minor - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pythons:
    """The versions that the distribution has."""

    default: Minor
    """/usr/bin/python3."""
    supported: tuple[Minor, ...]
    """All of them, ascending."""

    @property
    def dialect(self) -> Dialect:
        """Return what the distribution speaks, by the newest Python that it supports."""
        newest = self.supported[-1]
        if newest < (3, 12):
            return Dialect.DEFAULT
        return Dialect.SUPPORTED if newest < (3, 14) else Dialect.SUPPORTED_FIRST

    def among(self, versions: VersionRange) -> tuple[Minor, ...]:
        """Return those in a range, ascending."""
        return tuple(version for version in self.supported if version in versions)


def read_pythons(environment: Mapping[str, str], defaults: Path) -> Pythons:
    """Read DEBPYTHON3_DEFAULT and DEBPYTHON3_SUPPORTED or, where they aren't set, python3-minimal's debian_defaults.

    Raises EnvironmentFault where nothing says it, or says it wrongly.
    """
    default, supported = environment.get("DEBPYTHON3_DEFAULT", ""), environment.get("DEBPYTHON3_SUPPORTED", "")
    if not default or not supported:
        settings = configparser.ConfigParser()
        settings.read(defaults, encoding="utf-8")
        default = default or settings.get("DEFAULT", "default-version", fallback="")
        supported = supported or settings.get("DEFAULT", "supported-versions", fallback="")
    try:
        versions = sorted({parse_minor(text) for text in supported.split(",") if text.strip()})
        return Pythons(default=parse_minor(default), supported=tuple(versions))
    except ValueError as error:
        message = (
            f"the Python versions of this system can't be read: {error}: install python3-minimal, look at {defaults}"
        )
        raise EnvironmentFault(message) from error


def parse_minor(text: str) -> Minor:
    """Read `3.11` or `python3.11`. Raises ValueError."""
    major, _, minor = text.strip().removeprefix("python").partition(".")
    return Minor(int(major), int(minor))


def parse_field(text: str) -> VersionRange:
    """Read X-Python3-Version: `>= 3.9`, `>= 3.9, << 3.12`, `3.11`, several versions, or a range. Raises UsageError."""
    if is_version_range(text.strip()):
        return parse_version_range(text.strip())
    first = end = None
    listed: list[Minor] = []
    for item in filter(None, (item.strip() for item in text.split(","))):
        found = _ITEM.fullmatch(item)
        if not found:
            raise UsageError(f"{item!r} isn't a version or limit: write >= 3.9, << 3.12 or 3.11")
        version = parse_minor(found[2] if "." in found[2] else f"{found[2]}.0")
        if found[1] == ">=":
            first = version
        elif found[1] == "<<":
            end = version
        else:
            listed.append(version)
    if len(listed) == 1:
        return VersionRange.only(listed[0])
    if first and end and end < first:
        raise UsageError(f"{text!r}: {end} is below {first}")
    return VersionRange.between(first or min(listed, default=None), end)
