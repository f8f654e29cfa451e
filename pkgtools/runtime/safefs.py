# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The only writer. Everything is done through the descriptor of a directory that `trust` reached.

A pyc comes into being in four steps: a temporary file is written whole and given its owner, mode and seal; one sync
makes a batch of them durable; the source is looked at once more; rename puts it under its final name. Whoever dies
in between leaves a temporary file, never half a pyc.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from .errors import Refused
from .facts import InstalledPath, Reason
from .layout import temporary_name
from .processes import run
from .trust import READ_FILE, distrust, has_acl

if TYPE_CHECKING:
    from .facts import Ownership

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ACLS = ("system.posix_acl_access", "system.posix_acl_default")


def make_directory(parent: int, name: str, ownership: Ownership) -> None:
    """Make a directory with exactly this owner and mode; one that is there already is left as it is.

    A default ACL of the parent, its setgid bit and the umask have no say. Raises OSError.
    """
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
    except FileExistsError:
        return
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        settle(descriptor, ownership)
    finally:
        os.close(descriptor)


def claim_directory(parent: int, name: str, ownership: Ownership) -> None:
    """Take a cache directory away from whoever could write into it: owner first, then mode and ACLs.

    Raises OSError, NotADirectoryError for a link.
    """
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        settle(descriptor, ownership)
    finally:
        os.close(descriptor)


class TemporaryFiles:
    """Writes temporary files under names that no other run and no other file has."""

    def __init__(self) -> None:
        """Begin to count."""
        self._serial = 0

    def write(self, directory: int, data: bytes, ownership: Ownership, mtime_ns: int) -> str:
        """Write a whole file and return its name; on any failure nothing is left and OSError is raised."""
        self._serial += 1
        name = temporary_name(os.getpid(), self._serial)
        descriptor = os.open(name, _NEW, 0o600, dir_fd=directory)
        try:
            _write_all(descriptor, data)
            settle(descriptor, ownership, mtime_ns)
        except BaseException:  # raised again: whatever ends this leaves nothing behind
            os.unlink(name, dir_fd=directory)
            raise
        finally:
            os.close(descriptor)
        return name

    def link(self, directory: int, existing: str) -> str:
        """Give a temporary file a second temporary name (the same bytes serve two levels)."""
        self._serial += 1
        name = temporary_name(os.getpid(), self._serial)
        os.link(existing, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        return name


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    if os.fstat(descriptor).st_size != len(data):
        raise OSError(errno.EIO, "the file system kept fewer bytes than were written")


def settle(descriptor: int, ownership: Ownership, mtime_ns: int | None = None) -> None:
    """Give an open file or directory its owner, mode and, where given, modification time; ACLs go.

    The owner comes first: chown(2) by a group member would clear bits that chmod has set.
    """
    found = os.fstat(descriptor)
    if (found.st_uid, found.st_gid) != (ownership.uid, ownership.gid):
        os.fchown(descriptor, ownership.uid, ownership.gid)
    if has_acl(descriptor):
        _remove_acls(descriptor)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != ownership.mode:
        os.fchmod(descriptor, ownership.mode)
    if mtime_ns is not None:
        os.utime(descriptor, ns=(mtime_ns, mtime_ns))


def _remove_acls(descriptor: int) -> None:
    for name in _ACLS:
        try:
            os.removexattr(descriptor, name)
        except OSError as error:
            if error.errno not in {errno.ENODATA, errno.ENOTSUP, errno.EACCES}:
                raise


def repair_file(directory: int, name: str, ownership: Ownership, mtime_ns: int | None = None) -> None:
    """Put owner and mode (and the seal) of a pyc right without touching its content. Raises OSError."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            settle(descriptor, ownership, mtime_ns)
    finally:
        os.close(descriptor)


def publish(directory: int, temporary: str, name: str) -> None:
    """Put a temporary file in a pyc's place, replacing what is there. Raises OSError."""
    os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)


def remove_file(directory: int, name: str) -> bool:
    """Remove a name; False if it's gone already. Raises OSError."""
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return False
    return True


def remove_empty_directory(parent: int, name: str) -> bool:
    """Remove a directory if nothing is in it; False if it isn't empty or is no directory. Raises OSError."""
    try:
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR, errno.EBUSY}:
            return False
        raise
    return True


def sync_file_system(directory: int) -> bool:
    """Make all that was written to the file system of an open directory durable; False if that failed.

    syncfs(2) isn't in Python's library; sync(1) has it.
    """
    return run(("/usr/bin/sync", "-f", "."), directory=directory).status == 0


def sync_file(directory: int, name: str) -> None:
    """Make one file durable. Raises OSError."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_state(directory: int, name: str, data: bytes, path: InstalledPath) -> None:
    """Replace a small file of our own (state, report) as a whole; it is for everybody to read.

    Raises Refused where others could write to the directory, OSError.
    """
    reason = distrust(os.fstat(directory), frozenset({0, os.geteuid()}))
    if reason is not None:
        raise Refused(path, *reason)
    temporary = f".{name}.{os.getpid()}.tmp"
    descriptor = os.open(temporary, _NEW, 0o600, dir_fd=directory)
    try:
        _write_all(descriptor, data)
        os.fchmod(descriptor, 0o644)
        os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:  # raised again: whatever ends this leaves nothing behind
        remove_file(directory, temporary)
        raise
    finally:
        os.close(descriptor)


def reason_of(error: OSError) -> Reason:
    """Translate an error of the system into the report's code."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Reason.NO_SPACE
    if error.errno == errno.EROFS:
        return Reason.READ_ONLY
    if error.errno == errno.ENAMETOOLONG:
        return Reason.NAME_TOO_LONG
    return Reason.IO_ERROR
