# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Compressed parts of packages as streams that give what is reasonable and then fail, however much comes out."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import threading
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault

from .errors import UnreadablePackage
from .streams import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Protocol

    class Decompressor(Protocol):
        """Those of bz2 and lzma."""

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


@contextmanager
def unpack(raw: IO[bytes], how: str, size: int, path: Path) -> Iterator[IO[bytes]]:
    """Open a stream of what `raw`, a part of a package with `size` bytes, is when it is unpacked.

    `how` is empty, `gz`, `xz`, `lzma`, `bz2` or `zst`. More than is reasonable for the size ends in OSError with
    EFBIG, broken data in zlib.error, lzma.LZMAError, OSError or EOFError. Raises UnreadablePackage for any other
    `how`, EnvironmentFault where zstd(1) is missing.
    """
    limit = min(_MOST, _LEAST + _RATIO * size)
    with _open(raw, how, path) as stream:
        yield io.BufferedReader(Bounded(stream, limit), _CHUNK)


@contextmanager
def _open(raw: IO[bytes], how: str, path: Path) -> Iterator[IO[bytes]]:
    match how:
        case "":
            yield raw
        case "gz":
            import gzip  # noqa: PLC0415 - each costs some milliseconds, and a package needs one of them

            with gzip.GzipFile(fileobj=raw) as stream:
                yield stream  # type: ignore[misc] # a GzipFile is read like any stream of bytes
        case "bz2":
            from bz2 import BZ2Decompressor  # noqa: PLC0415 - as above

            yield io.BufferedReader(_Decompressed(raw, BZ2Decompressor), _CHUNK)
        case "xz":
            yield io.BufferedReader(_Decompressed(raw, _xz), _CHUNK)
        case "lzma":
            yield io.BufferedReader(_Decompressed(raw, _lzma, single=True), _CHUNK)
        case "zst":
            with _zstd(raw, path) as stream:
                yield stream
        case _:
            raise UnreadablePackage(path, f"it is packed by {how!r}, which is unknown")


def _xz() -> Decompressor:
    import lzma  # noqa: PLC0415 - as above

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY)


def _lzma() -> Decompressor:
    import lzma  # noqa: PLC0415 - as above

    return lzma.LZMADecompressor(lzma.FORMAT_ALONE, _XZ_MEMORY)


class _Decompressed(Stream):
    """What LZMAFile and BZ2File do, with a limit to memory, and with an eye on what follows the compressed data.

    Streams may follow one another, unless there must be a `single` one, and zeros may be between and behind them.
    """

    def __init__(self, raw: IO[bytes], make: Callable[[], Decompressor], *, single: bool = False) -> None:
        super().__init__()
        self._raw = raw
        self._make = make
        self._single = single
        self._decompressor = make()

    def take(self, size: int) -> bytes:
        while True:
            if self._decompressor.eof:
                rest = self._behind(self._decompressor.unused_data)
                if not rest:
                    return b""
                if self._single:
                    raise OSError(errno.EINVAL, "there is something behind the compressed data")
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


@contextmanager
def _zstd(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """Let zstd(1) unpack what a thread feeds to it: Python has it from 3.14 on only."""
    # an empty or relative entry of PATH is the working directory, which may be anybody's
    program = shutil.which("zstd", path=os.pathsep.join(filter(os.path.isabs, os.get_exec_path())))
    if program is None:
        raise EnvironmentFault(f"{path}: it is packed by zstd, whose program is missing: install zstd")
    process = subprocess.Popen(
        [program, "-dcq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    )
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise AssertionError("both are pipes")
    feeder = threading.Thread(target=_feed, args=(raw, stdin), daemon=True)
    feeder.start()
    try:
        with stdout:
            yield io.BufferedReader(_Judged(stdout, process), _CHUNK)
    finally:
        process.kill()
        process.wait()
        feeder.join()


class _Judged(Stream):
    """What a program writes, whose exit status tells whether that was all."""

    def __init__(self, stream: IO[bytes], process: subprocess.Popen[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self._process = process

    def take(self, size: int) -> bytes:
        content = self._stream.read(size)
        if not content and self._process.wait():
            raise OSError(errno.EIO, "zstd says that the compressed data are broken or end too early")
        return content


def _feed(source: IO[bytes], target: IO[bytes]) -> None:
    with suppress(OSError, ValueError):  # the reader has enough, or says itself that too little came
        while chunk := source.read(_CHUNK):
            target.write(chunk)
    with suppress(OSError):
        target.close()


class Bounded(Stream):
    """A stream that fails with EFBIG when more comes out of it than its limit."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
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
