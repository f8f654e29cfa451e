# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The values of an RPM header, each in one shape. Alone imports rpmfile, which takes the header apart."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import rpmfile
from rpmfile.headers import rtags

from pkgtools.readers.unreadable import UnreadablePackage

from .frame import BINARY_TYPE, LEAD_SIZE, MAGIC, NUMBER_TYPES, TEXT_TYPES
from .tags import SIGNATURE_NUMBERS, Tag

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from .frame import Block, IndexEntry

_NUMBERS_LACKING = {1: "B", 2: "B", 5: "Q"}
"""Types of which rpmfile returns a text, "could not extract": characters, and numbers of 8 and 64 bits."""
_MOST_COPIED = 2 << 30
"""Bytes. For each tag rpmfile copies what follows its value: 80 tags and 10 MiB come to 0.8 GiB."""


class RpmHeader:
    """The values of a header; a tag that it hasn't has no values."""

    def __init__(self, block: Block, path: Path, numbers: Mapping[Tag, int] | None = None) -> None:
        """Let rpmfile take a header apart that was checked; some tags may have other `numbers` in it.

        Raises UnreadablePackage for one that it would take too long to.
        """
        self._block = block
        self._path = path
        self._numbers = numbers or {}
        if len(block.entries) * len(block.store) > _MOST_COPIED:
            text = f"a header can't have {len(block.entries)} tags and {len(block.store)} bytes of values"
            raise UnreadablePackage(path, text)
        parts = (bytes(LEAD_SIZE), MAGIC, bytes(8), MAGIC, block.raw)  # a lead, a signature header without tags
        self._values = rpmfile.RPMFile(fileobj=io.BytesIO(b"".join(parts))).headers

    def __contains__(self, tag: Tag) -> bool:
        return self._number(tag) in self._block.entries

    def _number(self, tag: Tag) -> int:
        return self._numbers.get(tag, tag)

    def numbers(self, tag: Tag) -> Sequence[int]:
        """Return the values of a tag that has whole numbers. Raises UnreadablePackage."""
        values = self._take(tag, NUMBER_TYPES)
        return [one for one in values if isinstance(one, int)]

    def texts(self, tag: Tag) -> Sequence[str]:
        """Return the values of a tag that has strings; surrogates for what isn't UTF-8. Raises UnreadablePackage."""
        values = self._take(tag, TEXT_TYPES)
        return [one.decode("utf-8", "surrogateescape") for one in values if isinstance(one, bytes)]

    def text(self, tag: Tag) -> str:
        """Return the first or only string of a tag; empty if there is none. Raises UnreadablePackage."""
        return next(iter(self.texts(tag)), "")

    def data(self, tag: Tag) -> bytes:
        """Return the bytes of a tag; empty if there are none. Raises UnreadablePackage."""
        values = self._take(tag, {BINARY_TYPE})
        return b"".join(one for one in values if isinstance(one, bytes))

    def _take(self, tag: Tag, types: Collection[int]) -> Sequence[object]:
        number = self._number(tag)
        entry = self._block.entries.get(number)
        if entry is None:
            return []
        if entry.type not in types:
            raise UnreadablePackage(self._path, f"the tag {tag.name} can't have the type {entry.type}", entry.position)
        if entry.type in _NUMBERS_LACKING:
            return _unpacked(entry, self._block)
        value = self._values[rtags.get(number, number)]
        return value if isinstance(value, (list, tuple)) else [value]  # of one value rpmfile makes no sequence


def open_header(block: Block, path: Path) -> RpmHeader:
    """Take apart the header of a package. Raises UnreadablePackage."""
    return RpmHeader(block, path)


def open_signature(block: Block, path: Path) -> RpmHeader:
    """Take apart the signature header of a package. Raises UnreadablePackage."""
    return RpmHeader(block, path, SIGNATURE_NUMBERS)


def _unpacked(entry: IndexEntry, block: Block) -> tuple[int, ...]:
    return struct.unpack_from(f">{entry.items}{_NUMBERS_LACKING[entry.type]}", block.store, entry.offset)
