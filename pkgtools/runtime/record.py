# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The record: what is known of pycs by their content, in /var/lib/pkgtools/record, a file for neighbouring directories.

What lies below one directory in a package's, /usr/lib/python3/dist-packages/NAME/SUB or /usr/share/NAME/a/b, has one
file: a run about a package reads and writes few. An entry says that a source and a pyc with certain digests belong
together, and which inodes had these contents when that was found out. It is a fact that no later event makes wrong:
where an inode is another one now, or was written since, the contents are read and compared with the digests. So runs
need no lock among themselves, and a file that is lost, damaged or older than another run's costs time only.
"""

from __future__ import annotations

import os
import struct
import time
from _blake2 import blake2b

from pkgtools.runtime.lean import IntEnum, NamedTuple
from pkgtools.runtime.system.merged_usr import names_when_asked
from pkgtools.runtime.system.safefs import look_into, make_directory, remove_file, write_state
from pkgtools.runtime.system.trust import distrust, file_state, read_trusted

from .errors import Refused
from .facts import InstalledPath, Ownership
from .system import temporaries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.system.trust import Tree

    from .facts import FileState

STATE = InstalledPath("/var/lib/pkgtools")
"""The directory of all state of ours."""
RECORD = InstalledPath(f"{STATE}/record")
REPORT = "trigger.json"
"""In STATE: what the last batch did, as JSON."""

_MAGIC = b"pkgtools record 3\n"
_ENTRY = struct.Struct("<BBB3QqIqI20s3QqIqI20s8sQ")
"""Proof, bytes of the recipe, which inodes are known (1 the source's, 2 the pyc's), then the fields in their order.

Times are seconds and nanoseconds: together they exceed 63 bits from 2262 on.
"""
_NUMBER = struct.Struct("<I")
_OF_MODULES = "-packages"  # how the name of a directory ends that holds the modules of many packages
_BELOW_MODULES, _ELSEWHERE = 3, 6
"""How many names of a path say which file it is in, counted from that directory, or with the empty one before `/`."""
_NO_INODE = (0, 0, 0, 0, 0)
_DIGEST_SIZE = 20
_LARGEST = 64 << 20
_SWEPT = 32
_NAME_LENGTH = 40  # of the name of a file: hexadecimal digits of a digest
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
    """The digest of the source that the pyc was made of or compared with, see `digest`."""
    pyc: tuple[int, ...]
    """The pyc's inode, see `inode_of`."""
    pyc_digest: bytes
    """Of the whole file, header included."""
    recipe: bytes
    """The first 8 bytes of the header: magic number and flags."""
    release: str
    """Of the interpreter that compiled it, with its build, see `Interpreter.release_and_build`; empty if unknown."""
    proof: Proof
    """How the pyc was found to be right."""


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
    return inode_of(state) if state.ctime_ns % _NANOSECONDS and state.ctime_ns + _TICK < now_ns else ()


def now_ns() -> int:
    """Return the time as file systems stamp it, in nanoseconds."""
    return time.time_ns()


