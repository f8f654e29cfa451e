# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The frame of a .rpm: lead, signature header, header (rpm-package(7)); checked before anybody parses it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, NamedTuple

from pkgtools.readers.unreadable import MOST_ENTRIES, UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAGIC = b"\x8e\xad\xe8\x01\0\0\0\0"
"""What a header in a file begins with; one in a database does not."""
LEAD_SIZE = 96
_LEAD = b"\xed\xab\xee\xdb"
_MOST_INDEXED = 0xFFFF
_LARGEST_STORE = 32 << 20

NUMBER_TYPES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8}
"""Type of whole numbers -> bytes of each."""
TEXT_TYPES = frozenset({6, 8, 9})
"""A string, an array of strings, a string in several languages; each string ends with a NUL."""
BINARY_TYPE = 7
_INDEX_ENTRY = struct.Struct(">IIII")
_COUNTS = struct.Struct(">II")


class IndexEntry(NamedTuple):
    """An entry of a header's index."""

    tag: int
    """The number that says what the value means, as RPMTAG_NAME is 1000."""
    type: int
    """The number of the value's type: see NUMBER_TYPES, TEXT_TYPES and BINARY_TYPE."""
    offset: int
    """Of its value in the store, bytes."""
    items: int
    """Its numbers, strings or bytes: how many there are."""
    end: int
    """Where its value ends at the latest: the offset of the next one, or the size of the store."""
    position: int
    """Where the entry stands in the file, bytes from its start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A header whose index and store have been checked."""

    raw: bytes
    """Numbers of entries and bytes, index, store; without the magic number."""
    entries: Mapping[int, IndexEntry]
    """By tag."""
    end: int
    """Where it ends in the file, bytes from its start."""

    @property
    def store(self) -> memoryview:
        """The values."""
        (entries, _) = _COUNTS.unpack_from(self.raw)
        return memoryview(self.raw)[_COUNTS.size + entries * _INDEX_ENTRY.size :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The parts of a .rpm."""

    signature: Block
    """The signature header, with digests and signatures of the rest."""
    header: Block
    """The header that describes the package."""
    size: int
    """Of the file, bytes; its payload begins where the header ends."""


def read_frame(stream: IO[bytes], size: int, path: Path) -> Frame:
    """Read a package of `size` bytes up to its payload. Raises UnreadablePackage, and OSError as the stream does."""
    lead = stream.read(LEAD_SIZE)
    if lead[:4] != _LEAD:
        raise UnreadablePackage(path, "not an RPM package", 0)
    if len(lead) != LEAD_SIZE:
        raise UnreadablePackage(path, "it ends within its lead", len(lead))
    signature = _read_block(stream, LEAD_SIZE, size, path)
    padding = -signature.end % 8
    if len(stream.read(padding)) != padding:
        raise UnreadablePackage(path, "it ends after its signature", size)
    header = _read_block(stream, signature.end + padding, size, path)
    return Frame(signature=signature, header=header, size=size)


def _read_block(stream: IO[bytes], start: int, size: int, path: Path) -> Block:
    intro = stream.read(len(MAGIC) + _COUNTS.size)
    if len(intro) != len(MAGIC) + _COUNTS.size:
        raise UnreadablePackage(path, "it ends where a header should be", start)
    if not intro.startswith(MAGIC):
        raise UnreadablePackage(path, "there is no header", start)
    counts = intro[len(MAGIC) :]
    rest = _size_of(counts, start + len(MAGIC), size - start - len(intro), path)
    raw = counts + stream.read(rest)
    if len(raw) != len(counts) + rest:
        raise UnreadablePackage(path, "it became shorter while it was read", start)
    return _check(raw, start + len(MAGIC), path)


def check_block(raw: bytes, path: Path) -> Block:
    """Check a header as a database has it: without the magic number. Raises UnreadablePackage."""
    if len(raw) < _COUNTS.size or _size_of(raw, 0, len(raw) - _COUNTS.size, path) != len(raw) - _COUNTS.size:
        raise UnreadablePackage(path, "a header is shorter or longer than it says", 0)
    return _check(raw, 0, path)


def _size_of(counts: bytes, position: int, available: int, path: Path) -> int:
    """Return the bytes of index and store, after a look at whether there can be so many."""
    entries, store = _COUNTS.unpack_from(counts)
    if not 0 < entries <= _MOST_INDEXED:
        raise UnreadablePackage(path, f"a header can't have {entries} tags", position)
    if not 0 < store <= _LARGEST_STORE:
        raise UnreadablePackage(path, f"a header can't have {store} bytes of values", position + 4)
    rest = int(entries * _INDEX_ENTRY.size + store)
    if rest > available:
        raise UnreadablePackage(path, f"it ends within a header, {rest - available} bytes too early", position)
    return rest


def _check(raw: bytes, start: int, path: Path) -> Block:
    count, size = _COUNTS.unpack_from(raw)
    first = _COUNTS.size
    index = [_INDEX_ENTRY.unpack_from(raw, first + number * _INDEX_ENTRY.size) for number in range(count)]
    base = first + count * _INDEX_ENTRY.size
    entries: dict[int, IndexEntry] = {}
    end = size
    for number in sorted(range(count), key=lambda one: index[one][2], reverse=True):
        tag, kind, offset, values = index[number]
        position = start + first + number * _INDEX_ENTRY.size
        entry = IndexEntry(tag, kind, offset, values, end, position)
        wrong = _wrong(entry, raw, base) or ("is there twice" if tag in entries else "")
        if wrong:
            raise UnreadablePackage(path, f"the tag {tag} of a header {wrong}", position)
        entries[tag] = entry
        end = offset
    return Block(raw=raw, entries=entries, end=start + len(raw))


def _wrong(entry: IndexEntry, raw: bytes, base: int) -> str:
    """Say what is wrong with an entry, if anything is; values begin at `base`."""
    if entry.offset >= entry.end:
        return "has its value outside, or where another one is"
    if entry.items == 0:
        return "has no values"
    if entry.type in TEXT_TYPES:
        if entry.items > (1 if entry.type == 6 else MOST_ENTRIES):
            return f"can't have {entry.items} strings"
        found = raw.count(b"\0", base + entry.offset, base + entry.end)
        return "" if found >= entry.items else f"has {found} strings, not {entry.items}"
    width = 1 if entry.type == BINARY_TYPE else NUMBER_TYPES.get(entry.type, 0)
    if width == 0:
        return f"has the type {entry.type}, which is unknown"
    if entry.offset % width:
        return "has its numbers at an odd place"
    if entry.type != BINARY_TYPE and entry.items > MOST_ENTRIES:
        return f"can't have {entry.items} numbers"
    return "" if entry.offset + width * entry.items <= entry.end else f"has room for fewer than {entry.items} values"
