# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The record: what is known of pycs by their content, in /var/lib/pkgtools/record, one file a cache directory.

An entry says that a source and a pyc with certain digests belong together, and which inodes had these contents when
that was found out. It is a fact that no later event makes wrong: where an inode is another one now, or was written
since, the contents are read and compared with the digests. So runs need no lock among themselves, and a file that is
lost, damaged or older than another run's costs time only.
"""

from __future__ import annotations

import os
import struct
import time
from _blake2 import blake2b
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from . import temporaries
from .errors import Refused
from .facts import InstalledPath, Ownership
from .safefs import make_directory, remove_file, write_state
from .trust import distrust, read_trusted

if TYPE_CHECKING:
    from .facts import FileState
    from .trust import Tree

STATE = InstalledPath("/var/lib/pkgtools")
"""The directory of all state of ours."""
RECORD = InstalledPath(f"{STATE}/record")

_MAGIC = b"pkgtools record 1\n"
_ENTRY = struct.Struct("<BBB3QqIqI20s3QqIqI20s8sI")
"""Proof, bytes of the recipe, which inodes are known (1 the source's, 2 the pyc's), then the fields in their order.

Times are seconds and nanoseconds: together they exceed 63 bits from 2262 on.
"""
_LENGTH = struct.Struct("<I")
_NO_INODE = (0, 0, 0, 0, 0)
_DIGEST_SIZE = 20
_LARGEST = 64 << 20
_SWEPT = 32
_NANOSECONDS = 1_000_000_000
_TICK = 20_000_000
"""Nanoseconds in which two writes may leave one time stamp: a kernel's tick is up to 10 ms."""


class Proof(IntEnum):
    """How much is known of a pyc; each grade includes those before."""

    WHOLE = 0
    """Its header fitted and its body was a whole code object."""
    COMPARED = 1
    """Compiling the source gave the same code."""
    MADE = 2
    """This runtime compiled it."""


_PROOFS = tuple(Proof)


class RecordEntry(NamedTuple):
    """What is known of one pyc."""

    source: tuple[int, ...]
    """The source's inode, see `inode_of`; empty if it may have been written since without a trace."""
    source_digest: bytes
    pyc: tuple[int, ...]
    """The pyc's inode, see `inode_of`."""
    pyc_digest: bytes
    """Of the whole file, header included."""
    recipe: bytes
    """The first 8 bytes of the header: magic number and flags."""
    release: str
    """Of the interpreter that compiled it, as in Interpreter; empty if unknown."""
    proof: Proof


def digest(data: bytes) -> bytes:
    """Return the digest by which the record knows contents: 20 bytes of BLAKE2b."""
    return blake2b(data, digest_size=_DIGEST_SIZE).digest()


def inode_of(state: FileState) -> tuple[int, ...]:
    """Return what changes when an inode is written or replaced: device, inode, size, mtime and ctime (ns)."""
    return (*state.identity, state.size, state.mtime_ns, state.ctime_ns)


def settled_inode(state: FileState, now_ns: int) -> tuple[int, ...]:
    """Return the inode of a file that was read at `now_ns`, or nothing if a later write could leave the same stamps.

    That is so within a tick of the file's change time, while that lies ahead of the clock, and where it is a whole
    second: then it may be what an image was made with, and another image has the same inodes with the same stamps.
    """
    settled = state.ctime_ns % _NANOSECONDS and state.ctime_ns + _TICK < now_ns
    return inode_of(state) if settled else ()


def now_ns() -> int:
    """Return the time as file systems stamp it, in nanoseconds."""
    return time.time_ns()


