# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Pycs for cases: what an interpreter would have written, and what it wouldn't."""

from __future__ import annotations

import importlib.util
import marshal
import struct
import sys

from pkgtools.runtime.pythons import RELEASED_MAGICS
from tests.lab.debs import SOME_DAY

TAG = sys.implementation.cache_tag
MAGIC = importlib.util.MAGIC_NUMBER
SOURCE = "def answer():\n    return 42\n"
PUBLIC = "/usr/lib/python3/dist-packages"
PRIVATE = "/usr/share/acme"


def cached(path: str, level: str = "", tag: str = TAG) -> str:
    """Return the name of the pyc of a source."""
    directory, _, name = path.rpartition("/")
    return f"{directory}/__pycache__/{name.removesuffix('.py')}.{tag}{level}.pyc"


def pyc(path: str, source: str = SOURCE, *, mtime: int = SOME_DAY, size: int | None = None) -> bytes:
    """Return a timestamp pyc of a source, `path` being the file name in its code."""
    header = MAGIC + struct.pack("<III", 0, mtime, len(source.encode()) if size is None else size)
    return header + body(path, source)


def hashed(path: str, source: str = SOURCE, *, of: str | None = None, checked: bool = True) -> bytes:
    """Return a hash-based pyc; `of`: the source that its hash is of."""
    digest = importlib.util.source_hash((source if of is None else of).encode())
    return MAGIC + struct.pack("<I", 3 if checked else 1) + digest + body(path, source)


def body(path: str, source: str = SOURCE) -> bytes:
    """Return marshalled code."""
    return marshal.dumps(compile(source, path, "exec", dont_inherit=True, optimize=0))


def of_version(content: bytes, version: tuple[int, int]) -> bytes:
    """Return a pyc with the magic number of another version."""
    return RELEASED_MAGICS[version] + content[4:]


def pair(path: str, source: str = SOURCE) -> dict[str, str | bytes]:
    """Return a source and its pyc."""
    return {path: source, cached(path): pyc(path, source)}
