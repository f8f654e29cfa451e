# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The only writer. Everything is done through the descriptor of a directory that `trust` reached.

A pyc comes into being in five steps: a temporary file is written whole and given its owner and mode; one sync makes
a batch of them durable; rename puts each under its final name, the source being looked at before and after; one more
sync makes the names durable. A run that dies in between leaves temporary files, never half a pyc.
"""

from __future__ import annotations

import errno
import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Reason
from pkgtools.runtime.lean import NamedTuple

from .processes import run, succeeds
from .temporaries import RunLock, lock_name, temporary_name, token_of, write_all
from .trust import READ_FILE, distrust, has_acl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.facts import FileState, Ownership

    from .trust import Tree

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_SYNC = "/usr/bin/sync"
_STANDARD_INPUT = "/proc/self/fd/0"
_ACLS = ("system.posix_acl_access", "system.posix_acl_default")


def make_directory(parent: int, name: str, ownership: Ownership) -> None:
    """Make a directory with exactly this owner and mode; one that is there already is left as it is.

    A default ACL of the parent, its setgid bit and the umask have no say. Raises OSError.
    """
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    descriptor = open_directory(parent, name)
    try:
        settle(descriptor, ownership)
    finally:
        os.close(descriptor)


def claim_directory(parent: int, name: str, ownership: Ownership) -> None:
    """Take a cache directory away from whoever could write into it: owner first, then mode and ACLs.

    Raises OSError, NotADirectoryError for a link.
    """
    descriptor = open_directory(parent, name)
    try:
        settle(descriptor, ownership)
    finally:
        os.close(descriptor)


class Temporary(NamedTuple):
    """A temporary file that was written whole."""

    name: str
    """Its own name, in the directory of the pyc that it becomes."""
    identity: tuple[int, int]
    """Device and inode."""


class TemporaryFiles:
    """Writes temporary files under names that no other run and no other file has.

    The lock file of each directory (see `temporaries`) is held from the first file there until `release`.
    """

    def __init__(self) -> None:
        """Begin to count."""
        self._serial = 0
        self._locks: dict[InstalledPath, RunLock] = {}

    def directories(self) -> int:
        """Return in how many directories a lock is held; each takes a descriptor."""
        return len(self._locks)

    def is_locked(self, cache: InstalledPath) -> bool:
        """Whether a lock is held in a directory."""
        return cache in self._locks

    def lock(self, cache: InstalledPath, directory: int) -> None:
        """Hold a lock in an open directory from now on. Raises OSError."""
        if cache not in self._locks:
            self._locks[cache] = RunLock(directory)

    def lock_instead(self, cache: InstalledPath, directory: int) -> None:
        """Hold a lock in the directory that is now in the place of the one in which it was held. Raises OSError."""
        self._locks.pop(cache).close()
        self.lock(cache, directory)

    def count_from(self, serial: int) -> None:
        """Give the next files numbers from `serial` on: other processes of this run write under the same locks."""
        self._serial = serial

    def remove_strays(self, open_it: Callable[[InstalledPath], int], kept: frozenset[str]) -> None:
        """Remove this run's temporary files but those of these names: a process that died left them."""
        for path, lock in self._locks.items():
            try:
                directory = open_it(path)
                for name in os.listdir(directory):
                    if token_of(name) == lock.token and name not in kept and name != lock_name(lock.token):
                        remove_file(directory, name)
            except (Refused, OSError):  # the directory can't be reached any more: a later run sweeps
                continue

    def write(self, path: InstalledPath, directory: int, data: bytes, ownership: Ownership) -> Temporary:
        """Write a whole file for the pyc `path`; on any failure nothing is left and OSError is raised."""
        name = self._name(path, directory)
        descriptor = os.open(name, _NEW, 0o600, dir_fd=directory)
        try:
            write_all(descriptor, data)
            settle(descriptor, ownership)
            found = os.fstat(descriptor)
        except BaseException:  # raised again: whatever ends this leaves nothing behind
            remove_file(directory, name)
            raise
        finally:
            os.close(descriptor)
        return Temporary(name, (found.st_dev, found.st_ino))

    def link(self, path: InstalledPath, directory: int, existing: Temporary) -> Temporary:
        """Give a temporary file a second temporary name (the same bytes serve two levels). Raises OSError."""
        name = self._name(path, directory)
        os.link(existing.name, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        return existing._replace(name=name)

    def release(self, open_it: Callable[[InstalledPath], int]) -> None:
        """Remove the lock files; `open_it` opens a directory. What can't be removed is left for the next run."""
        locks, self._locks = self._locks, {}
        for path, lock in locks.items():
            try:
                lock.release(open_it(path))
            except (Refused, OSError):  # the directory can't be reached any more: a later run sweeps
                lock.close()

    def _name(self, path: InstalledPath, directory: int) -> str:
        where, _, target = path.rpartition("/")
        cache = InstalledPath(where)
        self.lock(cache, directory)
        self._serial += 1
        return temporary_name(self._locks[cache].token, target, self._serial)


def settle(descriptor: int, ownership: Ownership) -> None:
    """Give an open file or directory its owner and mode; ACLs go. What is right already is not touched.

    The owner comes first: chown(2) by a group member would clear bits that chmod has set.
    """
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != (ownership.uid, ownership.gid):
        os.fchown(descriptor, ownership.uid, ownership.gid)
    if has_acl(descriptor):
        _remove_acls(descriptor)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != ownership.mode:
        os.fchmod(descriptor, ownership.mode)


def _remove_acls(descriptor: int) -> None:
    for name in _ACLS:
        try:
            os.removexattr(descriptor, name)
        except OSError as error:
            if error.errno not in {errno.ENODATA, errno.ENOTSUP, errno.EACCES}:
                raise


def open_directory(parent: int, name: str) -> int:
    """Open a directory in an open one, no link followed. Raises OSError, for a file too."""
    return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)


