# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The store of bytecode: what a clean before an upgrade takes away, for the compilation after it to take back.

An entry is a pyc as it lay in its cache directory. Its name has digests of all that decides how its source compiles,
of the pyc as the record knew it, and of the source's path. Only what this runtime compiled, by the record, is entered,
and only what still has that digest is taken back: an entry that is damaged costs time only.
"""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Reason
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY
from pkgtools.runtime.record import STATE, Proof, digest, inode_of, open_state
from pkgtools.runtime.system.safefs import make_directory, open_file, remove_file, write_state
from pkgtools.runtime.system.trust import file_state

from .pyc import header_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.facts import Interpreter, Removal
    from pkgtools.runtime.record import RecordEntry
    from pkgtools.runtime.system.trust import Tree

    from .resolve import Ticket
    from .steps import Work

STORE = InstalledPath(f"{STATE}/store")

RELEASE_AND_BUILD = 16
"""Hexadecimal digits of an entry's release in the record where the build is known, too."""
_HEXADECIMAL = frozenset("0123456789abcdef")
_DIGITS = [40, 40, 40]
"""Hexadecimal digits of the parts of a name."""


class StoredPyc(NamedTuple):
    """An entry, by its name."""

    key: str
    """What decides how the source compiles, see `key_of`."""
    digest: str
    """Of the whole pyc, as the record knew it."""
    place: str
    """A digest of the source's path."""

    @property
    def name(self) -> str:
        """The entry's own name in the store."""
        return f"{self.key}-{self.digest}-{self.place}"


def key_of(source_digest: bytes, source: InstalledPath, name: str, magic: bytes, release: str) -> str:
    """Return the key of a pyc: two with one key have the same body.

    `source` is the path in the code object. The pyc's own `name` says the cache tag and the optimization level;
    `release` is that of the interpreter with its build, as in the record.
    """
    texts = (text.encode("utf-8", "surrogateescape") for text in (release, source, name))
    return digest(b"\0".join((source_digest.hex().encode(), magic.hex().encode(), *texts))).hex()


def stored_pyc(entry: RecordEntry, source: InstalledPath, name: str) -> StoredPyc:
    """Return the entry that a recorded pyc of this name becomes."""
    key = key_of(entry.source_digest, source, name, entry.recipe[:4], entry.release)
    return StoredPyc(key, entry.pyc_digest.hex(), place_of(source))


class Keeper:
    """Moves pycs into the store."""

    def __init__(self, tree: Tree) -> None:
        """Get ready."""
        self._tree = tree

    def store(self) -> int:
        """Return an open descriptor of the store, good for the next few calls of `Tree`. Raises Refused, OSError."""
        return open_store(self._tree)

    def keep(self, directory: int, removal: Removal, *, known: dict[str, RecordEntry]) -> bool:
        """Move what is to be removed from an open directory; False if that isn't to be kept, or can't be.

        `known` is what the record has of the directory.
        """
        entry = known.get(removal.name)
        source = removal.source
        if source is None or entry is None or not may_enter(removal, source, entry):
            return False
        try:
            return self._move(directory, removal.name, entry, stored_pyc(entry, source, removal.name))
        except (Refused, OSError):  # a full disk, or it is gone: what is still there is removed
            return False

    def _move(self, directory: int, name: str, entry: RecordEntry, kept: StoredPyc) -> bool:
        store = self.store()
        with open(open_file(directory, name), "rb") as stream:
            found = os.fstat(stream.fileno())
            is_known = inode_of(file_state(found)) == entry.pyc
            # a file with more names may be a copy that root keeps, whose mode is not ours to change
            if found.st_dev == os.fstat(store).st_dev and found.st_nlink == 1:
                if not is_known and digest(stream.read()) != entry.pyc_digest:
                    return False
                os.rename(name, kept.name, src_dir_fd=directory, dst_dir_fd=store)
                os.fchmod(stream.fileno(), 0o600)
                return True
            data = stream.read()
        if digest(data) != entry.pyc_digest:
            return False
        write_state(store, kept.name, data, STORE)
        remove_file(directory, name)
        return True


def keeper(tree: Tree) -> Keeper | None:
    """Return what moves pycs into the store, which is made where it is missing; None where there can be none."""
    try:
        open_store(tree, create=True)
    except (Refused, OSError):  # no state directory, not root, read-only: what goes is compiled again
        return None
    return Keeper(tree)


