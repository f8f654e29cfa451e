# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A store of bytecode in a directory that the caller names, for image builds and fleets; off by default.

An entry is one body. Its name is the key of all that decides how its source compiles, which its content repeats. Only
what a run has compiled itself, of a source that everybody can read, is written to its store. An entry is taken if it
is the trusted owner's, has the key it is called by, and has the digest, and with a secret key the authentication code,
of its body. What is lost, damaged or can't be written costs time only.
"""

from __future__ import annotations

import os
import struct
import time
from _blake2 import blake2b
from _operator import _compare_digest as is_equal

from pkgtools.runtime.errors import EnvironmentFault, Refused, said
from pkgtools.runtime.facts import InstalledPath, Ownership, Reason
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.record import STATE, digest, open_state
from pkgtools.runtime.system.safefs import make_directory, open_file, reason_of, write_state
from pkgtools.runtime.system.temporaries import sweep, token_of
from pkgtools.runtime.system.trust import distrust

from .reuse import RELEASE_AND_BUILD, key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.system.trust import Tree

    from .resolve import Ticket
    from .steps import Work

MARK = "CACHEDIR.TAG"
"""In each store: it says whose it is, and that no backup needs it (bford.info/cachedir)."""
_MARKED = b"Signature: 8a477f597d28d172789f06886806bc55\n# pkgtools-compile --store, format 1\n"
_NOT_OURS = frozenset({"lost+found"})
"""What may lie in a directory that becomes a store, as in a new file system."""
_HEAD = struct.Struct("<16s20s20s32s")
"""What it is, its key, the digest of its body, and the code that a secret key makes of all that; the body follows."""
_MAGIC = b"pkgtools body 1\n"
_LARGEST = 64 << 20
"""Bytes that are read of an entry: who can write to a copy, but has no key, can't have us read more."""
_SHORTEST_KEY, _LONGEST_KEY = 16, 4096
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DAY = 86_400


class NamedStore:
    """The bodies in a store that the caller has named."""

    def __init__(self, tree: Tree, path: InstalledPath, secret: bytes, *, is_written: bool) -> None:
        """Get ready; `secret` is a key of 32 bytes or nothing, `is_written` whether bodies may be entered."""
        self._tree = tree
        self._path = path
        self._secret = secret
        self._is_written = is_written
        self._public: dict[str, bool] = {}

    def body_of(self, ticket: Ticket, work: Work) -> bytes:
        """Return the body that compiling a target would give; empty where the store has none that can be trusted."""
        key = _key(ticket, work)
        if not key:
            return b""
        try:
            data = self._read(key)
        except (Refused, OSError):  # there is none, or it can't be read
            return b""
        if len(data) <= _HEAD.size:
            return b""
        body = data[_HEAD.size :]
        _, _, _, code = _HEAD.unpack_from(data)
        head = _HEAD.pack(_MAGIC, bytes.fromhex(key), digest(body), code)
        is_authentic = not self._secret or is_equal(code, self._code(head, body))
        return body if is_authentic and data.startswith(head) else b""

    def enter(self, ticket: Ticket, work: Work, body: bytes) -> None:
        """Keep the body that was just compiled of a source; a full or broken store is left alone from then on."""
        key = _key(ticket, work) if self._is_written else ""
        if not key or not self._is_public(ticket):
            return
        head = _HEAD.pack(_MAGIC, bytes.fromhex(key), digest(body), b"")
        if self._secret:
            head = _HEAD.pack(_MAGIC, bytes.fromhex(key), digest(body), self._code(head, body))
        try:
            write_state(self._tree.open_settings(self._path), key, head + body, self._path)
        except (Refused, OSError):  # what isn't kept is compiled the next time
            self._is_written = False

    def _read(self, key: str) -> bytes:
        """Return the content of an entry, nothing of one that isn't the trusted owner's. Raises Refused, OSError."""
        with open(open_file(self._tree.open_settings(self._path), key), "rb") as stream:
            found = os.fstat(stream.fileno())
            if distrust(found, self._tree.trusted) is not None:
                return b""
            if self._is_written and time.time() - found.st_mtime > _DAY:
                os.utime(stream.fileno())  # so that the old ones can be deleted
            return stream.read(_LARGEST)

    def _code(self, head: bytes, body: bytes) -> bytes:
        """Return the authentication code of an entry: BLAKE2b with a key (RFC 7693) over all that isn't the code."""
        return blake2b(head[:-32] + body, key=self._secret, digest_size=32).digest()

    def _is_public(self, ticket: Ticket) -> bool:
        """Whether everybody can read a source, and so may read what is compiled of it wherever the store is copied."""
        source = ticket.job.source
        if ticket.state.mode & 0o044 != 0o044:
            return False
        if source.directory not in self._public:
            try:
                directory = self._tree.open(source.base, source.directory)
                self._public[source.directory] = _is_open_to_all(directory, self._tree.root)
            except (Refused, OSError):  # it went meanwhile
                return False
        return self._public[source.directory]


def _key(ticket: Ticket, work: Work) -> str:
    """Return the key of a target, which names its entry; empty where the interpreter's build is unknown."""
    target = work.target
    release, magic = target.interpreter.release_and_build, target.interpreter.magic
    if len(release) != RELEASE_AND_BUILD:
        return ""
    return key_of(ticket.digest, target.source.path, target.name, magic, release)


def _is_open_to_all(directory: int, root: str) -> bool:
    """Whether everybody may pass each directory from an open one up to the root, by the way that leads there."""
    top = os.stat(root)
    here = os.dup(directory)
    try:
        while True:
            found = os.fstat(here)
            if found.st_mode & 0o011 != 0o011:
                return False
            if os.path.samestat(found, top):
                return True
            above = os.open("..", _DIRECTORY, dir_fd=here)
            is_same = os.path.samestat(found, os.fstat(above))
            os.close(here)
            here = above
            if is_same:
                return True
    finally:
        os.close(here)


