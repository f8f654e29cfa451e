# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the content of a single file tells: sources, pycs and programs. Nothing is executed, nothing unmarshalled."""

from __future__ import annotations

import hashlib
import re
from _imp import source_hash
from dataclasses import dataclass, field
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from pkgtools.model.magics import version_of_magic
from pkgtools.model.package import DistributionFacts, DropInFacts, ProgramFacts, PycFacts, SourceFacts
from pkgtools.runtime.dropins import is_drop_in
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.filelist import is_source
from pkgtools.runtime.layout import CACHE_DIRECTORY, parse_pyc_name
from pkgtools.runtime.pyc import HEADER_SIZE
from pkgtools.runtime.trust import LARGEST_SETTINGS

from .exclusions import Exclusions
from .frames import wrong_in_frame
from .headers import header_size_at
from .python2 import looks_like_python2
from .streams import read_up_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.model.package import Digest, File, FileFacts

    from .streams import Readable


LARGEST = 16 << 20
"""Bytes of a source or pyc that is looked into; of larger ones only the digest is checked."""
_FIRST_LINE = 255
_CHUNK = 1 << 18
_STRING_TYPES = b"zZaAu\xfa\xda\xe1\xc1\xf5"
_METADATA = re.compile(r".*\.(?:dist-info/METADATA|egg-info/PKG-INFO|egg-info)", re.DOTALL)
_LARGEST_METADATA = 1 << 16
_REQUIRES_PYTHON = re.compile(rb"^Requires-Python:[ \t]*([^\r\n]{1,200}?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_ABSOLUTE = re.compile(rb"[zZaAu\xfa\xda\xe1\xc1\xf5](?:(.)|(..)\0\0)(?=/)", re.DOTALL)
"""What stands before a string in marshal's format that begins with a slash: its type, and its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a reader is to look at."""

    contents: bool = True
    """Read what is in sources, pycs and programs; False: names and metadata only."""
    guesses: bool = True
    """Guess by their text which sources are for Python 2; nobody asks that of systems, and it takes long."""
    sink: Callable[[InstalledPath, bytes, FileFacts], None] | None = None
    """Is given the content of each source and pyc."""
    magics: frozenset[bytes] = frozenset()
    """Compute the hashes that sources have in hash-based pycs which begin with these (PEP 552)."""
    excluded: Exclusions = field(default_factory=Exclusions)
    """Paths of a system that are left out."""


NAMES_ONLY = Look(contents=False)


class Examined(NamedTuple):
    """What the content of a file told."""

    facts: FileFacts | None
    is_intact: bool | None
    """As `File.is_intact`."""


NOTHING = Examined(None, None)


def is_of_interest(path: InstalledPath, mode: int) -> bool:
    """Whether the content of a regular file matters: sources, pycs, programs, metadata, drop-ins of the runtime."""
    name = basename(path)
    is_bytecode = name.endswith((".pyc", ".pyo"))
    return is_source(name) or is_bytecode or bool(mode & 0o111) or is_metadata(path) or is_drop_in(path)


def is_metadata(path: InstalledPath) -> bool:
    """Whether a file holds the metadata of a Python distribution, by its name."""
    return path.endswith(("/METADATA", "/PKG-INFO", ".egg-info")) and _METADATA.fullmatch(path) is not None


def examine(file: File, content: Readable, look: Look) -> Examined:
    """Look into a regular file of interest, and whether it has the digest it ought to have.

    `content` is read as far as needed, never more than LARGEST bytes of it kept. Raises what `content.read` does.
    """
    if is_drop_in(file.path):
        return _examine_drop_in(file, content)
    name = basename(file.path)
    is_pyc = name.endswith((".pyc", ".pyo"))
    if not (is_source(name) or is_pyc):
        return _examine_metadata(file, content) if is_metadata(file.path) else _examine_program(file, content)
    if file.size > LARGEST:
        return Examined(None, _matches(file.digest, b"", content))
    data = read_up_to(content, file.size)
    facts: FileFacts = _pyc_facts(file.path, data) if is_pyc else _source_facts(data, look)
    if look.sink is not None:
        look.sink(file.path, data, facts)
    return Examined(facts, _matches(file.digest, data, None))


def _examine_metadata(file: File, content: Readable) -> Examined:
    start = read_up_to(content, min(file.size, _LARGEST_METADATA))
    found = _REQUIRES_PYTHON.search(start.partition(b"\n\n")[0])
    facts = DistributionFacts(requires_python=found[1].decode("utf-8", "replace") if found else "")
    return Examined(facts, _matches(file.digest, start, content))


def _examine_drop_in(file: File, content: Readable) -> Examined:
    start = read_up_to(content, min(file.size, LARGEST_SETTINGS))
    return Examined(DropInFacts(text=start.decode("utf-8", "surrogateescape")), _matches(file.digest, start, content))


def _examine_program(file: File, content: Readable) -> Examined:
    start = content.read(min(_FIRST_LINE + 1, max(file.size, 2)))
    if not start.startswith(b"#!"):
        return NOTHING
    return Examined(ProgramFacts(first_line=_first_line(start)), _matches(file.digest, start, content))


def _matches(digest: Digest | None, data: bytes, rest: Readable | None) -> bool | None:
    if digest is None:
        return None
    try:
        state = hashlib.new(digest.algorithm, data, usedforsecurity=False)
    except ValueError:  # an algorithm that this Python hasn't
        return None
    while rest is not None and (part := rest.read(_CHUNK)):
        state.update(part)
    return state.hexdigest() == digest.value


def _first_line(data: bytes) -> bytes:
    return data[:_FIRST_LINE].partition(b"\n")[0].rstrip(b"\r")


def _source_facts(data: bytes, look: Look) -> SourceFacts:
    hashes = tuple((magic, source_hash(int.from_bytes(magic, "little"), data)) for magic in look.magics)
    return SourceFacts(
        size=len(data),
        first_line=_first_line(data),
        crc=crc32(data),
        hashes=hashes,
        is_suspect=look.guesses and looks_like_python2(data),
    )


def _pyc_facts(path: InstalledPath, data: bytes) -> PycFacts:
    start = header_size_at(data)
    body = memoryview(data)[start:]
    version = version_of_magic(data[:4])
    source = source_path_of(path)
    names_itself = _names(source.encode("utf-8", "surrogateescape"), data)
    return PycFacts(
        size=len(data),
        header=data[:HEADER_SIZE],
        first=bytes(body[:1]),
        body_digest=hashlib.sha256(body, usedforsecurity=False).hexdigest(),
        names_itself=names_itself,
        filename="" if names_itself else _filename(data, basename(source)),
        frame=wrong_in_frame(data, start, version) if version is not None and len(data) > start else "",
    )


def source_path_of(path: InstalledPath) -> InstalledPath:
    """Return the path that the code in a pyc should have for its file name: that of the source."""
    directory, _, name = path.rpartition("/")
    if basename(directory) != CACHE_DIRECTORY:
        return InstalledPath(f"{directory}/{name.rpartition('.')[0]}.py")
    parsed = parse_pyc_name(name)
    return InstalledPath(f"{directory[: -len(CACHE_DIRECTORY)]}{parsed.stem if parsed else name.partition('.')[0]}.py")


def _names(path: bytes, data: bytes) -> bool:
    """Whether a path stands in marshalled data as a string of its own: after its length and a type's code."""
    lengths = [len(path).to_bytes(4, "little")] + ([bytes([len(path)])] if len(path) < 256 else [])
    found = (data.find(length + path, HEADER_SIZE) for length in lengths)
    return any(start > 0 and data[start - 1] in _STRING_TYPES for start in found)


def _filename(data: bytes, name: str) -> str:
    """Return the first absolute path that ends in the name of the source; others are texts of the program's own."""
    end = f"/{name}".encode("utf-8", "surrogateescape")
    for found in _ABSOLUTE.finditer(data, HEADER_SIZE):
        start = found.end()
        stop = start + int.from_bytes(found[1] or found[2], "little")
        if data.startswith(end, stop - len(end)) and stop - len(end) >= start:
            return data[start:stop].decode("utf-8", "surrogateescape")
    return ""