class Record:
    """The record of one system; where there is none, or none that root alone can write, it knows nothing."""

    def __init__(self, tree: Tree, *, create: bool = False) -> None:
        """Prepare to read. `create`: make the directory when there is something to write, where it is missing."""
        self._tree = tree
        self._create = create
        self._names = names_when_asked(tree)
        self._changes: dict[InstalledPath, dict[str, RecordEntry | None]] = {}
        self._forgotten: set[InstalledPath] = set()
        self._known: bool | None = None
        self._read: tuple[str, tuple[int, ...], dict[str, bytes]] = "", (), {}  # name, inode, content of the last file

    def of(self, cache: InstalledPath) -> dict[str, RecordEntry]:
        """Return the entries of a cache directory, by the pycs' names."""
        if not self.is_there():
            return {}
        key = self._key(cache)
        body = self._group(_file_name(key)).get(key)
        return {} if body is None else _decode_entries(body)

    def _group(self, name: str) -> dict[str, bytes]:
        """Return what a file has, by the cache directories' paths; it is read again where it was replaced."""
        try:
            directory = self._tree.open_settings(RECORD)
            inode = inode_of(file_state(os.stat(name, dir_fd=directory, follow_symlinks=False)))
        except (OSError, Refused):
            return {}
        if (name, inode) != self._read[:2]:
            self._read = "", (), {}  # both at once would take memory
            self._read = name, inode, _decode(read_trusted(self._tree, RECORD, name, _LARGEST))
        return self._read[2]

    def caches(self) -> list[InstalledPath]:
        """Return all cache directories of which something is known."""
        names = os.listdir(self._tree.open_settings(RECORD)) if self.is_there() else []
        return [InstalledPath(cache) for name in names for cache in self._group(name)]

    def note(self, cache: InstalledPath, name: str, entry: RecordEntry | None) -> None:
        """Remember an entry for `save`; None forgets the pyc."""
        self._changes.setdefault(self._key(cache), {})[name] = entry

    def forget(self, cache: InstalledPath) -> None:
        """Forget a cache directory in `save`, without reading what is known of it."""
        self._forgotten.add(self._key(cache))

    def _key(self, cache: InstalledPath) -> InstalledPath:
        """Return the one name under which a cache directory is recorded: on a merged /usr that in /usr."""
        if cache.startswith("/usr/"):
            return cache
        return next((name for name in self._names(cache) if name.startswith("/usr/")), cache)

    def save(self) -> None:
        """Write what was noted; what can't be written is not known next time, which costs time only."""
        changes, self._changes = self._changes, {}
        forgotten, self._forgotten = self._forgotten, set()
        if not (changes or (forgotten and self.is_there())):
            return
        groups: dict[str, set[InstalledPath]] = {}
        for cache in (*changes, *forgotten):
            groups.setdefault(_file_name(cache), set()).add(cache)
        try:
            directory = self._open()
            self._known = True
            for name, caches in groups.items():
                known = self._group(name)
                bodies = {cache: body for cache, body in known.items() if cache not in forgotten}
                for cache in caches & changes.keys():
                    _change(bodies, cache, changes[cache])
                self._write(directory, name, known, bodies)
        except (OSError, Refused):  # no state directory, not root, a full or read-only /var
            return

    def _write(self, directory: int, name: str, known: dict[str, bytes], bodies: dict[str, bytes]) -> None:
        """Replace a file, unless it has that already, as where inodes prove nothing, and each run reads contents."""
        if not bodies:
            remove_file(directory, name)
        elif bodies != known:
            write_state(directory, name, _encode(bodies), RECORD)

    def sweep_temporaries(self, *directories: InstalledPath) -> None:
        """Remove what dead runs left in some directories of state."""
        for directory in directories:
            try:
                temporaries.sweep(self._tree.open_settings(directory))
            except (OSError, Refused):  # no such directory, or a read-only one: what is left costs room only
                continue

    def sweep(self) -> None:
        """Remove what dead runs left, files of another format, and what a few others know of pycs that are gone."""
        self.sweep_temporaries(RECORD)
        try:
            directory = self._tree.open_settings(RECORD)
            names = sorted(os.listdir(directory))
            for name in [one for one in names if len(one) < _NAME_LENGTH and temporaries.token_of(one) is None]:
                remove_file(directory, name)
        except (OSError, Refused):  # as above
            return
        first = int.from_bytes(os.urandom(4), "little") % max(len(names), 1)
        for name in [*names[first:], *names[:first]][:_SWEPT]:
            self._forget_gone(InstalledPath(cache) for cache in self._group(name))

    def sweep_caches(self, caches: Iterable[InstalledPath]) -> None:
        """Remove what is known of pycs in some cache directories that are gone."""
        self._forget_gone(self._key(cache) for cache in caches)

    def _forget_gone(self, caches: Iterable[InstalledPath]) -> None:
        for cache in caches:
            for name in self.of(cache).keys() - look_into(self._tree, cache):
                self.note(cache, name, None)
        self.save()

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
                self._known = self._opened() >= 0
            except (OSError, Refused):
                self._known = False
        return self._known


def open_state(tree: Tree, directory: InstalledPath) -> int:
    """Open a directory of state. Raises Refused where others could write to it, root's group too, OSError."""
    descriptor = tree.open_settings(directory)
    reason = distrust(os.fstat(descriptor), tree.trusted)
    if reason is not None:
        raise Refused(directory, *reason)
    return descriptor


def _change(bodies: dict[str, bytes], cache: InstalledPath, changed: dict[str, RecordEntry | None]) -> None:
    """Put what was noted of a cache directory into what is known of its neighbours."""
    known = _decode_entries(bodies[cache]) if cache in bodies else {}
    kept = {name: entry for name, entry in {**known, **changed}.items() if entry is not None}
    if kept:
        bodies[cache] = _encode_entries(kept)
    else:
        bodies.pop(cache, None)


