# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Where the lab keeps things: a cache that survives reboots, and scratch space that ends with its process.

Whoever uses a directory holds it: a shared lock, which the kernel drops however the process ends. Whoever
tidies up deletes only what nobody holds. So several checkouts and several runs may share both places.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.trust import Tree
from tests.lab.commands import CommandError

_TMPFS = Path("/dev/shm")
_ROOM = 3 << 30
_held: dict[Path, int] = {}
"""Descriptors that hold the directories which this process uses."""


def cache_directory() -> Path:
    """Return (and make) the directory that survives reboots."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = Path(base) / "pkgtools-lab"
    path.mkdir(parents=True, exist_ok=True)
    return path


@functools.cache
def scratch_directory() -> Path:
    """Return (and make) the directory for unpacked roots and running systems, a tmpfs if there is room."""
    roomy = _TMPFS.is_dir() and shutil.disk_usage(_TMPFS).free >= _ROOM
    path = (_TMPFS if roomy else Path(tempfile.gettempdir())) / f"pkgtools-lab-{os.geteuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    facts = path.lstat()
    if facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
        raise CommandError(f"{path} belongs to somebody else: remove it")
    return path


def workspace() -> Path:
    """Return this process's own scratch directory, gone when it ends; those of killed ones are swept."""
    return _workspace(os.getpid())


@functools.cache
def _workspace(process: int) -> Path:
    parent = scratch_directory() / "processes"
    parent.mkdir(exist_ok=True)
    with exclusive(scratch_directory() / ".processes.lock"):
        for old in parent.iterdir():
            sweep(old)
        own = Path(tempfile.mkdtemp(prefix=f"{process}-", dir=parent))
        own.chmod(0o755)
        hold(own)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, so that two processes never build the same thing."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once(directory: Path, make: Callable[[Path], None]) -> Path:
    """Return `directory`, for which `make` fills an empty one unless it is there; no two processes make it at once."""
    with exclusive(directory.with_name(f".{directory.name}.lock")):
        if not directory.is_dir():
            with tempfile.TemporaryDirectory(dir=directory.parent) as work:
                partial = Path(work, directory.name)
                partial.mkdir()
                make(partial)
                partial.chmod(0o755)
                partial.rename(directory)
    return directory


def hold(directory: Path) -> None:
    """Keep `directory` from being swept by others as long as this process lives."""
    if directory not in _held:
        _held[directory] = os.open(directory, os.O_RDONLY)
        fcntl.flock(_held[directory], fcntl.LOCK_SH)


def sweep(directory: Path) -> None:
    """Delete `directory` unless a process holds it."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(directory, ignore_errors=True)
    except BlockingIOError:
        return
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def trusted_directory(*, for_all: bool = False) -> Iterator[Path]:
    """Make a directory that only root and this user can write or replace: not below /tmp.

    `for_all`: others can read it.
    """
    tree = Tree("/", frozenset({0, os.geteuid()}))
    for base in (Path.home(), Path("/var/lib"), Path("/")):
        try:
            tree.open_settings(InstalledPath(str(base)))
        except (Refused, OSError):
            continue
        if not for_all or base.stat().st_mode & 0o005 == 0o005:
            break
    tree.close()
    path = Path(tempfile.mkdtemp(dir=base, prefix="pkgtools-tests-"))
    path.chmod(0o755 if for_all else 0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path)