def open_named_store(tree: Tree, path: InstalledPath, key_file: InstalledPath | None, *, dry_run: bool) -> NamedStore:
    """Open a store, which is made where it is missing; in a dry run it is only looked at.

    Raises EnvironmentFault where others than its owner could write to it or to the key, where the directory is not a
    store, for a read-only copy without a key on a mount that can be written to, and for what can't be opened.
    """
    if path == STATE or is_below(path, STATE):
        raise EnvironmentFault(f"{path}: pkgtools keeps its own state there: name another directory for --store")
    secret = b"" if key_file is None else _key_of_file(tree, key_file)
    try:
        directory = _open(tree, path, create=not dry_run)
        if directory is None:  # it would have to be made
            return NamedStore(tree, path, secret, is_written=False)
        may_write = bool(os.fstat(directory).st_mode & 0o200) and os.access(".", os.W_OK, dir_fd=directory)
        is_marked = _is_store(directory, path, may_begin=may_write)
        _admit(directory, path, secret, may_write=may_write)
        is_written = may_write and not dry_run and (is_marked or _mark(directory, path))
        if is_written:
            sweep(directory)
    except Refused as error:
        raise _distrusted(error, "a directory for --store") from error
    except OSError as error:
        raise EnvironmentFault(f"{path}: {said(error)}") from error
    return NamedStore(tree, path, secret, is_written=is_written)


def _distrusted(error: Refused, what: str) -> EnvironmentFault:
    remedy = f"name {what} that root alone can write to, and so for each directory above it"
    return EnvironmentFault(f"{error.path}: {error.reason.value}: {remedy}")


def _open(tree: Tree, path: InstalledPath, *, create: bool) -> int | None:
    """Open the directory of a store; None where there is none, and none can be made. Raises Refused, OSError."""
    above, _, name = path.rpartition("/")
    parent = tree.open_settings(InstalledPath(above or "/"))
    if create:
        try:
            make_directory(parent, name, Ownership(0o700, tree.uid, tree.gid))
        except OSError as error:
            if reason_of(error) is not Reason.NO_SPACE:
                raise
    try:
        return open_state(tree, path)
    except FileNotFoundError:
        return None


def _is_store(directory: int, path: InstalledPath, *, may_begin: bool) -> bool:
    """Return whether a directory is marked as a store; False for an empty one, which may become one.

    Raises EnvironmentFault for a directory of other files, OSError.
    """
    if _is_marked(directory):
        return True
    with os.scandir(directory) as entries:
        is_empty = all(entry.name in _NOT_OURS or token_of(entry.name) is not None for entry in entries)
    if may_begin and is_empty:
        return False
    if _is_marked(directory):  # by another run that began meanwhile
        return True
    raise EnvironmentFault(f"{path}: it isn't a store, and not empty: name an empty directory for --store")


def _admit(directory: int, path: InstalledPath, secret: bytes, *, may_write: bool) -> None:
    """Raise EnvironmentFault for a copy that others may have written, and for a store that others can read.

    It is unknown who has written a read-only copy: it needs a key, or a mount that root made read-only.
    """
    if may_write and os.fstat(directory).st_mode & 0o077:
        raise EnvironmentFault(f"{path}: other users can read the store: chmod 0700 {path}")
    if not (may_write or secret or os.fstatvfs(directory).f_flag & os.ST_RDONLY):
        remedy = "give its key with --store-key, or mount it read-only"
        raise EnvironmentFault(f"{path}: a read-only copy of a store on a mount that can be written to: {remedy}")


def _mark(directory: int, path: InstalledPath) -> bool:
    """Mark a store; False where it is full. Raises Refused, OSError."""
    try:
        write_state(directory, MARK, _MARKED, path)
    except OSError as error:
        if reason_of(error) is not Reason.NO_SPACE:
            raise
        return False
    return True


def _is_marked(directory: int) -> bool:
    try:
        with open(open_file(directory, MARK), "rb") as stream:
            return stream.read(len(_MARKED) + 1) == _MARKED
    except OSError:
        return False


def _key_of_file(tree: Tree, path: InstalledPath) -> bytes:
    """Return the key that the content of a file makes, blanks at its ends left out.

    Raises EnvironmentFault where others could read or write it, and where it is too short or too long to be a key.
    """
    try:
        mode, text = _read_key(tree, path)
    except Refused as error:
        raise _distrusted(error, "a file for --store-key") from error
    except OSError as error:
        raise EnvironmentFault(f"{path}: {said(error)}") from error
    if mode & 0o077:
        raise EnvironmentFault(f"{path}: other users can read the key: make a new one with mode 0600")
    if not _SHORTEST_KEY <= len(text) <= _LONGEST_KEY:
        limits = f"{_SHORTEST_KEY} to {_LONGEST_KEY} bytes"
        raise EnvironmentFault(f"{path}: a key has {limits}: head -c 32 /dev/urandom | base64 makes one")
    return blake2b(text, digest_size=32, person=b"pkgtools store").digest()


def _read_key(tree: Tree, path: InstalledPath) -> tuple[int, bytes]:
    above, _, name = path.rpartition("/")
    with open(open_file(tree.open_settings(InstalledPath(above or "/")), name), "rb") as stream:
        found = os.fstat(stream.fileno())
        reason = distrust(found, tree.trusted)
        if reason is not None:
            raise Refused(path, *reason)
        return found.st_mode, stream.read(_LONGEST_KEY + 1).strip()
