# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Streams of bytes: what stands between a file and who reads it, and files that are opened without waiting."""

from __future__ import annotations

import errno
import io
import os
import stat
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from _typeshed import WriteableBuffer

    from pkgtools.model.content import Readable

READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


class Stream(io.RawIOBase):
    """A stream that is what `take` gives; closing it closes nothing that it reads from."""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill a buffer and return the number of bytes; 0 at the end."""
        view = memoryview(buffer).cast("B")
        content = self.take(len(view)) if view else b""
        view[: len(content)] = content
        return len(content)

    def take(self, size: int) -> bytes:
        """Return at most `size` bytes, which is above 0; nothing at the end."""
        raise NotImplementedError


class Digester(Protocol):
    """Those of hashlib, and what is like them."""

    def update(self, content: bytes, /) -> None:
        """Go on with more bytes."""


class Fed(Stream):
    """A stream that feeds digests with what is read from it."""

    def __init__(self, stream: Readable, digests: Sequence[Digester]) -> None:
        """Read from `stream`, which stays open."""
        super().__init__()
        self._stream = stream
        self._digests = digests

    def take(self, size: int) -> bytes:
        """Return at most `size` bytes of the stream."""
        content = self._stream.read(size)
        for digest in self._digests:
            digest.update(content)
        return content


def open_regular(path: Path, *, follow: bool = True) -> io.BufferedReader:
    """Open a regular file, through a link too if `follow`.

    Raises OSError for anything else: a pipe must not make us wait for a writer.
    """
    stream = os.fdopen(os.open(path, READ if follow else READ | os.O_NOFOLLOW), "rb")
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return stream
