# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the one type for ranges of Python versions; others read their own notations into it."""

from __future__ import annotations

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.lean import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.pythons import PythonVersion

_DIGITS = 9
"""In a part of a version, at most."""


class VersionRange(NamedTuple):
    """Versions from `least` on and below `below`; `X.Y` alone is that version only (py3compile(1), -V)."""

    least: PythonVersion | None = None
    """The lowest; None: any."""
    below: PythonVersion | None = None
    """All are below it; None: no end."""
    exact: bool = False
    """`least` is the only one."""

    @classmethod
    def between(cls, least: PythonVersion | None, below: PythonVersion | None) -> VersionRange:
        """Return the versions from one on and below another; two that are the same stand for this version."""
        return cls(least, None, exact=True) if least is not None and least == below else cls(least, below)

    @classmethod
    def only(cls, version: PythonVersion) -> VersionRange:
        """Return the range of one version."""
        return cls(version, None, exact=True)

    def __contains__(self, version: object) -> bool:
        """Whether the version, a pair of integers, is in the range."""
        if not isinstance(version, tuple):
            return False
        if self.exact:
            return version == self.least
        return (self.least is None or version >= self.least) and (self.below is None or version < self.below)

    def __str__(self) -> str:
        if self.exact and self.least:
            return version_text(self.least)
        return f"{version_text(self.least) if self.least else ''}-{version_text(self.below) if self.below else ''}"

    @property
    def asked(self) -> str:
        """Return the text of a range that leaves something out; empty for one that doesn't."""
        return "" if self == ANY_VERSION else str(self)


ANY_VERSION = VersionRange()


def version_text(version: PythonVersion) -> str:
    """Write a version, as `3.11`."""
    return f"{version[0]}.{version[1]}"


def parse_version(text: str) -> PythonVersion:
    """Read a version such as `3.11`. Raises ValueError."""
    major, minor = text.split(".")
    return int(major), int(minor)


def next_version(version: PythonVersion) -> PythonVersion:
    """Return the minor version after one."""
    return version[0], version[1] + 1


def is_version_range(text: str) -> bool:
    """Whether a text has the form of a range that names a version."""
    first, _, second = text.partition("-")
    return bool(first or second) and all(_is_version(part) for part in (first, second) if part)


def parse_version_range(text: str) -> VersionRange:
    """Read `3.11`, `3.9-`, `-3.12`, `3.9-3.12`, `-` or nothing.

    Raises UsageError for anything else.
    """
    if text in {"", "-"}:
        return ANY_VERSION
    first, dash, second = text.partition("-")
    if not is_version_range(text):
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        raise UsageError(f"version range {shown!r}: write 3.11, 3.9-, -3.12 or 3.9-3.12")
    least = parse_version(first) if first else None
    below = parse_version(second) if second else None
    if least is not None and not dash:
        return VersionRange.only(least)
    if least is not None and below is not None and below < least:
        raise UsageError(f"version range {text!r}: {second} is below {first}")
    return VersionRange(least, below)


def _is_version(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) <= _DIGITS for part in parts)
