# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a mirror's index says: the packages, and what vouches for the index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError

if TYPE_CHECKING:
    from pkgtools.model.package import Kind


_DIGEST = re.compile(r"[0-9a-f]{64}")
_SHOWN = 80
"""Characters of a wrong digest that a message has."""
_DIGITS = 19
_LARGEST = (1 << 63) - 1
"""Bytes; what a file may have by the kernel's counting, and a number in the store."""


class MirrorFault(PkgtoolsError):
    """A mirror doesn't have what it should, or something else than its index says."""

    def __init__(self, name: str, wrong: str, *, may_pass: bool = False) -> None:
        """Keep whether it is worth to ask again: `may_pass`."""
        super().__init__(f"{name}: {wrong}")
        self.may_pass = may_pass


class NotThere(MirrorFault):
    """A mirror has no file of a name."""

    def __init__(self, name: str) -> None:
        """Say so."""
        super().__init__(name, "the mirror has no such file")


def size_of(text: str) -> int | None:
    """Return a number of bytes as an index writes it; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorFile:
    """A file of a mirror, as an index above it describes it."""

    name: str
    """Its path below the mirror's top, without `..`."""
    size: int
    """In bytes."""
    digest: str
    """SHA-256, 64 hexadecimal digits in lower case."""

    def __post_init__(self) -> None:
        """Raise MirrorFault for a digest or a size that no file has: names of files are made of digests."""
        if not _DIGEST.fullmatch(self.digest):
            raise MirrorFault(self.name, f"{self.digest[:_SHOWN]!a} in the index isn't a SHA-256")
        if not 0 <= self.size <= _LARGEST:
            raise MirrorFault(self.name, "its size in the index is none that a file can have")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPackage:
    """A package as an index lists it."""

    name: str
    """As its package manager knows it."""
    version: str
    """As its package manager writes it: `1:2.3-4`."""
    architecture: str
    """As the index writes it: `amd64`, `all`, `noarch`."""
    kind: Kind
    """`DEB` or `RPM`."""
    file: MirrorFile
    """Where it is, its size and digest."""
    matters: bool
    """It holds something of Python's, or that isn't known."""

    def __post_init__(self) -> None:
        """Raise MirrorFault for a name, version or architecture that isn't one line of text."""
        for what in ("name", "version", "architecture"):
            text = str(getattr(self, what))
            if not text.isprintable():
                raise MirrorFault(self.file.name, f"its {what} in the index is {text[:_SHOWN]!a}: not one line of text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveIndex:
    """The index of a suite or of a repository of RPM packages."""

    digest: str
    """SHA-256 of its top file, in which the digests of all others are."""
    date: str
    """When it was made, as it says: ISO 8601, UTC."""
    signed_by: str
    """Fingerprint of the key that vouches for it; empty where nothing does."""
    notes: tuple[str, ...] = ()
    """What a reader has to know of it: that it has expired, that another suite is named in it."""
