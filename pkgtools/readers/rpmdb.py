# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What rpm's database says is installed in a system, whether rpm itself is there or not."""

from __future__ import annotations

import os
import sqlite3
import stat
import struct
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault, said

from .errors import UnreadablePackage
from .rpm import describe
from .rpm_files import read_files, read_states
from .rpm_frame import check_block
from .rpm_header import open_header
from .rpm_tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import Package

DIRECTORIES = ("usr/lib/sysimage/rpm", "var/lib/rpm")
"""Where the database may be, below a system's root directory."""
SQLITE = "rpmdb.sqlite"
"""The name of the database in SQLite's format."""
SQLITE_LOG = "rpmdb.sqlite-wal"
"""The name of its log; empty or missing unless rpm is at work or was killed."""
NDB = "Packages.db"
"""The name of the database in rpm's own format, as openSUSE has it."""
BERKELEY = "Packages"
"""The name of the database in Berkeley DB's format, which nothing here reads."""

_LARGEST = 2 << 30
_LARGEST_HEADER = 33 << 20
_MOST_PACKAGES = 100_000
_KEYS = "gpg-pubkey"
"""Keys that rpm trusts are packages without files in its database."""
_MOST_STEPS = 100_000_000
_STEPS = 1_000_000

_LOG_HEADER = struct.Struct(">4sIII8s8s")
_LOG_FRAME = struct.Struct(">II8s8s")

_PAGE, _BLOCK = 4096, 16
_NDB_HEADER = struct.Struct("<4sIIII12x")
_NDB_SLOT = struct.Struct("<4sIII")
_NDB_HEAD = struct.Struct("<4sIII")
_NDB_TAIL = struct.Struct("<II4s")


def read_rpm_database(root: Path) -> tuple[Package, ...]:
    """Return the packages that are installed below a root directory, none if there is no database.

    No symbolic link below the root directory is followed. Raises UnreadablePackage, EnvironmentFault for a database
    of Berkeley DB and if the machine lacks what it takes.
    """
    for directory in DIRECTORIES:
        if (content := _content(root, f"{directory}/{SQLITE}")) is not None:
            log = _content(root, f"{directory}/{SQLITE_LOG}") or b""
            return read_sqlite(content, root / directory / SQLITE, log)
        if (content := _content(root, f"{directory}/{NDB}")) is not None:
            return read_ndb(content, root / directory / NDB)
        if _content(root, f"{directory}/{BERKELEY}", 0) is not None:
            raise EnvironmentFault(
                f"{root / directory / BERKELEY}: this is a database of Berkeley DB, which can't be read here: convert"
                " it there with `rpmdb --rebuilddb` and `_db_backend` set to sqlite"
            )
    return ()


def _content(root: Path, name: str, most: int = _LARGEST) -> bytes | None:
    """Read a regular file below `root`, or at most `most` bytes of it, without following links; None without one."""
    path = root / name
    try:
        descriptor = _open(root, name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error
    with os.fdopen(descriptor, "rb") as stream:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
            raise UnreadablePackage(path, "no regular file, or one that is too big")
        return stream.read(min(most, facts.st_size))


def _open(root: Path, name: str) -> int:
    *directories, last = name.split("/")
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for directory in directories:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(directory, flags, dir_fd=current)
            os.close(current)
            current = inner
        return os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=current)
    finally:
        os.close(current)


def read_sqlite(data: bytes, path: Path, log: bytes = b"") -> tuple[Package, ...]:
    """Return the packages of a database in SQLite's format, given as its bytes and those of its log.

    `path` is for messages. Raises UnreadablePackage, EnvironmentFault.
    """
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(_in_memory(data, log))
            _restrict(database)
            rows = database.execute("SELECT blob FROM Packages ORDER BY hnum LIMIT ?", (_MOST_PACKAGES,))
            return tuple(_packages((row[0] for row in rows), path))
    except (sqlite3.Error, MemoryError, OverflowError, UnicodeDecodeError) as error:
        wrong = f"no database of rpm, or a broken one: {said(error)}"
        raise UnreadablePackage(path, wrong) from error


def _in_memory(data: bytes, log: bytes) -> bytes:
    """Write the committed pages of the log to their places, and take the log from the database's header.

    A database in memory can't have a log. The layout is that of https://www.sqlite.org/fileformat2.html, sections
    1.3.3 and 4.
    """
    if data[18:20] != b"\2\2":
        return data
    changed = bytearray(data)
    for place, page in _logged_pages(log):
        if place > len(data) + len(log):  # the database grows by nothing but what is in the log
            break
        changed.extend(bytes(max(0, place + len(page) - len(changed))))
        changed[place : place + len(page)] = page
    changed[18:20] = b"\1\1"
    return bytes(changed)


