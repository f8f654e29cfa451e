# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: .PKGINFO, in which apk's and pacman's packages say what they are (apk-v2(5), alpm-pkginfo(5))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.readers.unreadable import UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PKGINFO = ".PKGINFO"
"""The file's name in the archive."""
LARGEST = 1 << 20
"""Bytes of it, or of a script, that is read."""
_SINGLE = ("pkgname", "pkgver", "datahash")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageInformation:
    """The fields of a package."""

    fields: Mapping[str, tuple[str, ...]]
    """The values by their keys, in the order of the lines."""

    def value(self, key: str) -> str:
        """Return the first value of a key; empty if there is none."""
        return next(iter(self.values(key)), "")

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of a key."""
        return self.fields.get(key, ())

    @property
    def built(self) -> int | None:
        """The time of the build, which is SOURCE_DATE_EPOCH where that was set; seconds since the epoch."""
        text = self.value("builddate")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def parse_pkginfo(content: bytes, path: Path) -> PackageInformation:
    """Read a package's .PKGINFO; lines that are neither comment nor `key = value` are left out.

    Raises UnreadablePackage where name or version are missing, or there are two of what must be one.
    """
    found: dict[str, list[str]] = {}
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        key, is_field, value = line.partition(" = ")
        if is_field and not line.startswith("#"):
            found.setdefault(key, []).append(value.strip())
    for key in _SINGLE:
        if len(found.get(key, ())) > 1:
            raise UnreadablePackage(path, f"its {PKGINFO} has more than one {key}")
    if not (any(found.get("pkgname", ())) and any(found.get("pkgver", ()))):
        raise UnreadablePackage(path, f"its {PKGINFO} has no pkgname or no pkgver")
    return PackageInformation(fields={key: tuple(values) for key, values in found.items()})
