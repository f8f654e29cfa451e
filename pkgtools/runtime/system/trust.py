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

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import FileState, InstalledPath, Reason
from pkgtools.runtime.lean import NamedTuple, partial
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY

from .access import Access, distrust_bytecode, distrust_sources, may_be_passed
from .user_namespace import unmapped_user

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
READ_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a file is opened to be read: never through a link, never waiting for who would write to a FIFO."""
LARGEST_SETTINGS = 1 << 20
"""Bytes of a file of settings; what is beyond is not read."""
_KEPT_OPEN = max(32, min(256, os.sysconf("SC_OPEN_MAX") // 4))
_LINKS = 40


class Tree:
    """The directories of one installed system.

    Descriptors are kept, the one that wasn't asked for the longest given up first: one that `open` returned is good
    for the next few calls, 256 where the limit of open files is the usual one.
    """

    def __init__(
        self, root: str = "/", trusted: frozenset[int] = frozenset({0}), *, any_directory: bool = False
    ) -> None:
        """Open the root directory, which is trusted as it is.

        `trusted` are the user ids that may own a directory on the way; no other user may write to one.
        `any_directory`: nor does it matter who may: for build roots, whose modes say nothing of what is installed.
        Raises OSError if there is no such root.
        """
        self.root = root
        self.trusted = trusted
        self._any_directory = any_directory
        self.only_root = trusted == frozenset({0}) and not any_directory
        """No other user's directory is reached, and none that another user can write to."""
        self.unmapped = unmapped_user()
        """The user id that stands for all owners whom this user namespace doesn't know; None outside of one."""
        self.uid = os.geteuid()
        self.gid = os.getegid()
        self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: dict[tuple[InstalledPath, InstalledPath], int] = {}

    def open(self, base: InstalledPath, directory: InstalledPath) -> int:
        """Return a descriptor of a directory at or below `base`.

        Up to the base, links that a trusted user owns in a directory that only trusted users write are followed;
        below it only root's own to a directory, as where root moved a large one to another disk.
        Raises Refused for a path that can't be trusted, FileNotFoundError where nothing is, OSError.
        """
        if (base, directory) in self._open or not directory.startswith(base.rstrip("/") + "/"):
            return self._keep((base, directory), self._follow)
        missing = []
        path = directory
        while path not in (base, "/") and (base, path) not in self._open:  # "/": of a base that isn't written plainly
            missing.append(path)
            path = InstalledPath(path.rpartition("/")[0] or "/")
        descriptor = self._keep((base, path), self._follow)
        for below in reversed(missing):
            step = partial(self._enter, descriptor, below.rpartition("/")[2])
            descriptor = self._keep((base, below), step)
        return descriptor

    def open_settings(self, directory: InstalledPath) -> int:
        """Return a descriptor of a directory of settings or state; unlike `open`, of none below a sticky directory.

        Raises Refused, FileNotFoundError, OSError.
        """
        key = (InstalledPath(""), directory)  # no base: what `open` found by this name may lie below a sticky one
        return self._keep(key, partial(self._follow, sticky=False))

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
        """Give up a descriptor: its directory was removed or made again."""
        descriptor = self._open.pop((base, directory), None)
        if descriptor is not None:
            os.close(descriptor)

    def descriptors(self) -> frozenset[int]:
        """Return all descriptors that are kept."""
        return frozenset((self._root, *self._open.values()))

    def close(self) -> None:
        """Give up all descriptors."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        os.close(self._root)

    def _step(self, parent: int, name: str, path: InstalledPath, *, passing: bool = False) -> int:
        """Open a directory in an open one. `passing`: root's sticky one will do, others can't rename what is in it."""
        descriptor = self._look(parent, name, path)
        if self._any_directory:
            return descriptor
        found = os.fstat(descriptor)
        reason = None if passing and _is_sticky(found) else distrust_directory(found, self.readable(), descriptor)
        if reason is not None:
            os.close(descriptor)
            raise Refused(path, *reason)
        return descriptor

    def _enter(self, parent: int, name: str, path: InstalledPath) -> int:
        """Open a directory below a base; root's own link leads on, by a way that is looked at from the root again."""
        if name in {".", ".."}:
            raise Refused(path, Reason.NOT_A_DIRECTORY, "name the directory without `.` and `..`")
        try:
            return self._step(parent, name, path)
        except Refused as refusal:
            other = refusal.reason is not Reason.SYMLINK or self._any_directory or name == CACHE_DIRECTORY
            if other or os.stat(name, dir_fd=parent, follow_symlinks=False).st_uid not in {0, self.uid}:
                raise
            try:
                return self._follow(path)
            except FileNotFoundError:
                raise refusal from None

    def readable(self) -> frozenset[int]:
        """Return the user ids whose directories and settings may be read; `trusted` are those where root may write."""
        return self.trusted if self.unmapped is None else self.trusted | {self.unmapped}

    def _look(self, parent: int, name: str, path: InstalledPath) -> int:
        """Open a directory in an open one, whoever owns it: only to look."""
        try:
            return os.open(name, _DIRECTORY, dir_fd=parent)
        except NotADirectoryError:
            raise _not_a_directory(parent, name, path) from None

    def _follow(self, path: InstalledPath, *, trusting: bool = False, sticky: bool = True) -> int:
        """Walk from the root to a base, following trusted links; the stack of descriptors makes `..` safe.

        `trusting`: whoever owns what; only to look. `sticky`: the way may lead through root's sticky directories, of
        which others can't take away what is root's; below them no link is followed.
        """
        way = [_Passed(InstalledPath("/"), os.dup(self._root), False)]
        todo = path.split("/")[::-1]
        links = 0
        try:
            while todo:
                name = todo.pop()
                if name in {"", "."}:
                    continue
                if name == "..":
                    if len(way) > 1:
                        os.close(way.pop().descriptor)
                    continue
                here = way[-1]
                at = InstalledPath(f"{here.path.rstrip('/')}/{name}")
                found = os.stat(name, dir_fd=here.descriptor, follow_symlinks=False)
                if not stat.S_ISLNK(found.st_mode):
                    passing = sticky and any(part not in {"", "."} for part in todo)
                    step = self._look if trusting else partial(self._step, passing=passing)
                    below = here.below_sticky or (not trusting and _is_sticky(found))
                    way.append(_Passed(at, step(here.descriptor, name, at), below))
                    continue
                links += 1
                if links > _LINKS or not (trusting or (found.st_uid in self.readable() and not here.below_sticky)):
                    detail = "a link on the way that isn't root's, or lies below /tmp: name the real directory"
                    raise Refused(at, Reason.SYMLINK, detail)
                target = os.readlink(name, dir_fd=here.descriptor)
                if target.startswith("/"):
                    while len(way) > 1:
                        os.close(way.pop().descriptor)
                todo.extend(target.split("/")[::-1])
            return way.pop().descriptor
        finally:
            for passed in way:
                os.close(passed.descriptor)


