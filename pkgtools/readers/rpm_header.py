# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The values of an RPM header, each in one shape, whether rpmfile or rpm's own module takes them apart."""

from __future__ import annotations

import io
import struct
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from pkgtools.runtime.errors import EnvironmentFault

from .errors import UnreadablePackage
from .rpm_frame import BINARY_TYPE, LEAD_SIZE, MAGIC, NUMBER_TYPES, TEXT_TYPES
from .rpm_tags import SIGNATURE_MD5, Tag

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from .rpm_frame import Block, Entry

_IN_HEADER = {int(tag): int(tag) for tag in Tag if tag >= Tag.NAME}
_IN_SIGNATURE = {int(tag): int(tag) for tag in Tag if tag < Tag.NAME} | {SIGNATURE_MD5: int(Tag.SIGMD5)}
_FORMATS = {1: "B", 2: "B", 3: "H", 4: "I", 5: "Q"}


class Values(Protocol):
    """The port: whatever takes a header apart."""

    def get(self, tag: int) -> object:
        """Return the value of a tag that the header has, in whatever shape."""


class Header:
    """The values of a header; a tag that it hasn't has no values."""

    def __init__(self, entries: Mapping[int, Entry], values: Values, path: Path) -> None:
        """Keep the index by tag, and what knows the values."""
        self._entries = entries
        self._values = values
        self._path = path

    def __contains__(self, tag: Tag) -> bool:
        return tag in self._entries

    def numbers(self, tag: Tag) -> Sequence[int]:
        """Return the values of a tag that has whole numbers. Raises UnreadablePackage."""
        values = self._take(tag, NUMBER_TYPES)
        return [one for one in values if isinstance(one, int)]

    def texts(self, tag: Tag) -> Sequence[str]:
        """Return the values of a tag that has strings; surrogates for what is no UTF-8. Raises UnreadablePackage."""
        values = self._take(tag, TEXT_TYPES)
        return [_text(one) for one in values if isinstance(one, (str, bytes))]

    def text(self, tag: Tag) -> str:
        """Return the first or only string of a tag; empty if there is none. Raises UnreadablePackage."""
        return next(iter(self.texts(tag)), "")

    def data(self, tag: Tag) -> bytes:
        """Return the bytes of a tag; empty if there are none. Raises UnreadablePackage."""
        values = self._take(tag, {BINARY_TYPE})
        return b"".join(one for one in values if isinstance(one, bytes))

    def _take(self, tag: Tag, types: Collection[int]) -> Sequence[object]:
        entry = self._entries.get(tag)
        if entry is None:
            return []
        if entry.type not in types:
            raise UnreadablePackage(self._path, f"the tag {tag.name} can't have the type {entry.type}", entry.position)
        value = self._values.get(tag)
        return value if isinstance(value, (list, tuple)) else [value]


def open_header(block: Block, path: Path) -> Header:
    """Take apart the header of a package. Raises UnreadablePackage, and EnvironmentFault if nothing here can."""
    return _open(block, _IN_HEADER, path)


def open_signature(block: Block, path: Path) -> Header:
    """Take apart the signature header of a package. Raises as `open_header`."""
    return _open(block, _IN_SIGNATURE, path)


def _open(block: Block, wanted: Mapping[int, int], path: Path) -> Header:
    blob = block.select(wanted)
    entries = {wanted[tag]: entry for tag, entry in block.entries.items() if tag in wanted}
    if not entries:
        return Header(entries, _RpmValues({}), path)  # rpm refuses a header without tags
    values = _by_rpmfile(blob, block, entries) or _by_rpm(blob, path)
    if values is None:
        hint = "install python3-rpm, or rpmfile by pip"
        raise EnvironmentFault(f"{path}: to read it takes the module rpm or the module rpmfile: {hint}")
    return Header(entries, values, path)


class _RpmfileValues:
    """What rpmfile makes of a header: no 64-bit numbers, no bytes; arrays of one as the one."""

    def __init__(self, values: Mapping[object, object], names: Mapping[int, str], wide: Mapping[int, object]) -> None:
        self._values = values
        self._names = names
        self._wide = wide

    def get(self, tag: int) -> object:
        return self._wide[tag] if tag in self._wide else self._values[self._names.get(tag, tag)]


def _by_rpmfile(blob: bytes, block: Block, entries: Mapping[int, Entry]) -> Values | None:
    try:
        import rpmfile  # noqa: PLC0415 - Debian has no package of it, and all else works without
        from rpmfile.headers import rtags  # noqa: PLC0415 - as above
    except ImportError:
        return None
    nothing = MAGIC + bytes(8)
    parsed = rpmfile.RPMFile(fileobj=io.BytesIO(bytes(LEAD_SIZE) + nothing + MAGIC + blob)).headers
    unknown = {tag: _numbers(entry, block) for tag, entry in entries.items() if entry.type in {1, 2, 5}}
    return _RpmfileValues(parsed, rtags, unknown)


def _numbers(entry: Entry, block: Block) -> list[int]:
    return list(struct.unpack_from(f">{entry.items}{_FORMATS[entry.type]}", block.store, entry.offset))


class _RpmValues:
    """What rpm's own module makes of a header."""

    def __init__(self, header: Mapping[int, object]) -> None:
        self._header = header

    def get(self, tag: int) -> object:
        return self._header[tag]


def _by_rpm(blob: bytes, path: Path) -> Values | None:
    try:
        rpm = import_module("rpm")  # only the distribution's interpreter has it: nothing to check types with
    except ImportError:
        return None
    try:
        return _RpmValues(rpm.hdr(blob))
    except rpm.error as error:
        raise UnreadablePackage(path, "rpm refuses its header") from error


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
