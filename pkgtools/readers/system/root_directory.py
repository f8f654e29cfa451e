# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The directories of an installed system that need not be trusted: no link is followed, nothing but read."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import IO, TYPE_CHECKING, Protocol

from pkgtools.model.content import digest_of_attributes, read_up_to
from pkgtools.model.package import File
from pkgtools.model.symlinks import DEEPEST
from pkgtools.runtime.errors import said
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.trust import READ_FILE, has_acl
from pkgtools.runtime.system.user_namespace import unmapped_user

from .nested import is_system

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL})


class Entrance(Protocol):
    """What says which directories of a system are entered."""

    def wants(self, path: InstalledPath, /) -> bool:
        """Whether to open a directory."""

    def admits(self, path: InstalledPath, descriptor: int, /) -> bool:
        """Whether to look into an open directory."""


class RootDirectory:
    """A system in a directory: `/`, a chroot, a mounted image."""

    def __init__(self, top: Path) -> None:
        """Open the root directory. Raises OSError."""
        self._root = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._last: tuple[InstalledPath, int] | None = None
        self.problems: list[str] = []
        """Files that could not be read, each with the reason."""
        self.unread: set[InstalledPath] = set()
        """The paths of these, but for what has gone meanwhile."""

    def close(self) -> None:
        """Give the descriptors up."""
        os.close(self._root)
        if self._last is not None:
            os.close(self._last[1])

    def walk(self, entrance: Entrance) -> Iterator[tuple[int, InstalledPath, list[str]]]:
        """Yield each directory's descriptor, path and names of what isn't a directory."""
        yield from self._below(os.dup(self._root), InstalledPath("/"), entrance, 0)

    def is_system(self) -> bool:
        """Whether the root directory has a release file or a package database."""
        return is_system(self._root)

    def _below(
        self, descriptor: int, path: InstalledPath, entrance: Entrance, depth: int
    ) -> Iterator[tuple[int, InstalledPath, list[str]]]:
        try:
            folders, names = _listed(descriptor)
            yield descriptor, path, names
            for name in folders:
                below = InstalledPath(f"{path.rstrip('/')}/{name}")
                if not entrance.wants(below):
                    continue
                if depth >= DEEPEST:
                    self.problems.append(f"{below}: too many directories in one another")
                    continue
                try:
                    child = os.open(name, _DIRECTORY, dir_fd=descriptor)
                except OSError as error:
                    self.report(below, error)
                    continue
                if entrance.admits(below, child):
                    yield from self._below(child, below, entrance, depth + 1)
                else:
                    os.close(child)
        except OSError as error:
            self.report(path, error)
        finally:
            os.close(descriptor)

    def report(self, path: InstalledPath, error: OSError) -> None:
        """Note that something could not be read."""
        self.problems.append(f"{path}: {said(error)}")
        if error.errno not in _NOT_THERE:
            self.unread.add(path)

    def read(self, path: InstalledPath, limit: int) -> bytes | None:
        """Return the content of a regular file, at most `limit` bytes; None if there is none."""
        try:
            with self.opened(path) as stream:
                return read_up_to(stream, limit)
        except OSError as error:
            self._note(path, error)
            return None

    @contextmanager
    def opened(self, path: InstalledPath) -> Iterator[IO[bytes]]:
        """Open a regular file. Raises OSError for whatever else is there, a link on the way included."""
        directory, _, name = path.rpartition("/")
        descriptor = self._directory(InstalledPath(directory))
        opened = os.open(name, READ_FILE, dir_fd=descriptor)
        if not stat.S_ISREG(os.fstat(opened).st_mode):  # before a stream is made: of a directory none can be
            os.close(opened)
            raise OSError(errno.EINVAL, "not a regular file")
        with os.fdopen(opened, "rb", buffering=0) as stream:
            yield stream

    def link(self, path: InstalledPath) -> str:
        """Return where a symbolic link leads; empty if there is none."""
        directory, _, name = path.rpartition("/")
        try:
            return os.readlink(name, dir_fd=self._directory(InstalledPath(directory)))
        except OSError:
            return ""

    def names(self, directory: InstalledPath) -> list[str]:
        """Return the names in a directory, sorted; none if there is no such directory."""
        try:
            return sorted(os.listdir(self._directory(directory)))  # noqa: PTH208 - by descriptor
        except OSError as error:
            self._note(directory, error)
            return []

    def _note(self, path: InstalledPath, error: OSError) -> None:
        """Keep what can't be read; a link or a device isn't a file of ours."""
        if error.errno not in _NOT_THERE:
            self.report(path, error)

    def _directory(self, directory: InstalledPath) -> int:
        """Open a directory, following no link; it stays open until another one is asked for: files come together."""
        if self._last is not None and self._last[0] == directory:
            return self._last[1]
        descriptor = os.dup(self._root)
        try:
            for name in directory.split("/"):
                if name:
                    child = os.open(name, _DIRECTORY, dir_fd=descriptor)
                    os.close(descriptor)
                    descriptor = child
        except OSError:
            os.close(descriptor)
            raise
        if self._last is not None:
            os.close(self._last[1])
        self._last = directory, descriptor
        return descriptor


def file_at(directory: int, name: str, path: InstalledPath) -> File:
    """Look at a file in an open directory, not at where it leads. Raises OSError."""
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    link = os.readlink(name, dir_fd=directory) if stat.S_ISLNK(found.st_mode) else ""
    return from_stat(found, path, link=link)


def file_of(descriptor: int, path: InstalledPath) -> File:
    """Look at an open file or directory. Raises OSError."""
    file = from_stat(os.fstat(descriptor), path, acl=has_acl(descriptor))
    return replace(file, acl_digest=_acl_digest(descriptor)) if file.has_acl else file


def _acl_digest(descriptor: int) -> str:
    """Return a digest of the ACLs of an open file. Raises OSError."""
    names = sorted(name for name in os.listxattr(descriptor) if name.startswith("system.posix_acl_"))
    return digest_of_attributes((name, os.getxattr(descriptor, name)) for name in names)


def from_stat(found: os.stat_result, path: InstalledPath, *, link: str = "", acl: bool = False) -> File:
    """Make a file of what stat(2) says."""
    return File(
        path=path,
        mode=found.st_mode,
        size=found.st_size if stat.S_ISREG(found.st_mode) else 0,
        mtime_ns=found.st_mtime_ns,
        uid=found.st_uid if found.st_uid != _unmapped() else None,
        gid=found.st_gid,
        link=link,
        has_acl=acl,
    )


@cache
def _unmapped() -> int | None:
    """Return the user id that stands for all owners whom this user namespace doesn't know."""
    return unmapped_user()


def _listed(descriptor: int) -> tuple[list[str], list[str]]:
    """Return the names of directories and of everything else, sorted."""
    folders: list[str] = []
    names: list[str] = []
    with os.scandir(descriptor) as entries:
        for entry in entries:
            (folders if entry.is_dir(follow_symlinks=False) else names).append(entry.name)
    return sorted(folders), sorted(names)
