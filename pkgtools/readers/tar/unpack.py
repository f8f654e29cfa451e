# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Compressed parts of packages as streams that give what is reasonable and then fail, however much comes out."""

from __future__ import annotations

import errno
import io
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from pkgtools.readers.unreadable import UnreadablePackage

from .streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Protocol

    from zstandard import ZstdDecompressionObj

    from pkgtools.model.content import Readable

    class Decompressor(Protocol):
        """Those of bz2 and lzma, and _Zstd."""

        @property
        def eof(self) -> bool:
            """Whether the end of the stream was reached."""

        @property
        def needs_input(self) -> bool:
            """Whether it has nothing left to give."""

        @property
        def unused_data(self) -> bytes:
            """What followed the end of the stream."""

        def decompress(self, data: bytes, max_length: int) -> bytes:
            """Take some data in and return at most so many bytes."""


_LEAST = 64 << 20
_RATIO = 250
"""How many times its size a part may have when it is unpacked, beyond _LEAST bytes; text has 20 at most."""
_MOST = 64 << 30
_XZ_MEMORY = 66 << 20
"""Bytes; what `xz -9` needs."""
_CHUNK = 1 << 16
_MOST_STREAMS = 100_000
"""One behind the other in a part; each costs some microseconds, and may be a few bytes that give none."""


@contextmanager
def unpack(raw: IO[bytes], how: str, size: int, path: Path, *, single: bool = False) -> Iterator[IO[bytes]]:
    """Open a stream of what `raw`, a part of a package with `size` bytes, is when it is unpacked.

    `how` is empty, `gz`, `xz`, `lzma`, `bz2` or `zst`. `single`: there may be one compressed stream, or frame of zstd,
    and what follows it ends in OSError with EINVAL (but for `gz`). More than is reasonable for the size ends in OSError
    with EFBIG, broken data in zlib.error, lzma.LZMAError, OSError or EOFError. Raises UnreadablePackage for any other
    `how`.
    """
    with _open(raw, how, path, single=single) as stream:
        yield io.BufferedReader(Bounded(stream, reasonable(size)), _CHUNK)


def reasonable(size: int) -> int:
    """Return how many bytes may come out of a part of a package with `size` bytes."""
    return min(_MOST, _LEAST + _RATIO * size)


@contextmanager
def _open(raw: IO[bytes], how: str, path: Path, *, single: bool) -> Iterator[IO[bytes]]:
    match how:
        case "":
            yield raw
        case "gz":
            import gzip  # noqa: PLC0415 - each costs some milliseconds, and a package needs one of them

            with gzip.GzipFile(fileobj=raw) as stream:
                yield stream  # type: ignore[misc] # a GzipFile is read like any stream of bytes
        case "bz2":
            from bz2 import BZ2Decompressor  # noqa: PLC0415 - as above

            yield io.BufferedReader(_Decompressed(raw, BZ2Decompressor, single=single), _CHUNK)
        case "xz":
            yield io.BufferedReader(_Decompressed(raw, _xz, single=single), _CHUNK)
        case "lzma":
            yield io.BufferedReader(_Decompressed(raw, _lzma, single=True), _CHUNK)
        case "zst":
            yield io.BufferedReader(_Decompressed(raw, _zstd(), single=single), _CHUNK)
        case _:
            raise UnreadablePackage(path, f"it is packed by {how!r}, which is unknown")


def _xz() -> Decompressor:
    import lzma  # noqa: PLC0415 - as above

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)


def _lzma() -> Decompressor:
    import lzma  # noqa: PLC0415 - as above

    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, _XZ_MEMORY)


def _zstd() -> Callable[[], Decompressor]:
    """Return what makes a decompressor for each frame."""
    import zstandard  # noqa: PLC0415 - as above

    context = zstandard.ZstdDecompressor(max_window_size=_Zstd.LARGEST_WINDOW)
    return lambda: _Zstd(context.decompressobj(), zstandard.ZstdError)


class _Decompressed(Stream):
    """What LZMAFile and BZ2File do, with a limit to memory, and with an eye on what follows the compressed data.

    Streams may follow one another, unless there must be a `single` one, and zeros may be between and behind them.
    """

    def __init__(self, raw: IO[bytes], make: Callable[[], Decompressor], *, single: bool = False) -> None:
        super().__init__()
        self._raw = raw
        self._make = make
        self._most = self._left = 1 if single else _MOST_STREAMS
        self._decompressor = make()

    def take(self, size: int) -> bytes:
        while True:
            if self._decompressor.eof:
                rest = self._behind(self._decompressor.unused_data)
                if not rest:
                    return b""
                self._left -= 1
                if not self._left:
                    many = f"there are more than {self._most} compressed streams in it"
                    raise OSError(errno.EINVAL, many if self._most > 1 else "something follows the compressed data")
                self._decompressor = self._make()
            elif self._decompressor.needs_input:
                rest = self._raw.read(_CHUNK)
                if not rest:
                    raise EOFError("the compressed data end too early")
            else:
                rest = b""
            content = self._decompressor.decompress(rest, size)
            if content:
                return content

    def _behind(self, rest: bytes) -> bytes:
        """Return what follows the end of a stream, without zeros."""
        while not (found := rest.lstrip(b"\0")):
            rest = self._raw.read(_CHUNK)
            if not rest:
                break
        return found


class _Zstd:
    """zstandard's decompressor with a limit to what it returns at once: it takes little in at a time.

    A block of 4 bytes can become 128 KiB (RFC 8878, section 3.1.1.2).
    """

    _MOST_TAKEN = 1 << 8
    LARGEST_WINDOW = 128 << 20
    """Bytes; what zstd(1) accepts unless it is told otherwise."""

    def __init__(self, frame: ZstdDecompressionObj, error: type[Exception]) -> None:
        self._error = error
        self._frame = frame
        self._input, self._at = b"", 0
        self._given = b""

    @property
    def eof(self) -> bool:
        return bool(self._frame.eof) and not self._given

    @property
    def needs_input(self) -> bool:
        return not (self._given or self._at < len(self._input))

    @property
    def unused_data(self) -> bytes:
        return bytes(self._frame.unused_data) + self._input[self._at :]

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if data:
            self._input, self._at = self._input[self._at :] + data, 0
        while self._at < len(self._input) and not self._given and not self._frame.eof:
            some = self._input[self._at : self._at + self._MOST_TAKEN]
            self._at += len(some)
            try:
                self._given = self._frame.decompress(some)
            except self._error as error:
                raise OSError(errno.EIO, f"the compressed data are broken ({error})") from error
        content, self._given = self._given[:max_length], self._given[max_length:]
        return content


class Bounded(Stream):
    """A stream that fails with EFBIG when more comes out of it than its limit."""

    def __init__(self, stream: Readable, limit: int) -> None:
        """Read from `stream`, at most `limit` bytes."""
        super().__init__()
        self._stream = stream
        self._left = limit

    def take(self, size: int) -> bytes:
        """Return at most `size` bytes. Raises OSError with EFBIG."""
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise OSError(errno.EFBIG, "more comes out of it than is reasonable for its size")
        return content