def _logged_pages(log: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield offset in the database and content of each page up to the last one that ends a transaction."""
    if len(log) < _LOG_HEADER.size:
        return
    _, _, size, _, salt, _ = _LOG_HEADER.unpack_from(log)
    waiting = []
    for start in range(_LOG_HEADER.size, len(log) - _LOG_FRAME.size - size + 1, _LOG_FRAME.size + size):
        number, pages, its_salt, _ = _LOG_FRAME.unpack_from(log, start)
        if its_salt != salt or not number:
            return  # what follows is of an older log
        page = start + _LOG_FRAME.size
        waiting.append(((number - 1) * size, log[page : page + size]))
        if pages:
            yield from waiting
            waiting = []


def _restrict(database: sqlite3.Connection) -> None:
    """Bound what a forged database can make SQLite do, and take nothing but a real table for the packages."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_HEADER)
    database.execute("PRAGMA trusted_schema=OFF")
    steps = iter(range(_MOST_STEPS // _STEPS))
    database.set_progress_handler(lambda: next(steps, None) is None, _STEPS)
    kinds = database.execute("SELECT type FROM sqlite_master WHERE name = 'Packages'").fetchall()
    if kinds != [("table",)]:
        raise sqlite3.DatabaseError("there is no table Packages")


def read_ndb(data: bytes, path: Path) -> tuple[Package, ...]:
    """Return the packages of a database in rpm's own format, given as its bytes; `path` is for messages.

    Raises UnreadablePackage, EnvironmentFault.
    """
    return tuple(_packages(_ndb_blobs(data, path), path))


def _ndb_blobs(data: bytes, path: Path) -> Iterator[bytes]:
    """Yield the headers in the order of their numbers; the layout is that of rpm's backend ndb, rpmpkg.c."""
    if len(data) < _NDB_HEADER.size:
        raise UnreadablePackage(path, "no database of rpm", 0)
    magic, version, _, pages, _ = _NDB_HEADER.unpack_from(data)
    if magic != b"RpmP" or version != 0:
        raise UnreadablePackage(path, "no database of rpm, or one of an unknown version", 0)
    if pages * _PAGE > len(data):
        raise UnreadablePackage(path, "it ends within its table of packages", len(data))
    slots = []
    for position in range(_NDB_HEADER.size, pages * _PAGE, _NDB_SLOT.size):
        magic, number, block, blocks = _NDB_SLOT.unpack_from(data, position)
        if magic != b"Slot":
            raise UnreadablePackage(path, "an entry of its table of packages is broken", position)
        if block:
            slots.append((number, block * _BLOCK, blocks * _BLOCK))
    if sum(length for _, _, length in slots) > len(data):
        raise UnreadablePackage(path, "its packages overlap", 0)
    for number, start, length in sorted(slots):
        yield _ndb_blob(data[start : start + length], number, start, path)


def _ndb_blob(chunk: bytes, number: int, start: int, path: Path) -> bytes:
    if len(chunk) < _NDB_HEAD.size + _NDB_TAIL.size:
        raise UnreadablePackage(path, "a package lies behind its end", start)
    magic, its_number, _, length = _NDB_HEAD.unpack_from(chunk)
    checksum, its_length, end = _NDB_TAIL.unpack_from(chunk, len(chunk) - _NDB_TAIL.size)
    frame = (magic, its_number, its_length, end)
    if frame != (b"BlbS", number, length, b"BlbE") or length > len(chunk) - _NDB_HEAD.size - _NDB_TAIL.size:
        raise UnreadablePackage(path, f"the package {number} is broken", start)
    if zlib.adler32(chunk[: -_NDB_TAIL.size]) != checksum:
        raise UnreadablePackage(path, f"the package {number} doesn't have its checksum", start)
    return chunk[_NDB_HEAD.size : _NDB_HEAD.size + length]


def _packages(blobs: Iterable[object], path: Path) -> Iterator[Package]:
    for blob in blobs:
        if not isinstance(blob, bytes):
            raise UnreadablePackage(path, "a package in it is no header")
        header = open_header(check_block(blob, path), path)
        if header.text(Tag.NAME) == _KEYS:
            continue
        files, _ = read_files(header, path)
        states = read_states(header)
        if states and len(states) != len(files):
            raise UnreadablePackage(path, f"a package in it has {len(states)} states for {len(files)} files")
        # the others were not wanted, belong to another package now, or are of another architecture
        own = tuple(file for file, state in zip(files, states, strict=True) if state == 0) if states else files
        yield describe(header, path, own)
