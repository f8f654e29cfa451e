# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the content of a single file says: sources, pycs and programs. Nothing is executed, nothing unmarshalled."""

from __future__ import annotations

import hashlib
import json
import re
from _imp import source_hash
from dataclasses import dataclass, field
from itertools import islice
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from pkgtools.model.content import read_up_to
from pkgtools.model.exclusions import Exclusions
from pkgtools.model.package import (
    BatchFacts,
    DropInFacts,
    ProgramFacts,
    PycFacts,
    SettingsFacts,
    SourceFacts,
)
from pkgtools.runtime.compile.pyc import HEADER_SIZE
from pkgtools.runtime.facts import InstalledPath, Status
from pkgtools.runtime.policy.admin import DEBIAN_FILE, FILE
from pkgtools.runtime.policy.configuration import is_drop_in
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, parse_pyc_name
from pkgtools.runtime.policy.sources import is_source
from pkgtools.runtime.pythons import version_of_magic
from pkgtools.runtime.record import REPORT, STATE
from pkgtools.runtime.system.trust import LARGEST_SETTINGS

from .completeness import CodeFrame, code_frame_of
from .headers import header_size_at
from .metadata import (
    LARGEST_METADATA,
    LARGEST_RECORD,
    facts_of_installer,
    facts_of_metadata,
    is_metadata,
    is_of_installer,
)
from .minimal import lacking_in_minimal
from .python2 import looks_like_python2
from .settings import LARGEST_SETTINGS_FILE, holds_settings, settings_in
from .template_sources import looks_like_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.model.content import Readable
    from pkgtools.model.package import Digest, File, FileFacts


LARGEST = 16 << 20
"""Bytes of a source or pyc that is looked into; of larger ones only the digest is checked."""
BATCH_REPORT = InstalledPath(f"{STATE}/{REPORT}")
"""Where pkgtools-runtime says what its last batch did."""
_LARGEST_REPORT = 64 << 20
LONGEST_LINE = 255
"""Bytes of a first line that are kept."""
_LAUNCHER = 4096
"""Bytes in which the second line of a program ends that is to be found; a path has no more (PATH_MAX)."""
_MOST_SETTINGS = 100
"""Settings of a file that are kept; a file that is in use has one or two."""
_LARGEST_PROGRAM = 1 << 18
"""Bytes of a program in which its imports are looked for."""
_OF_PYTHON = re.compile(rb"#!\s*/usr/bin/(?:env\s+)?python3")
_OF_SHELL = re.compile(rb"#!\s*/bin/sh\s*\n")
_LAUNCHES = re.compile(
    rb"""[^\n]*\n(?:'''|\"{3}|['"])?exec['"]?[ ]+(?P<quote>['"]?)(?P<path>/[^'"$`\n]*?)(?P=quote)"""
    rb"""(?:[ ]-\w+)*[ ]+"\$0"[ ]+"\$@\""""
)
"""What distlib, and with it pip, writes where the path of an interpreter is too long for a first line or has blanks."""
_CHUNK = 1 << 18
_STRING_TYPES = b"zZaAu\xfa\xda\xe1\xc1\xf5"
_ABSOLUTE = re.compile(rb"[zZaAu\xfa\xda\xe1\xc1\xf5](?:(.)|(..)\0\0)(?=/)", re.DOTALL)
"""What stands before a string in marshal's format that begins with a slash: its type, and its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What a reader is to look at."""

    contents: bool = True
    """Read what is in sources, pycs and programs; False: names and metadata only."""
    guesses: bool = True
    """Guess by their text which sources don't compile; not done for systems, for it takes long."""
    sink: Callable[[InstalledPath, bytes, FileFacts], None] | None = None
    """Is given the content of each source and pyc."""
    magics: frozenset[bytes] = frozenset()
    """Compute the hashes that sources have in hash-based pycs which begin with these (PEP 552)."""
    grow: Callable[[int], None] | None = None
    """Is told how many members of a package are about to be held in memory; returns when there is room for them."""
    keeps: bool = True
    """Return the files; False: only the sink wants them."""
    excluded: Exclusions = field(default_factory=Exclusions)
    """Paths of a system that are left out."""


NAMES_ONLY = ReadingOptions(contents=False)


class Examined(NamedTuple):
    """What the content of a file told."""

    facts: FileFacts | None
    """What was found out; None for a file that is too big, or a program without a `#!` line."""
    is_intact: bool | None
    """As `File.is_intact`."""


NOTHING = Examined(None, None)


def is_of_interest(path: InstalledPath, mode: int) -> bool:
    """Whether the content of a regular file matters: sources, pycs, programs, metadata, settings."""
    name = basename(path)
    is_bytecode = name.endswith((".pyc", ".pyo"))
    is_code = is_source(name) or is_bytecode or bool(mode & 0o111)
    return is_code or any(is_one(path) for is_one in (is_metadata, is_of_installer, is_drop_in, holds_settings))


def is_compile_setting(path: InstalledPath) -> bool:
    """Whether the runtime decides by a file what to compile: a drop-in, or the administrator's settings."""
    return path in {FILE, DEBIAN_FILE} or is_drop_in(path)


