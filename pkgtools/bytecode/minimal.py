# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which modules a source imports that Debian's python3-minimal lacks; a guess by its text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LACKING = frozenset(
    {
        *("asyncio", "bz2", "concurrent", "ctypes", "curses", "dbm", "difflib", "doctest", "ftplib", "gzip", "html"),
        *("http", "imaplib", "lzma", "mmap", "multiprocessing", "pdb", "poplib", "queue", "resource", "shlex"),
        *("smtplib", "socketserver", "sqlite3", "tarfile", "tkinter", "tomllib", "unittest", "uuid", "venv"),
        *("wsgiref", "xml", "xmlrpc"),
    }
)
"""Modules that no release of Debian has in it: libpythonX.Y-stdlib has them. Those that came or went are left out."""
_IMPORT = re.compile(
    rb"^(?:from[ ]+(%(names)s)[ .]|import[ ]+(?:\w[\w.]*(?:[ ]+as[ ]+\w+)?,[ ]*)*?(%(names)s)(?=[.,;\s]|$))"
    % {b"names": "|".join(sorted(LACKING)).encode()},
    re.MULTILINE,
)
_QUOTES = re.compile(rb"\"{3}|'{3}")


def lacking_in_minimal(source: bytes) -> tuple[str, ...]:
    """Return the modules, sorted, that a source imports when it is imported itself: not those in functions or tries."""
    if not _IMPORT.search(source):
        return ()
    code = b"".join(_outside_of_texts(source))
    return tuple(sorted({(found[1] or found[2]).decode() for found in _IMPORT.finditer(code)}))


def _outside_of_texts(source: bytes) -> Iterator[bytes]:
    """Yield what stands between texts of several lines; one pass, whatever it holds."""
    start = 0
    while found := _QUOTES.search(source, start):
        yield source[start : found.start()]
        end = source.find(found[0], found.end())
        if end < 0:
            return
        start = end + len(found[0])
    yield source[start:]