class Record:
    """The record of one system; where there is none, or none that root alone can write, it knows nothing."""

    def __init__(self, tree: Tree, *, create: bool = False) -> None:
        """Prepare to read. `create`: make the directory when there is something to write, where it is missing."""
        self._tree = tree
        self._create = create
        self._changes: dict[InstalledPath, dict[str, RecordEntry | None]] = {}
        self._known: bool | None = None

    def of(self, cache: InstalledPath) -> dict[str, RecordEntry]:
        """Return the entries of a cache directory, by the pycs' names."""
        if not self.is_there():
            return {}
        data = read_trusted(self._tree, RECORD, _file_name(cache), _LARGEST)
        path, entries = _decode(data)
        return entries if path == cache else {}

    def note(self, cache: InstalledPath, name: str, entry: RecordEntry | None) -> None:
        """Remember an entry for `save`; None forgets the pyc."""
        self._changes.setdefault(cache, {})[name] = entry

    def save(self) -> None:
        """Write what was noted; what can't be written is not known next time, which costs time only."""
        changes, self._changes = self._changes, {}
        if not changes:
            return
        try:
            directory = self._open()
            self._known = True
            for cache, changed in changes.items():
                self._save_one(directory, cache, changed)
        except (OSError, Refused):  # no state directory, not root, a full or read-only /var
            return

    def _save_one(self, directory: int, cache: InstalledPath, changed: dict[str, RecordEntry | None]) -> None:
        known = self.of(cache)
        kept = {name: entry for name, entry in {**known, **changed}.items() if entry is not None}
        if kept and kept == known:  # as where inodes prove nothing, and each run reads what they hold
            return
        if kept:
            write_state(directory, _file_name(cache), _encode(cache, kept), RECORD)
        else:
            remove_file(directory, _file_name(cache))

    def sweep(self, *others: InstalledPath) -> None:
        """Remove what is known of cache directories that are gone, and what dead runs left here and in `others`."""
        for directory in (RECORD, *others):
            try:
                descriptor = self._tree.open_settings(directory)
                temporaries.sweep(descriptor)
                if directory == RECORD:
                    self._remove_gone(descriptor)
            except (OSError, Refused):  # no such directory, or a read-only one: what is left costs room only
                continue

    def _remove_gone(self, directory: int) -> None:
        """Look at a few files of the record, other ones each time: directories seldom go without a clean."""
        names = sorted(os.listdir(directory))
        first = int.from_bytes(os.urandom(4), "little") % max(len(names), 1)
        for name in [*names[first:], *names[:first]][:_SWEPT]:
            path, _ = _decode(read_trusted(self._tree, RECORD, name, _LARGEST))
            if path is not None and not self._tree.exists(path):
                remove_file(directory, name)

    def _open(self) -> int:
        """Open the directory, made where it is missing. Raises Refused where others could write, OSError."""
        try:
            return self._opened()
        except FileNotFoundError:
            ownership = Ownership(0o700, self._tree.uid, self._tree.gid)
            above = InstalledPath(os.path.dirname(STATE))
            if self._create:
                make_directory(self._tree.open(above, above), os.path.basename(STATE), ownership)
            make_directory(open_state(self._tree, STATE), os.path.basename(RECORD), ownership)
            return self._opened()

    def _opened(self) -> int:
        open_state(self._tree, STATE)
        return open_state(self._tree, RECORD)

    def is_there(self) -> bool:
        """Whether there is a record, and only root could have written it."""
        if self._known is None:
            try:
                self._opened()
            except (OSError, Refused):
                self._known = False
            else:
                self._known = True
        return self._known


def open_state(tree: Tree, directory: InstalledPath) -> int:
    """Open a directory of state. Raises Refused where others could write to it, root's group too, OSError."""
    descriptor = tree.open_settings(directory)
    reason = distrust(os.fstat(descriptor), tree.trusted)
    if reason is not None:
        raise Refused(directory, *reason)
    return descriptor


def _encode(cache: InstalledPath, entries: dict[str, RecordEntry]) -> bytes:
    """Return the content of a file of the record: its digest, then the cache directory's path and the entries."""
    parts = [_text(cache)]
    for name, entry in entries.items():
        known = bool(entry.source) + 2 * bool(entry.pyc)
        source, pyc = _split(entry.source or _NO_INODE), _split(entry.pyc or _NO_INODE)
        numbers = (*source, entry.source_digest, *pyc, entry.pyc_digest)
        release = int(entry.release or "0", 16)
        parts.append(_text(name))
        parts.append(_ENTRY.pack(entry.proof, len(entry.recipe), known, *numbers, entry.recipe, release))
    body = b"".join(parts)
    return _MAGIC + digest(body) + body


def _split(inode: tuple[int, ...]) -> tuple[int, ...]:
    device, number, size, mtime_ns, ctime_ns = inode
    return (device, number, size, *divmod(mtime_ns, _NANOSECONDS), *divmod(ctime_ns, _NANOSECONDS))


def _joined(fields: list[int]) -> tuple[int, ...]:
    device, number, size, mtime, mtime_ns, ctime, ctime_ns = fields
    return device, number, size, mtime * _NANOSECONDS + mtime_ns, ctime * _NANOSECONDS + ctime_ns


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return _LENGTH.pack(len(data)) + data


def _decode(data: bytes) -> tuple[InstalledPath | None, dict[str, RecordEntry]]:
    """Read what `_encode` wrote; nothing if it is damaged, or was made up by another system's owner."""
    head = len(_MAGIC) + _DIGEST_SIZE
    if not data.startswith(_MAGIC) or digest(data[head:]) != data[len(_MAGIC) : head]:
        return None, {}
    entries: dict[str, RecordEntry] = {}
    try:
        path, at = _read_text(data, head)
        while at < len(data):
            name, at = _read_text(data, at)
            proof, length, known, *fields, recipe, release = _ENTRY.unpack_from(data, at)
            at += _ENTRY.size
            source = _joined(fields[:7]) if known & 1 else ()
            pyc = _joined(fields[8:15]) if known & 2 else ()
            hexadecimal = f"{release:08x}" if release else ""
            entry = RecordEntry(source, fields[7], pyc, fields[15], recipe[:length], hexadecimal, _PROOFS[proof])
            entries[name] = entry
    except (struct.error, IndexError):
        return None, {}
    return InstalledPath(path), entries


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    (length,) = _LENGTH.unpack_from(data, at)
    end = at + _LENGTH.size + length
    return os.fsdecode(data[at + _LENGTH.size : end]), end


def _file_name(cache: InstalledPath) -> str:
    return blake2b(cache.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
