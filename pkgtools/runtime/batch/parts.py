# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The modules of each package, in a large file, and in a small one for what changed since that was written.

A file has an index with a line for each package, then a part for each, with a digest.
"""

from __future__ import annotations

import os
import struct

from pkgtools.runtime.errors import PkgtoolsError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.record import digest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAGIC = b"pkgtools modules 1\n"
_LENGTH = struct.Struct("<Q")
_DIGEST = 20
_EMPTY = b"\0\0"
"""A part of a package that has no modules, or none any more."""
_LARGEST_CHANGES = 1 << 17
"""Bytes of the small file with which the next batch joins the two."""
_HEAD = len(_MAGIC) + _DIGEST + _LENGTH.size


class Part(NamedTuple):
    """What one package brought, or what was found in one registered directory."""

    sources: tuple[InstalledPath, ...] = ()
    """Its modules, wherever they are, diversions applied."""
    drop_ins: tuple[InstalledPath, ...] = ()
    """The drop-in files that it ships."""


class UnreadableParts(PkgtoolsError):
    """The file is damaged, or another one than the batch left."""


class PartsFile:
    """The file, open; it is read as far as it is asked."""

    def __init__(self, descriptor: int) -> None:
        """Take over a descriptor."""
        self._descriptor = descriptor
        self._index: bytes | None = None
        self._encoded: dict[str, bytes] | None = None

    def find(self, name: str) -> bytes | None:
        """Return one part as it stands in the file; None if there is none. Raises UnreadableParts."""
        index = self._read_index()
        key = b"\0\0" + os.fsencode(name) + b"\0"
        at = index.find(key)
        if at < 0:
            return None
        return self._body(index[at + len(key) : index.find(b"\0\0", at + len(key))])

    def encoded(self) -> dict[str, bytes]:
        """Return all parts as they stand in the file. Raises UnreadableParts."""
        if self._encoded is None:
            index = self._read_index()
            size = max(0, self.size() - _HEAD - len(index))
            whole = os.pread(self._descriptor, size, _HEAD + len(index))
            pairs = (line.split(b"\0") for line in index.split(b"\0\0")[1:-1])
            self._encoded = {os.fsdecode(name): _checked(whole, where, 0) for name, where in pairs}
        return self._encoded

    def close(self) -> None:
        """Give the descriptor up."""
        os.close(self._descriptor)

    def size(self) -> int:
        """Return the bytes of the file. Raises OSError."""
        return os.fstat(self._descriptor).st_size

    def _read_index(self) -> bytes:
        if self._index is None:
            head = os.pread(self._descriptor, _HEAD, 0)
            if len(head) != _HEAD or not head.startswith(_MAGIC):
                raise UnreadableParts("it has no head")
            (length,) = _LENGTH.unpack_from(head, _HEAD - _LENGTH.size)
            self._index = os.pread(self._descriptor, min(length, self.size()), _HEAD)
            if digest(self._index) != head[len(_MAGIC) : len(_MAGIC) + _DIGEST]:
                raise UnreadableParts("its index has another digest")
        return self._index

    def _body(self, where: bytes) -> bytes:
        offset, length, _ = where.split(b" ")
        found = os.pread(self._descriptor, int(length), _HEAD + len(self._read_index()) + int(offset))
        return _checked(found, where, int(offset))


def _checked(data: bytes, where: bytes, start: int) -> bytes:
    """Return a part of data that begins at an offset, as the index says where it is. Raises UnreadableParts."""
    offset, length, wanted = where.split(b" ")
    at = int(offset) - start
    body = data[at : at + int(length)]
    if digest(body).hex().encode() != wanted:
        raise UnreadableParts("a part has another digest")
    return body


class Parts:
    """The files, the large one first."""

    def __init__(self, descriptors: Iterable[int]) -> None:
        """Take over descriptors."""
        self._files = [PartsFile(descriptor) for descriptor in descriptors]
        self._encoded: dict[str, bytes] | None = None

    def part(self, name: str) -> Part:
        """Return one part; empty if there is none. Raises UnreadableParts."""
        found = (file.find(name) for file in reversed(self._files))
        return next((_decode(body) for body in found if body is not None), Part())

    def all(self) -> dict[str, Part]:
        """Return all parts. Raises UnreadableParts."""
        return {name: _decode(body) for name, body in self.encoded().items()}

    def encoded(self) -> dict[str, bytes]:
        """Return all parts as they stand in the files, but for those that are empty by now. Raises UnreadableParts."""
        if self._encoded is None:
            both: dict[str, bytes] = {}
            for file in self._files:
                both.update(file.encoded())
            self._encoded = {name: body for name, body in both.items() if body != _EMPTY}
        return self._encoded

    def check(self, *, everything: bool) -> None:
        """See that parts can be read: `everything`, or all that is written again. Raises UnreadableParts, OSError."""
        newer = self._files[1:]
        if everything or any(file.size() > _LARGEST_CHANGES for file in newer):
            self.encoded()
        for file in newer:
            file.encoded()

    def joined(self, changed: Mapping[str, Part]) -> tuple[bool, str, bytes]:
        """Return what is to be written: whether it's the large file, its digest, and its content.

        That is so where all parts have been read. Raises UnreadableParts.
        """
        if self._encoded is not None:
            return True, *join_parts(self._encoded, changed)
        newer = self._files[1].encoded() if len(self._files) > 1 else {}
        return False, *join_parts(newer, changed, with_empty=True)

    def close(self) -> None:
        """Give the descriptors up."""
        for file in self._files:
            file.close()


def join_parts(
    kept: Mapping[str, bytes], changed: Mapping[str, Part], *, with_empty: bool = False
) -> tuple[str, bytes]:
    """Return a digest and the content of a file: what is kept as it stands in the old one, and what changed.

    Parts that are empty go, if not `with_empty`. The digest is that of the index, which has one of each part.
    """
    new = {name: _encode(part) for name, part in changed.items() if with_empty or part != Part()}
    bodies = {**{name: body for name, body in kept.items() if name not in changed}, **new}
    index = []
    offset = 0
    for name in sorted(bodies):
        body = bodies[name]
        index.append(f"\0\0{name}\0{offset} {len(body)} {digest(body).hex()}")
        offset += len(body)
    lines = os.fsencode("".join(index)) + b"\0\0"
    found = digest(lines)
    head = _MAGIC + found + _LENGTH.pack(len(lines))
    return found.hex(), b"".join((head, lines, *(bodies[name] for name in sorted(bodies))))


def _encode(part: Part) -> bytes:
    return os.fsencode("\0\0".join("\0".join(paths) for paths in part))


def _decode(body: bytes) -> Part:
    sources, drop_ins = (os.fsdecode(paths).split("\0") if paths else [] for paths in body.split(b"\0\0"))
    return Part(tuple(map(InstalledPath, sources)), tuple(map(InstalledPath, drop_ins)))