class _Passed(NamedTuple):
    """A directory on the way to a base."""

    path: InstalledPath
    descriptor: int
    below_sticky: bool


def distrust(found: os.stat_result, trusted: frozenset[int]) -> tuple[Reason, str] | None:
    """Say why a directory of bytecode or state, or a file in it, can't be trusted, with the remedy; None if it can."""
    return distrust_bytecode(Access(found.st_mode, found.st_uid, found.st_gid), trusted)


def distrust_directory(found: os.stat_result, trusted: frozenset[int], descriptor: int) -> tuple[Reason, str] | None:
    """Say why a directory of sources or settings, or a file of settings, can't be trusted; None if it can."""
    acl = bool(found.st_mode & 0o020) and has_acl(descriptor)
    return distrust_sources(Access(found.st_mode, found.st_uid, found.st_gid, acl), trusted)


def _is_sticky(found: os.stat_result) -> bool:
    return may_be_passed(Access(found.st_mode, found.st_uid, found.st_gid))


def _not_a_directory(parent: int, name: str, path: InstalledPath) -> Refused:
    found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        return Refused(path, Reason.SYMLINK, "a link: only root's own to a directory is followed")
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
    times = found.st_mtime_ns, found.st_ctime_ns
    return FileState(found.st_mode, found.st_uid, found.st_gid, found.st_size, *times, (found.st_dev, found.st_ino))


def mount_of(descriptor: int) -> int | None:
    """Return the number of the mount that an open file lies on, None if /proc doesn't say (proc_pid_fdinfo(5)).

    Bind mounts of one file system have the same device and different numbers.
    """
    try:
        with open(f"/proc/self/fdinfo/{descriptor}", "rb") as stream:
            lines = stream.read().split(b"\n")
    except OSError:
        return None
    numbers = [line.partition(b":")[2].strip() for line in lines if line.startswith(b"mnt_id:")]
    return int(numbers[0]) if numbers and numbers[0].isdigit() else None


def has_acl(descriptor: int) -> bool:
    """Whether an access or default ACL is set on an open file."""
    try:
        return any(name.startswith("system.posix_acl_") for name in os.listxattr(descriptor))
    except OSError:  # ENOTSUP: a file system without extended attributes has no ACLs
        return False


def read_trusted(tree: Tree, directory: InstalledPath, name: str, largest: int = LARGEST_SETTINGS) -> bytes:
    """Read a file of state; nothing where there is none, or where others could have written it."""
    try:
        return read_settings(tree, directory, name, largest)
    except (OSError, Refused):
        return b""


def read_settings(tree: Tree, directory: InstalledPath, name: str, largest: int = LARGEST_SETTINGS) -> bytes:
    """Read a file of settings up to `largest` bytes. Raises Refused where others could have written it, OSError."""
    path = InstalledPath(f"{directory}/{name}")
    try:
        descriptor = os.open(name, READ_FILE, dir_fd=tree.open_settings(directory))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Refused(path, Reason.SYMLINK, "a link: put the file itself there") from None
        if error.errno == errno.ENXIO:  # a socket
            raise Refused(path, Reason.NOT_A_REGULAR_FILE, "remove it") from None
        raise
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)  # open() would keep a directory's when it refuses it
        raise Refused(path, Reason.NOT_A_REGULAR_FILE, "remove it")
    with open(descriptor, "rb") as stream:
        reason = distrust_directory(found, tree.readable(), descriptor)
        if reason is not None:
            raise Refused(path, *reason)
        return stream.read(largest)