def may_enter(removal: Removal, source: InstalledPath, entry: RecordEntry) -> bool:
    """Whether a pyc is one that this runtime compiled, in the place where the interpreter looks for it."""
    beside = removal.directory == f"{source.rpartition('/')[0]}/{CACHE_DIRECTORY}"
    return beside and is_ours(entry) and removal.reason is Reason.CACHE_OF_SOURCE


def is_ours(entry: RecordEntry) -> bool:
    """Return whether this runtime compiled a pyc, with an interpreter whose build is known."""
    return entry.proof is Proof.MADE and len(entry.release) == RELEASE_AND_BUILD


def has_body(entry: RecordEntry, source_digest: bytes, interpreter: Interpreter) -> bool:
    """Return whether a recorded pyc has the body that compiling a source with an interpreter would give."""
    is_same = entry.source_digest == source_digest and entry.recipe[:4] == interpreter.magic
    return is_same and is_ours(entry) and entry.release == interpreter.release_and_build


def place_of(source: InstalledPath) -> str:
    """Return a digest of a source's path, as it stands in an entry's name."""
    return digest(source.encode("utf-8", "surrogateescape")).hex()


class Reuse:
    """Takes bodies from the store, or from a pyc in place of which only the header is old."""

    def __init__(self, tree: Tree) -> None:
        """Read what the store has; nothing where there is none, or none that root alone can read and write."""
        self._tree = tree
        self._known: dict[str, StoredPyc] = {}
        try:
            self._known = {one.key: one for one in map(parsed, os.listdir(open_store(tree))) if one is not None}
        except (Refused, OSError):  # everything is compiled
            return

    @property
    def is_empty(self) -> bool:
        """Whether the store has nothing; a pyc in place may still give its body."""
        return not self._known

    def body_of(self, ticket: Ticket, work: Work) -> bytes:
        """Return the body that compiling a target would give; empty where it has to be compiled."""
        return self._in_place(ticket, work) or self._stored(ticket, work)

    def _in_place(self, ticket: Ticket, work: Work) -> bytes:
        """Return the body of the pyc that is there, if this runtime made it of a source with the same bytes."""
        entry, interpreter = work.entry, work.target.interpreter
        if entry is None or work.reason is not Reason.STALE_SOURCE or not has_body(entry, ticket.digest, interpreter):
            return b""
        cache = ticket.job.cache
        try:
            with open(open_file(self._tree.open(cache.base, cache.directory), work.target.name), "rb") as stream:
                data = stream.read()
        except (Refused, OSError):  # it went meanwhile
            return b""
        return data[header_size(interpreter.version) :] if digest(data) == entry.pyc_digest else b""

    def _stored(self, ticket: Ticket, work: Work) -> bytes:
        if not self._known:
            return b""
        interpreter, target = work.target.interpreter, work.target
        release = interpreter.release_and_build
        key = key_of(ticket.digest, target.source.path, target.name, interpreter.magic, release)
        kept = self._known.get(key)
        if kept is None or len(release) != RELEASE_AND_BUILD:
            return b""
        try:
            with open(open_file(self._tree.open_settings(STORE), kept.name), "rb") as stream:
                data = stream.read()
        except (Refused, OSError):  # it was dropped meanwhile, or can't be read
            return b""
        is_right = digest(data).hex() == kept.digest and data.startswith(interpreter.magic)
        return data[header_size(interpreter.version) :] if is_right else b""


def parsed(name: str) -> StoredPyc | None:
    """Return an entry by its name; None for any other name."""
    parts = name.split("-")
    if list(map(len, parts)) != _DIGITS or not _HEXADECIMAL.issuperset("".join(parts)):
        return None
    return StoredPyc(*parts)


def is_store_empty(tree: Tree) -> bool:
    """Return whether there is nothing in the store, so that nothing need be loaded that deals with it."""
    try:
        return not os.listdir(open_store(tree))
    except (Refused, OSError):  # there is none, or none that root alone can read and write
        return True


def open_store(tree: Tree, *, create: bool = False) -> int:
    """Open the store. Raises Refused where others than root could read or write it, OSError where there is none."""
    try:
        store = open_state(tree, STORE)
    except FileNotFoundError:
        if not create:
            raise
        from pkgtools.runtime.facts import Ownership  # noqa: PLC0415 - once on a system

        make_directory(open_state(tree, STATE), os.path.basename(STORE), Ownership(0o700, tree.uid, tree.gid))
        store = open_state(tree, STORE)
    if stat.S_IMODE(os.fstat(store).st_mode) & 0o077:
        raise Refused(STORE, Reason.WRITABLE_BY_OTHERS, f"others can read it: chmod 0700 {STORE}")
    return store
