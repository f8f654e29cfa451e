# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which sources there are: from a package's file list, a list on standard input, or a walk through directories."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from .errors import Refused
from .facts import InstalledPath, Outcome, SourceFile, Status
from .layout import CACHE_DIRECTORY, third_party_base
from .safefs import reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .trust import Tree

SUFFIX = ".py"


class Directory(NamedTuple):
    """A directory with sources, or with a cache directory, as a walk found it."""

    base: InstalledPath
    path: InstalledPath
    sources: tuple[str, ...]
    has_cache: bool


class Walk(NamedTuple):
    """What walking through directories brought."""

    directories: tuple[Directory, ...]
    problems: tuple[Outcome, ...]
    """Directories that were refused or can't be read."""

    def sources(self) -> Iterator[SourceFile]:
        """Return every source, directory by directory."""
        for directory in self.directories:
            for name in directory.sources:
                yield SourceFile(directory.base, directory.path, name)


def walk(tree: Tree, bases: Iterable[InstalledPath]) -> Walk:
    """Walk through directories, the one before its subdirectories, following no link.

    A base that isn't there has nothing in it. Raises nothing: what can't be read is in the answer.
    """
    directories: list[Directory] = []
    problems: list[Outcome] = []
    seen: set[InstalledPath] = set()
    for base in bases:
        todo = [base]
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            try:
                directory, below = _read_directory(tree, base, path)
            except FileNotFoundError:
                continue
            except (Refused, OSError) as error:
                problems.append(problem(path, error))
                continue
            if directory.sources or directory.has_cache:
                directories.append(directory)
            todo.extend(below)
    directories.sort(key=lambda d: d.path)
    return Walk(tuple(directories), tuple(problems))


def _read_directory(tree: Tree, base: InstalledPath, path: InstalledPath) -> tuple[Directory, list[InstalledPath]]:
    sources: list[str] = []
    below: list[InstalledPath] = []
    has_cache = False
    with os.scandir(tree.open(base, path)) as entries:
        for entry in entries:
            name = entry.name
            if name == CACHE_DIRECTORY:
                has_cache = True
            elif entry.is_dir(follow_symlinks=False):
                below.append(InstalledPath(f"{path}/{name}"))
            elif name.endswith(SUFFIX):
                sources.append(name)
    sources.sort()
    return Directory(base, path, tuple(sources), has_cache), below


def problem(path: InstalledPath, error: Refused | OSError) -> Outcome:
    """Report a directory or file that was refused or failed."""
    if isinstance(error, Refused):
        return Outcome(Status.REFUSED, error.reason, error.path, detail=error.detail)
    return Outcome(Status.ERROR, reason_of(error), path, detail=os.strerror(error.errno or errno.EIO))


def sources_in_list(paths: Iterable[InstalledPath], bases: tuple[InstalledPath, ...] = ()) -> list[SourceFile]:
    """Pick the sources out of a list of paths.

    The base of a source is the given directory it lies in, else the public directory, else its own directory.
    Names are taken as they are: what is no regular file is found out later.
    """
    found = []
    for path in paths:
        if not path.endswith(SUFFIX) or not path.startswith("/"):
            continue
        directory, _, name = path.rpartition("/")
        found.append(SourceFile(_base_of(path, directory, bases), InstalledPath(directory or "/"), name))
    return found


def _base_of(path: InstalledPath, directory: str, bases: tuple[InstalledPath, ...]) -> InstalledPath:
    for base in bases:
        if is_below(path, base):
            return base
    return third_party_base(path) or InstalledPath(directory or "/")


def is_below(path: InstalledPath, directory: InstalledPath) -> bool:
    """Whether a path lies in a directory (by names; /usr/share/priv doesn't hold /usr/share/priv-extra)."""
    return path.startswith(directory.rstrip("/") + "/")


def read_nul_list(data: bytes) -> list[InstalledPath]:
    """Take a NUL-separated list of paths apart; empty entries are dropped."""
    return [InstalledPath(os.path.normpath(os.fsdecode(name))) for name in data.split(b"\0") if name]


def read_rpm_list(data: bytes) -> list[InstalledPath]:
    """Take apart what rpm gives a file trigger on standard input: a path a line (rpm packs no newlines)."""
    return [InstalledPath(os.path.normpath(os.fsdecode(name))) for name in data.split(b"\n") if name]