def look_into(tree: Tree, directory: InstalledPath) -> frozenset[str]:
    """Return the names in a directory, whoever owns it; none where it can't be read."""
    try:
        descriptor = tree.look(directory)
    except (Refused, OSError):
        return frozenset()
    try:
        return frozenset(os.listdir(descriptor))
    finally:
        os.close(descriptor)


def open_file(directory: int, name: str) -> int:
    """Open a regular file to read, no link followed. Raises OSError, for what isn't a regular file, too."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)  # open() would keep a directory's when it refuses it
        raise OSError(errno.EINVAL, "not a regular file", name)
    return descriptor


def repair_file(directory: int, name: str, ownership: Ownership) -> None:
    """Put owner and mode of a pyc right without touching its content. Raises OSError."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            settle(descriptor, ownership)
    finally:
        os.close(descriptor)


def publish(directory: int, temporary: Temporary, name: str) -> None:
    """Put a temporary file in a pyc's place, replacing what has the name. Raises OSError, also for another's file."""
    if not has_inode(directory, temporary.name, temporary.identity):
        raise OSError(errno.ESTALE, "the temporary file isn't the one that was written")
    os.rename(temporary.name, name, src_dir_fd=directory, dst_dir_fd=directory)


def has_inode(directory: int, name: str, identity: tuple[int, int]) -> bool:
    """Whether a name belongs to a certain device and inode. Raises OSError, FileNotFoundError too."""
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    return (found.st_dev, found.st_ino) == identity


def is_in_state(found: os.stat_result, state: FileState) -> bool:
    """Whether a stat result says what it said before. Written for speed."""
    identity = found.st_dev, found.st_ino
    times = found.st_mtime_ns, found.st_ctime_ns
    return (found.st_mode, found.st_uid, found.st_gid, found.st_size, *times, identity) == state


def has_names_elsewhere(directory: int, name: str) -> bool:
    """Whether a regular file has more names than those in an open directory. Raises OSError."""
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    if found.st_nlink == 1 or not stat.S_ISREG(found.st_mode):
        return False
    identity = (found.st_dev, found.st_ino)
    return found.st_nlink > sum(has_inode(directory, one, identity) for one in os.listdir(directory))


def remove_file(directory: int, name: str) -> bool:
    """Remove a name; False if it's gone already. Raises OSError."""
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return False
    return True


def remove_empty_directory(parent: int, name: str) -> bool:
    """Remove a directory if nothing is in it; False if it isn't empty or isn't a directory. Raises OSError."""
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EBUSY}:
            return False
        raise
    return True


def sync_file_system(directory: int) -> bool:
    """Make all that was written to the file system of an open directory durable; False if that failed.

    syncfs(2) isn't in Python's library; sync(1) has it. It is given the directory as its input, or, where no /proc is,
    as its working directory.
    """
    if os.path.exists(_STANDARD_INPUT):
        return succeeds((_SYNC, "-f", _STANDARD_INPUT), directory)
    return run((_SYNC, "-f", "."), directory=directory).status == 0


def sync_file(directory: int, name: str) -> None:
    """Make one file durable. Raises OSError."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_state(directory: int, name: str, data: bytes, path: InstalledPath, mode: int = 0o600) -> None:
    """Replace a small file of our own (state, report) as a whole; such files name paths, so root alone reads them.

    Raises Refused where others could write to the directory, OSError.
    """
    reason = distrust(os.fstat(directory), frozenset({0, os.geteuid()}))
    if reason is not None:
        raise Refused(path, *reason)
    temporary = RunLock(directory)
    try:
        temporary.write(data)
        temporary.become(directory, name, mode)
    except BaseException:  # raised again: whatever ends this leaves nothing behind
        temporary.release(directory)
        raise


def reason_of(error: OSError) -> Reason:
    """Translate an error of the system into the report's code."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Reason.NO_SPACE
    if error.errno == errno.EROFS:
        return Reason.READ_ONLY
    if error.errno == errno.ENAMETOOLONG:
        return Reason.NAME_TOO_LONG
    if error.errno in {errno.EACCES, errno.EPERM} and os.geteuid() != 0:
        return Reason.NO_PERMISSION
    return Reason.IO_ERROR
