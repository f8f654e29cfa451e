# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a mirror's index says: the packages, and what vouches for the index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError

if TYPE_CHECKING:
    from pkgtools.model.package import Kind


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorFile:
    """A file of a mirror, as an index above it describes it."""

    name: str
    """Its path below the mirror's top, without `..`."""
    size: int
    """In bytes."""
    digest: str
    """SHA-256, 64 hexadecimal digits in lower case."""


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
