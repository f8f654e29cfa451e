# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Mirrors: a directory or an address of HTTP, from which files come whose size and digest an index names."""

from __future__ import annotations

import hashlib
import http.client
import re
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote, urlsplit

from pkgtools import __version__
from pkgtools.readers.tar.streams import open_regular
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import UsageError, said

from .listed import MirrorFault, NotThere
from .pacing import PATIENCE, PacedHttp, PacedHttps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .listed import MirrorFile

T = TypeVar("T")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_CHUNK = 1 << 18
_LARGEST = 8 << 30
"""Bytes of a file of a mirror."""
_TRIES = 3
_PAUSE = 1.0
"""Seconds before a file is asked for again, and twice as many the next time."""
_SAFE = "/+~:@!$&'()*,;=-._"
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses of HTTP that may be others a moment later."""


class Mirror(Protocol):
    """Where files of an archive are."""

    address: str
    """How it was named: a directory, or http://HOST/PATH."""

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a file by its path below the top. Raises MirrorFault."""


def mirror_at(address: str) -> Mirror:
    """Return the mirror of an address. Raises UsageError for what is none."""
    if not _HTTP.match(address):
        if "://" in address:
            raise UsageError(f"{address}: a mirror is a directory, or an address that begins with http:// or https://")
        if not Path(address).is_dir():
            raise UsageError(f"{address}: no such directory; a mirror has dists/ or repodata/ at its top")
        directory = str(Path(address).absolute())
        if any("\ud800" <= one <= "\udfff" for one in directory):
            raise UsageError(f"{address}: results are kept by a mirror's name, so its directory's has to be UTF-8")
        return _Directory(directory)
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{address}: the address of a mirror is http://HOST/PATH: {said(error)}") from error
    if parts.username or parts.password:
        raise UsageError("an address with a password would be written into the store: use a mirror that needs none")
    if not parts.hostname or port == 0 or parts.query or parts.fragment:
        raise UsageError(f"{address}: the address of a mirror is http://HOST/PATH")
    return _Web(address.rstrip("/"))


def safe_name(name: str) -> str:
    """Return a path that an index names, without `.`. Raises MirrorFault for one that leads out of the mirror."""
    parts = [part for part in name.split("/") if part != "."]
    if not name.isprintable() or name.startswith("/") or not parts or any(part in {"", ".."} for part in parts):
        raise MirrorFault(ascii(name), "such a name in an index could lead out of the mirror")
    return "/".join(parts)


def read_top(mirror: Mirror, name: str, most: int) -> bytes:
    """Return a file of which no digest is known, of at most so many bytes. Raises MirrorFault, NotThere."""

    def read() -> bytes:
        with mirror.open(name) as stream:
            return b"".join(_chunks(stream, name, most))

    return _tried(read)


def copy(mirror: Mirror, file: MirrorFile, into: IO[bytes]) -> None:
    """Copy a file, and see to it that it is the one that the index means. Raises MirrorFault, OSError of `into`."""
    if file.size > _LARGEST:
        raise MirrorFault(file.name, f"it has {file.size} bytes, more than {_LARGEST}")
    _tried(partial(_copy, mirror, file, into))
    into.flush()
    into.seek(0)


def _copy(mirror: Mirror, file: MirrorFile, into: IO[bytes]) -> None:
    into.seek(0)
    into.truncate()
    digest, size = hashlib.sha256(), 0
    with mirror.open(file.name) as stream:
        for chunk in _chunks(stream, file.name, file.size):
            digest.update(chunk)
            size += len(chunk)
            into.write(chunk)
    if size < file.size:
        raise MirrorFault(file.name, f"it ends after {size} of {file.size} bytes", may_pass=True)
    if digest.hexdigest() != file.digest:
        raise MirrorFault(file.name, "its SHA-256 isn't that in the index: the file, or the mirror, was changed")


def _tried(attempt: Callable[[], T]) -> T:
    """Return what an attempt gives, made again after a pause where that is worth while. Raises MirrorFault."""
    for number in range(_TRIES - 1):
        try:
            return attempt()
        except MirrorFault as error:
            if not error.may_pass:
                raise
        time.sleep(_PAUSE * (1 << number))
    return attempt()


def _chunks(stream: IO[bytes], name: str, most: int) -> Iterator[bytes]:
    """Yield the parts of a file of at most so many bytes. Raises MirrorFault."""
    left = most
    while True:
        try:
            chunk = stream.read(min(_CHUNK, left + 1))
        except (OSError, http.client.HTTPException) as error:
            raise MirrorFault(name, f"reading it broke off: {said(error)}", may_pass=True) from error
        if not chunk:
            return
        left -= len(chunk)
        if left < 0:
            raise MirrorFault(name, f"it is longer than {most} bytes, which is its size in the index or the limit")
        yield chunk


class _Directory:
    """A mirror in a directory; links within it are followed, and no others."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._top = Path(address).resolve()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        path = self._top / safe_name(name)
        try:
            real = path.resolve(strict=True)
        except FileNotFoundError as error:
            raise NotThere(name) from error
        except (OSError, RuntimeError) as error:
            raise MirrorFault(name, said(error)) from error
        if not real.is_relative_to(self._top):
            raise MirrorFault(name, "a link leads out of the mirror")
        try:
            stream = open_regular(real)
        except (OSError, UnreadablePackage) as error:
            raise MirrorFault(name, said(error)) from error
        with stream:
            yield stream


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follow a redirect to the same host only, and never from https to http."""

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> Any:  # an answer, or None, as urllib says
        """Follow a redirect. Raises MirrorFault."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError as error:
            fp.close()
            raise MirrorFault(req.full_url, f"it redirects to an address that is wrong: {said(error)}") from error

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        is_same = (old.hostname, old.port) == (new.hostname, new.port) and new.scheme in {old.scheme, "https"}
        if not is_same:
            fp.close()
            raise MirrorFault(req.full_url, f"it redirects to {new.scheme + '://' + new.netloc!a}, another host")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Web:
    """A mirror behind HTTP; proxies are those of the environment, as for all programs."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(_SameHost(), PacedHttp(), PacedHttps())
        self._opener.addheaders = [("User-Agent", f"pkgtools/{__version__}")]

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        address = f"{self.address}/{quote(safe_name(name), safe=_SAFE)}"
        try:
            answer = self._opener.open(address, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {404, 410}:
                raise NotThere(name) from error
            raise MirrorFault(name, f"the mirror answers {error.code}", may_pass=error.code in _BUSY) from error
        except UnicodeError as error:
            raise MirrorFault(name, f"the mirror's host has no name: {said(error)}") from error
        except (OSError, http.client.HTTPException) as error:
            raise MirrorFault(name, f"the mirror doesn't answer: {_why(error)}", may_pass=True) from error
        with answer:
            yield answer


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return said(reason) if isinstance(reason, Exception) else str(reason)
