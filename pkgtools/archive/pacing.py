# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Answers of HTTP that come in time: neither a head that drips nor "100 Continue" without end holds us up."""

from __future__ import annotations

import http.client
import io
import time
import urllib.request
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import socket

PATIENCE = 60.0
"""Seconds that the head of an answer may take, and each part of it that comes at once."""
SLOWEST = 16 << 10
"""Bytes a second of a body; what is slower than that in the long run is given up."""


class _Paced(io.RawIOBase):
    """What comes through a socket, of which each part is read at once when it comes."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self._until = time.monotonic() + PATIENCE
        self._per_byte = 0.0

    def begin_body(self) -> None:
        """Give the bytes that come from now on their time."""
        self._until = time.monotonic() + PATIENCE
        self._per_byte = 1 / SLOWEST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # what io hands over: a buffer, which has no name before 3.12
        """Read what has come. Raises TimeoutError."""
        if time.monotonic() > self._until:
            raise TimeoutError("it comes too slowly")
        number = cast("int | None", self._raw.readinto(buffer))
        self._until += (number or 0) * self._per_byte
        return number

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer that is read through a paced stream."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:  # as http.client passes them on
        super().__init__(sock, *arguments, **options)
        self._paced = _Paced(self.fp.detach())
        self.fp = io.BufferedReader(self._paced)

    def begin(self) -> None:
        super().begin()
        self._paced.begin_body()


class _Connection(http.client.HTTPConnection):
    response_class = _Answer


class _SecureConnection(http.client.HTTPSConnection):
    response_class = _Answer


class PacedHttp(urllib.request.HTTPHandler):
    """Opens http:// so that answers are paced."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an address. Raises OSError, HTTPException."""
        return self.do_open(_Connection, req)


class PacedHttps(urllib.request.HTTPSHandler):
    """Opens https:// likewise."""

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Open an address. Raises OSError, HTTPException."""
        return self.do_open(_SecureConnection, req)