def _encode(bodies: dict[str, bytes]) -> bytes:
    """Return the content of a file: its digest, the length of an index, the index, and what it has of each directory.

    The index has each cache directory's path and the length of what follows for it, with NULs between.
    """
    index = "\0".join(f"{cache}\0{len(body)}" for cache, body in bodies.items())
    lines = index.encode("utf-8", "surrogateescape")
    body = b"".join((_NUMBER.pack(len(lines)), lines, *bodies.values()))
    return _MAGIC + digest(body) + body


def _decode(data: bytes) -> dict[str, bytes]:
    """Read what `_encode` wrote; nothing if it is damaged, or was made up by another system's owner."""
    head = len(_MAGIC) + _DIGEST_SIZE
    if not data.startswith(_MAGIC) or digest(data[head:]) != data[len(_MAGIC) : head]:
        return {}
    try:
        (length,) = _NUMBER.unpack_from(data, head)
        at = head + _NUMBER.size + length
        texts = os.fsdecode(data[head + _NUMBER.size : at]).split("\0")
        bodies = {}
        for cache, size in zip(texts[::2], texts[1::2]):
            end = at + int(size)
            bodies[cache] = data[at:end]
            at = end
    except (struct.error, ValueError):
        return {}
    return bodies


def _encode_entries(entries: dict[str, RecordEntry]) -> bytes:
    """Return the number of entries, these, and the pycs' names with NULs between."""
    names = "\0".join(entries).encode("utf-8", "surrogateescape")
    return b"".join((_NUMBER.pack(len(entries)), *map(_encode_entry, entries.values()), names))


def _encode_entry(entry: RecordEntry) -> bytes:
    source, source_digest, pyc, pyc_digest, recipe, release, proof = entry
    known = bool(source) + 2 * bool(pyc)
    numbers = (*_split(source or _NO_INODE), source_digest, *_split(pyc or _NO_INODE), pyc_digest)
    return _ENTRY.pack(proof, len(recipe), known, *numbers, recipe, int(release or "0", 16))


def _split(inode: tuple[int, ...]) -> tuple[int, ...]:
    device, number, size, mtime_ns, ctime_ns = inode
    return (device, number, size, *divmod(mtime_ns, _NANOSECONDS), *divmod(ctime_ns, _NANOSECONDS))


def _decode_entries(body: bytes) -> dict[str, RecordEntry]:
    """Read what `_encode_entries` wrote; nothing for anything else. For speed it is one loop."""
    entries = {}
    try:
        (number,) = _NUMBER.unpack_from(body)
        end = _NUMBER.size + number * _ENTRY.size
        names = os.fsdecode(body[end:]).split("\0")
        for name, fields in zip(names, _ENTRY.iter_unpack(body[_NUMBER.size : end])):
            proof, length, known, *inodes, recipe, release = fields
            device, inode, size, mtime, mtime_ns, ctime, ctime_ns, source_digest = inodes[:8]
            source = device, inode, size, mtime * _NANOSECONDS + mtime_ns, ctime * _NANOSECONDS + ctime_ns
            device, inode, size, mtime, mtime_ns, ctime, ctime_ns, pyc_digest = inodes[8:]
            pyc = device, inode, size, mtime * _NANOSECONDS + mtime_ns, ctime * _NANOSECONDS + ctime_ns
            known_source, known_pyc = source if known & 1 else (), pyc if known & 2 else ()
            text, made = f"{release:016x}" if release else "", _PROOFS[proof]
            entries[name] = RecordEntry(known_source, source_digest, known_pyc, pyc_digest, recipe[:length], text, made)
    except (struct.error, IndexError):
        return {}
    return entries


def _file_name(cache: str) -> str:
    """Name the file that has a cache directory: its neighbours are what lies below the same directory."""
    names = cache.split("/")
    modules = next((number for number, name in enumerate(names) if name.endswith(_OF_MODULES)), None)
    group = "/".join(names[: _ELSEWHERE if modules is None else modules + _BELOW_MODULES])
    return blake2b(group.encode("utf-8", "surrogateescape"), digest_size=_NAME_LENGTH // 2).hexdigest()
