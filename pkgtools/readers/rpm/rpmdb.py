# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What rpm's database says is installed in a system, whether rpm itself is there or not."""

from __future__ import annotations

import os
import sqlite3
import struct
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from pkgtools.model.content import read_up_to
from pkgtools.readers.system.nested import BERKELEY, NDB, RPM_DIRECTORIES, SQLITE, SQLITE_LOG
from pkgtools.readers.system.root_directory import RootDirectory
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import EnvironmentFault, said
from pkgtools.runtime.facts import InstalledPath

from .file_table import read_files, read_states
from .frame import check_block
from .header_values import open_header
from .rpm_file import describe
from .tags import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pkgtools.model.package import Package

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
    system = RootDirectory(root)
    try:
        return _packages_of(system, root)
    finally:
        system.close()


def _packages_of(system: RootDirectory, root: Path) -> tuple[Package, ...]:
    for directory in RPM_DIRECTORIES:
        if (content := _content(system, root, f"{directory}/{SQLITE}")) is not None:
            log = _content(system, root, f"{directory}/{SQLITE_LOG}") or b""
            return read_sqlite(content, root / directory / SQLITE, log)
        if (content := _content(system, root, f"{directory}/{NDB}")) is not None:
            return read_ndb(content, root / directory / NDB)
        if _content(system, root, f"{directory}/{BERKELEY}", 0) is not None:
            raise EnvironmentFault(
                f"{root / directory / BERKELEY}: this is a database of Berkeley DB, which can't be read here: convert"
                " it there with `rpmdb --rebuilddb` and `_db_backend` set to sqlite"
            )
    return ()


def _content(system: RootDirectory, root: Path, name: str, most: int = _LARGEST) -> bytes | None:
    """Read a regular file below `root`, or at most `most` bytes of it, without following links; None without one."""
    try:
        with system.opened(InstalledPath(f"/{name}")) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > _LARGEST:
                raise UnreadablePackage(root / name, "it is too big")
            return read_up_to(stream, min(most, size))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnreadablePackage(root / name, said(error)) from error


def read_sqlite(data: bytes, path: Path, log: bytes = b"") -> tuple[Package, ...]:
    """Return the packages of a database in SQLite's format, given as its bytes and those of its log.

    `path` is for messages. Raises UnreadablePackage, EnvironmentFault.
    """
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(_in_memory(data, log))
            _restrict(database)
            rows = database.execute("SELECT blob FROM Packages ORDER BY hnum LIMIT ?", (_MOST_PACKAGES,))
            return tuple(_packages(_stored((row[0] for row in rows), len(data) + len(log), path), path))
    except (sqlite3.Error, MemoryError, OverflowError, UnicodeDecodeError) as error:
        wrong = f"not an rpm database, or a broken one: {said(error)}"
        raise UnreadablePackage(path, wrong) from error


def _stored(blobs: Iterable[object], size: int, path: Path) -> Iterator[object]:
    """Yield the blobs of a table while the database, of `size` bytes, can hold them: a forged one computes them."""
    for blob in blobs:
        size -= len(blob) if isinstance(blob, bytes) else 0
        if size < 0:
            raise UnreadablePackage(path, "it has more in it than its size")
        yield blob


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
        raise UnreadablePackage(path, "not an rpm database", 0)
    magic, version, _, pages, _ = _NDB_HEADER.unpack_from(data)
    if magic != b"RpmP" or version != 0:
        raise UnreadablePackage(path, "not an rpm database, or one of an unknown version", 0)
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
            raise UnreadablePackage(path, "a package in it isn't a header")
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