def examine(file: File, content: Readable, look: ReadingOptions) -> Examined:
    """Look into a regular file of interest, and whether it has the digest it ought to have.

    `content` is read as far as needed, never more than LARGEST bytes of it kept. Raises what `content.read` does.
    """
    if file.path == BATCH_REPORT:
        return Examined(_batch_facts(read_up_to(content, min(file.size, _LARGEST_REPORT))), None)
    if is_compile_setting(file.path):
        return _examine_drop_in(file, content)
    name = basename(file.path)
    is_pyc = name.endswith((".pyc", ".pyo"))
    if not (is_source(name) or is_pyc):
        return _examine_other(file, content)
    if file.size > LARGEST:
        return Examined(None, _matches(file.digest, b"", content))
    data = read_up_to(content, file.size)
    facts: FileFacts = _pyc_facts(file.path, data) if is_pyc else _source_facts(data, look)
    if look.sink is not None:
        look.sink(file.path, data, facts)
    return Examined(facts, _matches(file.digest, data, None))


def _examine_other(file: File, content: Readable) -> Examined:
    if is_metadata(file.path):
        return _examine_metadata(file, content)
    if is_of_installer(file.path):
        return _examine_installer(file, content)
    return _examine_settings(file, content) if holds_settings(file.path) else _examine_program(file, content)


def _examine_settings(file: File, content: Readable) -> Examined:
    start = read_up_to(content, min(file.size, LARGEST_SETTINGS_FILE))
    facts = SettingsFacts(settings=tuple(islice(settings_in(file.path, start), _MOST_SETTINGS)))
    return Examined(facts, _matches(file.digest, start, content))


def _examine_metadata(file: File, content: Readable) -> Examined:
    start = read_up_to(content, min(file.size, LARGEST_METADATA))
    return Examined(facts_of_metadata(start), _matches(file.digest, start, content))


def _examine_installer(file: File, content: Readable) -> Examined:
    start = read_up_to(content, min(file.size, LARGEST_RECORD))
    return Examined(facts_of_installer(file.path, start), _matches(file.digest, start, content))


def _examine_drop_in(file: File, content: Readable) -> Examined:
    start = read_up_to(content, min(file.size, LARGEST_SETTINGS))
    facts = DropInFacts(text=start.decode("utf-8", "surrogateescape"))
    # the administrator's settings are meant to be changed, whatever checksum a package has for them
    return Examined(facts, None if file.path == FILE else _matches(file.digest, start, content))


def _batch_facts(content: bytes) -> BatchFacts | None:
    """Take the failures out of the report of the last batch; None if it is none."""
    try:
        report = json.loads(content)
        told = (*report["outcomes"], *report.get("standing", ()))
        outcomes = [one for one in told if one["status"] == Status.FAILED.value]
        failures = [(str(one["source"]), str(one["interpreter"]), str(one["reason"])) for one in outcomes]
    except (ValueError, TypeError, KeyError, RecursionError):  # damaged, or another program's
        return None
    return BatchFacts(failures=tuple(failures))


def _examine_program(file: File, content: Readable) -> Examined:
    start = content.read(min(LONGEST_LINE + 1, max(file.size, 2)))
    if not start.startswith(b"#!"):
        return NOTHING
    launched_by = b""
    if _OF_SHELL.match(start):
        start += read_up_to(content, _LAUNCHER)
        found = _LAUNCHES.match(start)
        launched_by = found["path"] if found else b""
    beyond: tuple[str, ...] = ()
    if _OF_PYTHON.match(start):
        start += read_up_to(content, _LARGEST_PROGRAM)
        beyond = lacking_in_minimal(start)
    facts = ProgramFacts(first_line=_first_line(start), launched_by=launched_by, beyond_minimal=beyond)
    return Examined(facts, _matches(file.digest, start, content))


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
    return data[:LONGEST_LINE].partition(b"\n")[0].rstrip(b"\r")


def _source_facts(data: bytes, look: ReadingOptions) -> SourceFacts:
    hashes = tuple((magic, source_hash(int.from_bytes(magic, "little"), data)) for magic in look.magics)
    return SourceFacts(
        size=len(data),
        first_line=_first_line(data),
        crc=crc32(data),
        hashes=hashes,
        beyond_minimal=lacking_in_minimal(data) if look.guesses else (),
        is_suspect=look.guesses and (looks_like_python2(data) or looks_like_template(data)),
    )


def _pyc_facts(path: InstalledPath, data: bytes) -> PycFacts:
    start = header_size_at(data)
    body = memoryview(data)[start:]
    version = version_of_magic(data[:4])
    source = source_path_of(path)
    frame = code_frame_of(data, start, version) if version is not None and len(data) > start else CodeFrame()
    names_itself = _names(source.encode("utf-8", "surrogateescape"), data)
    return PycFacts(
        size=len(data),
        header=data[:HEADER_SIZE],
        first=bytes(body[:1]),
        body_digest=hashlib.sha256(body, usedforsecurity=False).hexdigest(),
        names_itself=names_itself,
        filename="" if names_itself else _filename(data, basename(source)),
        frame=frame.wrong,
        trailing=frame.trailing,
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
