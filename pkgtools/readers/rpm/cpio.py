# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A cpio archive as a stream of members (cpio(5), new ASCII format), and rpm's stripped kind without names.

A stripped member has nothing but its number in the header's list of files; how long it is the header knows.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from pkgtools.readers.unreadable import MOST_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PLAIN = (b"070701", b"070702")
_STRIPPED = b"07070X"
_TRAILER = b"TRAILER!!!"
_FIELDS = 13
_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]+")
_LONGEST_NAME = 4097
_CHUNK = 1 << 18


class BrokenArchive(Exception):
    """An archive that isn't one, or ends too early; its text says where, in bytes of the unpacked archive."""


class CpioMember:
    """A member, and its content while it is the current one."""

    def __init__(self, archive: _Archive, size: int, *, name: bytes = b"", number: int | None = None) -> None:
        """Keep what its header says."""
        self.name = name
        """Its path, without the NUL; empty in a stripped one."""
        self.number = number
        """Of a stripped one: its place in the header's list of files."""
        self.size = size
        """Bytes of its content."""
        self._archive = archive
        self._left = size

    def read(self, size: int, /) -> bytes:
        """Return the next bytes of the content, `size` of them unless it ends; BrokenArchive if the archive does."""
        wanted = min(size, self._left)
        self._left -= wanted
        return self._archive.take(wanted)

    def skip(self) -> None:
        """Read on to the next member."""
        while self._left:
            self.read(_CHUNK)
        self._archive.align()


class _Archive:
    """A stream that knows where it is and fails when it ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.position = 0

    def take(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.position += len(content)
        if len(content) != size:
            raise self.broken("it ends too early")
        return content

    def align(self) -> None:
        self.take(-self.position % 4)

    def number(self, digits: bytes) -> int:
        if not _HEXADECIMAL.fullmatch(digits):
            raise self.broken("there is no number in a member's header")
        return int(digits, 16)

    def broken(self, wrong: str) -> BrokenArchive:
        return BrokenArchive(f"at byte {self.position} of the unpacked payload: {wrong}")


def read_members(stream: IO[bytes], size_of: Callable[[int], int]) -> Iterator[CpioMember]:
    """Yield each member before the trailer; whatever the caller leaves of its content is skipped.

    `size_of` returns the bytes that follow a stripped member's header; it may raise IndexError. Raises BrokenArchive,
    and what reading from the stream does.
    """
    archive = _Archive(stream)
    for _ in range(MOST_ENTRIES + 1):
        member = _read_header(archive, size_of)
        if member.name == _TRAILER:
            return
        yield member
        member.skip()
    raise archive.broken("there are too many members")


def _read_header(archive: _Archive, size_of: Callable[[int], int]) -> CpioMember:
    magic = archive.take(len(_STRIPPED))
    if magic == _STRIPPED:
        number = archive.number(archive.take(8))
        archive.align()
        try:
            return CpioMember(archive, size_of(number), number=number)
        except IndexError:
            raise archive.broken(f"a member is file {number} of the header, which has fewer") from None
    if magic not in _PLAIN:
        raise archive.broken("a member of a cpio archive should begin here")
    digits = archive.take(_FIELDS * 8)
    fields = [archive.number(digits[start : start + 8]) for start in range(0, len(digits), 8)]
    length = fields[11]
    if not 1 <= length <= _LONGEST_NAME:
        raise archive.broken(f"a member's name can't have {length} bytes")
    name = archive.take(length)
    if not name.endswith(b"\0"):
        raise archive.broken("a member's name has no end")
    archive.align()
    return CpioMember(archive, fields[6], name=name.partition(b"\0")[0])
