# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Reaching directories without being tricked: component by component, by descriptor, only through trusted owners.

This module only reads. `Tree.open` is the one place where a path as the installed system sees it meets the root
directory that the system lies in.
"""

from __future__ import annotations

import errno
import os
import stat
from functools import partial
from typing import TYPE_CHECKING

from .errors import Refused
from .facts import FileState, InstalledPath, Reason
from .layout import CACHE_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Callable

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a file is opened to be read: never through a link, never waiting for who would write to a FIFO."""
_SMALL_SIZE = 1 << 20
_KEPT_OPEN = 256
_LINKS = 40


class Tree:
    """The directories of one installed system.

    Descriptors are kept, the one that wasn't asked for the longest given up first: one that `open` returned is good
    for the next hundred calls.
    """

    def __init__(self, root: str = "/", trusted: frozenset[int] = frozenset({0})) -> None:
        """Open the root directory, which is trusted as it is.

        `trusted` are the user ids that may own a directory on the way; nobody else may write to one.
        Raises OSError if there is no such root.
        """
        self.root = root
        self.trusted = trusted
        self.uid = os.geteuid()
        self.gid = os.getegid()
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: dict[tuple[InstalledPath, InstalledPath], int] = {}

    def open(self, base: InstalledPath, directory: InstalledPath) -> int:
        """Return a descriptor of a directory at or below `base`.

        Up to the base, links that a trusted user owns in a directory that only trusted users write are followed;
        below it none is. Raises Refused for a path that can't be trusted, FileNotFoundError where nothing is, OSError.
        """
        if not directory.startswith(base.rstrip("/") + "/"):
            return self._keep((base, directory), self._follow)
        missing = []
        path = directory
        while path != base and (base, path) not in self._open:
            missing.append(path)
            path = InstalledPath(path.rpartition("/")[0] or "/")
        descriptor = self._keep((base, path), self._follow)
        for below in reversed(missing):
            step = partial(self._step, descriptor, below.rpartition("/")[2])
            descriptor = self._keep((base, below), step)
        return descriptor

    def _keep(self, key: tuple[InstalledPath, InstalledPath], open_it: Callable[[InstalledPath], int]) -> int:
        """Return the descriptor kept for a directory, or open it; either way it's the youngest now."""
        descriptor = self._open.pop(key, None)
        if descriptor is None:
            descriptor = open_it(key[1])
            if len(self._open) >= _KEPT_OPEN:
                os.close(self._open.pop(next(iter(self._open))))
        self._open[key] = descriptor
        return descriptor

    def exists(self, path: InstalledPath) -> bool:
        """Whether anything, be it a link to nowhere, has this name; links above it are followed, trusted or not."""
        above, _, name = path.rpartition("/")
        try:
            directory = self._follow(InstalledPath(above or "/"), trusting=True)
        except OSError:
            return False
        try:
            os.stat(name or ".", dir_fd=directory, follow_symlinks=False)
        except OSError:
            return False
        finally:
            os.close(directory)
        return True

    def look(self, path: InstalledPath) -> int:
        """Open a directory only to read in it, whoever owns it and the links on the way; the caller closes it.

        Raises FileNotFoundError where there is none, Refused, OSError.
        """
        return self._follow(path, trusting=True)

    def owner_of(self, path: InstalledPath) -> tuple[int, int]:
        """Return user and group of the directory a path leads to, this process's own where it leads to none."""
        try:
            directory = self._follow(path, trusting=True)
        except OSError:  # looking at it will say what is wrong
            return self.uid, self.gid
        found = os.fstat(directory)
        os.close(directory)
        return found.st_uid, found.st_gid

    def trusting_owner_of(self, path: InstalledPath) -> Tree:
        """Return a tree in which the owner of a path is trusted too: to read names there, not to write."""
        return Tree(self.root, self.trusted | {self.owner_of(path)[0]})

    def forget(self, base: InstalledPath, directory: InstalledPath) -> None:
        """Give up a descriptor: its directory was removed or made anew."""
        descriptor = self._open.pop((base, directory), None)
        if descriptor is not None:
            os.close(descriptor)

    def close(self) -> None:
        """Give up all descriptors."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        os.close(self._root)

    def _step(self, parent: int, name: str, path: InstalledPath, *, trusting: bool = False) -> int:
        try:
            descriptor = os.open(name, _DIRECTORY, dir_fd=parent)
        except NotADirectoryError:
            raise _not_a_directory(parent, name, path) from None
        reason = None if trusting else distrust(os.fstat(descriptor), self.trusted)
        if reason is not None:
            os.close(descriptor)
            raise Refused(path, *reason)
        return descriptor

    def _follow(self, path: InstalledPath, *, trusting: bool = False) -> int:
        """Walk from the root to a base, following trusted links; the stack of descriptors makes `..` safe.

        `trusting`: whoever owns what; only to look.
        """
        stack = [os.dup(self._root)]
        todo = path.split("/")[::-1]
        links = 0
        try:
            while todo:
                name = todo.pop()
                if name in {"", "."}:
                    continue
                if name == "..":
                    if len(stack) > 1:
                        os.close(stack.pop())
                    continue
                found = os.stat(name, dir_fd=stack[-1], follow_symlinks=False)
                if not stat.S_ISLNK(found.st_mode):
                    stack.append(self._step(stack[-1], name, path, trusting=trusting))
                    continue
                links += 1
                if links > _LINKS or not (trusting or found.st_uid in self.trusted):
                    detail = f"the link {name!r} on the way isn't root's: name the real directory"
                    raise Refused(path, Reason.SYMLINK, detail)
                target = os.readlink(name, dir_fd=stack[-1])
                if target.startswith("/"):
                    while len(stack) > 1:
                        os.close(stack.pop())
                todo.extend(target.split("/")[::-1])
            return stack.pop()
        finally:
            for descriptor in stack:
                os.close(descriptor)


def distrust(found: os.stat_result, trusted: frozenset[int]) -> tuple[Reason, str] | None:
    """Say why a directory can't be trusted, with the remedy; None if it can.

    With an ACL the group bits are its mask, so an entry that lets anybody write shows here too (acl(5)).
    """
    if found.st_uid not in trusted:
        return Reason.NOT_ROOT_OWNED, f"user {found.st_uid} owns it: chown it, or use --as-owner"
    if found.st_mode & 0o022:
        return Reason.WRITABLE_BY_OTHERS, f"mode {stat.S_IMODE(found.st_mode):04o}: chmod go-w it"
    return None


def _not_a_directory(parent: int, name: str, path: InstalledPath) -> Refused:
    found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return Refused(path, Reason.SYMLINK, "a link below the base: replace it by a directory")
    return Refused(path, Reason.NOT_A_DIRECTORY, "remove what stands in a directory's place")


def open_cache(directory: int, path: InstalledPath) -> int | None:
    """Open the cache directory in an open directory, whoever can write to it; None if there is none.

    The caller closes the descriptor. Raises Refused for a link or a file in its place (`path` is what to call it),
    OSError.
    """
    try:
        return os.open(CACHE_DIRECTORY, _DIRECTORY, dir_fd=directory)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise _not_a_directory(directory, CACHE_DIRECTORY, path) from None


def open_central(tree: Tree, prefix: InstalledPath, path: InstalledPath) -> int | None:
    """Open a directory of the central cache, which is reached like any other; None if there is none.

    The caller closes the descriptor. Raises Refused, OSError.
    """
    try:
        return os.dup(tree.open(prefix, path))
    except FileNotFoundError:
        return None


def file_state(found: os.stat_result) -> FileState:
    """Keep what the plan needs of a stat result."""
    return FileState(
        found.st_mode,
        found.st_uid,
        found.st_gid,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
        (found.st_dev, found.st_ino),
    )


def has_acl(descriptor: int) -> bool:
    """Whether an access or default ACL is set on an open file."""
    try:
        return any(name.startswith("system.posix_acl_") for name in os.listxattr(descriptor))
    except OSError:  # ENOTSUP: a file system without extended attributes has no ACLs
        return False


def read_trusted(tree: Tree, directory: InstalledPath, name: str) -> bytes:
    """Read a small file of state; nothing where there is none, or where others could have written it."""
    try:
        return read_settings(tree, directory, name)
    except (OSError, Refused):
        return b""


def read_settings(tree: Tree, directory: InstalledPath, name: str) -> bytes:
    """Read a small file of settings (up to 1 MiB). Raises Refused where others could have written it, OSError."""
    path = InstalledPath(f"{directory}/{name}")
    try:
        descriptor = os.open(name, READ_FILE, dir_fd=tree.open(directory, directory))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused(path, Reason.SYMLINK, "a link: put the file itself there") from None
        raise
    with open(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Refused(path, Reason.NOT_A_REGULAR_FILE, "remove it")
        reason = distrust(found, tree.trusted)
        if reason is not None:
            raise Refused(path, *reason)
        return stream.read(_SMALL_SIZE)
