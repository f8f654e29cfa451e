# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A file that is streams of gzip one behind the other, where it matters what is in which of them."""

from __future__ import annotations

import io
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from pkgtools.readers.tar.streams import Fed
from pkgtools.readers.tar.unpack import Bounded, reasonable, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pkgtools.readers.tar.streams import Digester

_CHUNK = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
"""What zlib calls gzip's header and trailer."""


class GzipParts:
    """The streams of a file, which are unpacked one by one, and then all that are left as one."""

    def __init__(self, raw: IO[bytes], size: int, path: Path) -> None:
        """Read from the start of `raw`, which has `size` bytes."""
        self._raw = _PushedBack(raw)
        self._size = size
        self._path = path

    @contextmanager
    def next(self) -> Iterator[IO[bytes]]:
        """Open the next stream alone, which has to be read to its end.

        Reading raises EOFError, zlib.error, and OSError with EFBIG, as `unpack` does.
        """
        yield io.BufferedReader(Bounded(_OnePart(self._raw), reasonable(self._size)), _CHUNK)

    @contextmanager
    def rest(self, *digests: Digester) -> Iterator[IO[bytes]]:
        """Open what is left as one stream; the digests are fed with it as it is in the file."""
        with (
            io.BufferedReader(Fed(self._raw, digests), _CHUNK) as raw,
            unpack(raw, "gz", self._size, self._path) as stream,
        ):
            yield stream


class _PushedBack:
    """A stream into which bytes can be put back that were read too far."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._left = b""

    def read(self, size: int, /) -> bytes:
        if self._left:
            content, self._left = self._left[:size], self._left[size:]
            return content
        return self._raw.read(size)

    def put_back(self, content: bytes) -> None:
        self._left = content + self._left


class _OnePart:
    """One stream of gzip, unpacked."""

    def __init__(self, raw: _PushedBack) -> None:
        self._raw = raw
        self._unpacker = zlib.decompressobj(_GZIP)

    def read(self, size: int, /) -> bytes:
        content, is_at_end = b"", self._unpacker.eof
        while not (content or is_at_end):
            packed = self._unpacker.unconsumed_tail or self._raw.read(_CHUNK)
            if not packed:
                raise EOFError("the compressed data end too early")
            content, is_at_end = self._unpacker.decompress(packed, size), self._unpacker.eof
            if is_at_end:
                self._raw.put_back(self._unpacker.unused_data)
        return content
