# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Names of temporary files, and whether the run that wrote one is still alive.

Each run has a random token, and in each directory that it writes to a lock file of mode 0600 with the token in its
name, which it holds locked (flock(2)). The lock shows other runs that the token's files are in use: process numbers
can't, they repeat in containers and on hosts that share a directory, and no other user can open, and so lock, the
file. Where locks don't work nothing of another run is touched.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from _blake2 import blake2b

_TOKEN_BYTES, _DIGEST_BYTES = 8, 4
_PREFIX, _LOCKED, _TEMPORARY = ".pkgtools-", ".lock", ".tmp"
_HEXADECIMAL = frozenset("0123456789abcdef")
_LOCK = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TRIES = 8


def new_token() -> str:
    """Return a token that no other run has: 16 hexadecimal digits."""
    return os.urandom(_TOKEN_BYTES).hex()


def temporary_name(token: str, target: str, serial: int) -> str:
    """Name a temporary file for a target: of the same few bytes, however long the target's name is."""
    digest = blake2b(target.encode("utf-8", "surrogateescape"), digest_size=_DIGEST_BYTES).hexdigest()
    return f"{_PREFIX}{token}-{digest}-{serial:x}{_TEMPORARY}"


def lock_name(token: str) -> str:
    """Name the lock file of a run."""
    return f"{_PREFIX}{token}{_LOCKED}"


def token_of(name: str) -> str | None:
    """Return the token in the name of a temporary or lock file of ours, None for any other name."""
    if not name.startswith(_PREFIX):
        return None
    token, _, rest = name[len(_PREFIX) :].partition("-")
    if token.endswith(_LOCKED) and not rest:
        token = token[: -len(_LOCKED)]
    else:
        digest, _, serial = rest.partition("-")
        of_temporary = serial.endswith(_TEMPORARY) and _is_hexadecimal(serial[: -len(_TEMPORARY)])
        if not (of_temporary and len(digest) == 2 * _DIGEST_BYTES and _is_hexadecimal(digest)):
            return None
    return token if len(token) == 2 * _TOKEN_BYTES and _is_hexadecimal(token) else None


def _is_hexadecimal(text: str) -> bool:
    return bool(text) and _HEXADECIMAL.issuperset(text)


class RunLock:
    """The lock file of one run in one directory, held until `release`."""

    def __init__(self, directory: int) -> None:
        """Make a lock file under a new token, and lock it. Raises OSError."""
        for _ in range(_TRIES):
            self.token = new_token()
            self._descriptor = os.open(lock_name(self.token), _LOCK | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=directory)
            if self._is_held(directory):
                return
            os.close(self._descriptor)
        raise OSError(errno.EAGAIN, "each lock file was taken away before it was locked")

    def _is_held(self, directory: int) -> bool:
        """Lock the new file; False if a run that sweeps was faster: it takes the file for one of the dead."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # no locks here: then no other run can get one either, and nothing is swept
            return True
        try:
            found = os.stat(lock_name(self.token), dir_fd=directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
        mine = os.fstat(self._descriptor)
        return (found.st_dev, found.st_ino) == (mine.st_dev, mine.st_ino)

    def write(self, data: bytes) -> None:
        """Make `data` the content of the lock file, which is then a temporary file itself. Raises OSError."""
        write_all(self._descriptor, data)

    def become(self, directory: int, name: str, mode: int) -> None:
        """Give the lock file its final name and mode, and unlock. Raises OSError.

        The name comes first: under a lock's name no other user may ever open it.
        """
        os.rename(lock_name(self.token), name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fchmod(self._descriptor, mode)
        self.close()

    def release(self, directory: int) -> None:
        """Remove the lock file, then unlock. Raises OSError."""
        try:
            os.unlink(lock_name(self.token), dir_fd=directory)
        except FileNotFoundError:
            return
        finally:
            self.close()

    def close(self) -> None:
        """Unlock without removing the file, as where the directory can't be reached any more; twice does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def remove_dead(directory: int, name: str) -> bool:
    """Remove a temporary or lock file of ours if its run is dead; False if it lives, or can't be asked. Raises OSError.

    The run's lock is held meanwhile, so that a run which just begins sees that its lock file is taken.
    """
    token = token_of(name)
    descriptor = None if token is None else _seize(directory, token)
    if descriptor is None:
        return False
    try:
        os.unlink(name, dir_fd=directory)
    except FileNotFoundError:
        return False
    finally:
        if descriptor >= 0:
            os.close(descriptor)
    return True


def sweep(directory: int) -> None:
    """Remove what dead runs left in an open directory of state. Raises OSError."""
    for name in os.listdir(directory):
        if token_of(name) is not None:
            remove_dead(directory, name)


def living(directory: int, names: frozenset[str]) -> frozenset[str]:
    """Return those of our temporary and lock files in an open directory whose run lives or can't be asked."""
    answers: dict[str, bool] = {}
    found = set()
    for name in names:
        token = token_of(name)
        if token is None:
            continue
        if token not in answers:
            descriptor = _seize(directory, token)
            answers[token] = descriptor is None
            if descriptor is not None and descriptor >= 0:
                os.close(descriptor)
        if answers[token]:
            found.add(name)
    return frozenset(found)


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of `data`, and see that the file has that many bytes. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    if os.fstat(descriptor).st_size != len(data):
        raise OSError(errno.EIO, "the file system kept fewer bytes than were written")


def _seize(directory: int, token: str) -> int | None:
    """Lock the lock file of another run: its descriptor if that run is dead, -1 if it has no such file, else None.

    A run makes its lock file first and removes it last, so that one without a lock file is dead. A file that another
    user owns or can open isn't a lock of ours: that user could hold it for ever.
    """
    try:
        descriptor = os.open(lock_name(token), _LOCK, dir_fd=directory)
    except FileNotFoundError:
        return -1
    except OSError as error:
        # a link or a directory in its place wasn't made by a run of pkgtools
        return -1 if error.errno in {errno.ELOOP, errno.EISDIR} else None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid not in {0, os.geteuid()} or found.st_mode & 0o077:
            os.close(descriptor)
            return -1
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
