# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a pyc's header says (PEP 552), and whether its source is the one that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pkgtools.model.package import PycFacts, SourceFacts
from pkgtools.runtime.compile.pyc import HEADER_SIZE, Recipe, header, header_size
from pkgtools.runtime.facts import FileState, InvalidationMode
from pkgtools.runtime.pythons import version_of_magic

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.model.package import File

_MODES = {0: InvalidationMode.TIMESTAMP, 1: InvalidationMode.UNCHECKED_HASH, 3: InvalidationMode.CHECKED_HASH}
_FIRST_WITH_FLAGS = (3, 7)
_FIRST_WITH_SIZE = (3, 3)
_SHORTEST = 8
"""Bytes of a header of magic number and time, as Python 2 writes it."""
_FIRST_WITH_OUR_HASH = (3, 11)
"""The versions before it compute hashes by SipHash-2-4, this one and all since by SipHash-1-3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PycHeader:
    """A whole header."""

    version: tuple[int, int]
    """Major and minor of the Python that its magic number stands for."""
    magic: bytes
    """The first 4 bytes."""
    mode: InvalidationMode
    """How import finds out that the pyc is stale; by time stamp in all headers before 3.7."""
    rest: bytes
    """Eight bytes: time and size of the source, or its hash."""


class Staleness(Enum):
    """In what a source is another than the one that a pyc was made of."""

    TIME = "time"
    SIZE = "size"
    HASH = "hash"
    UNCHECKED = "unchecked"
    """In its content, and import doesn't look."""


def header_size_of(pyc: PycFacts) -> int:
    """Return the bytes of a pyc's header, by its magic number."""
    return header_size_at(pyc.header)


def header_size_at(start: bytes) -> int:
    """Return the bytes of the header of a pyc that begins like this."""
    version = version_of_magic(start[:4]) or _FIRST_WITH_FLAGS
    return header_size(version) if version >= _FIRST_WITH_SIZE else _SHORTEST


def header_of(pyc: PycFacts) -> PycHeader | None:
    """Take a header apart; None if it is too short, has unknown flags, or is of a version unknown or before 3.3."""
    found, version = pyc.header, version_of_magic(pyc.header[:4])
    if version is None or version < _FIRST_WITH_SIZE or len(found) < HEADER_SIZE:
        return None
    if version < _FIRST_WITH_FLAGS:
        return PycHeader(version=version, magic=found[:4], mode=InvalidationMode.TIMESTAMP, rest=found[4:12])
    mode = _MODES.get(int.from_bytes(found[4:8], "little"))
    return None if mode is None else PycHeader(version=version, magic=found[:4], mode=mode, rest=found[8:16])


def time_in(pyc: PycFacts) -> int | None:
    """Return the time of the source that a pyc was made of (seconds since the epoch), if its header has one."""
    read = header_of(pyc)
    if read is None or read.mode is not InvalidationMode.TIMESTAMP:
        return None
    return int.from_bytes(read.rest[:4], "little")


def magics_of_hashes(files: Iterable[File]) -> frozenset[bytes]:
    """Return the magic numbers of hash-based pycs whose hashes we can compute: a source's hash depends on them."""
    headers = (header_of(file.facts) for file in files if isinstance(file.facts, PycFacts))
    return frozenset(
        one.magic
        for one in headers
        if one and one.mode is not InvalidationMode.TIMESTAMP and one.version >= _FIRST_WITH_OUR_HASH
    )


def staleness(pyc: PycFacts, source: File) -> Staleness | None:
    """Compare a pyc's header with its source; None if they fit, or if it is unknown."""
    read = header_of(pyc)
    if read is None or not source.is_regular:
        return None
    if read.mode is InvalidationMode.TIMESTAMP:
        wanted = header(Recipe(read.magic, read.version, read.mode), _state(source))[-8:]
        if wanted == read.rest:
            return None
        return Staleness.SIZE if wanted[4:] != read.rest[4:] else Staleness.TIME
    known = dict(source.facts.hashes).get(read.magic) if isinstance(source.facts, SourceFacts) else None
    if known is None or known == read.rest:
        return None
    return Staleness.HASH if read.mode is InvalidationMode.CHECKED_HASH else Staleness.UNCHECKED


def _state(file: File) -> FileState:
    return FileState(file.mode, file.uid or 0, file.gid or 0, file.size, file.mtime_ns, 0, (0, 0))
