# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which sources there are: from a package's file list, a list on standard input, or a walk through directories."""

from __future__ import annotations

import errno
import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.system.safefs import reason_of

from .layout import CACHE_DIRECTORY, third_party_base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.system.trust import Tree

SUFFIX = ".py"


class Directory(NamedTuple):
    """A directory and those of its sources that are meant."""

    base: InstalledPath
    """The directory up to which trusted links are followed; below it only those of root to directories."""
    path: InstalledPath
    """The base or a directory below it."""
    sources: tuple[str, ...]
    """Names, with `.py`, sorted."""
    has_cache: bool = False
    """A walk saw a cache directory in it."""

    def path_of(self, name: str) -> InstalledPath:
        """Return the path of a source by its name."""
        return InstalledPath(f"{self.path.rstrip('/')}/{name}")

    def paths(self) -> list[InstalledPath]:
        """Return the paths of all sources."""
        return [self.path_of(name) for name in self.sources]


class Walk(NamedTuple):
    """What walking through directories brought."""

    directories: tuple[Directory, ...]
    """Those with sources or with a cache directory in them, sorted by path."""
    problems: tuple[Outcome, ...]
    """Directories that were refused or can't be read."""


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
                below.append(InstalledPath(f"{path.rstrip('/')}/{name}"))
            elif is_source(name):
                sources.append(name)
    sources.sort()
    return Directory(base, path, tuple(sources), has_cache), below


def problem(path: InstalledPath, error: Refused | OSError) -> Outcome:
    """Report a directory or file that was refused or failed."""
    if isinstance(error, Refused):
        return Outcome(Status.REFUSED, error.reason, error.path, detail=error.detail)
    return Outcome(Status.ERROR, reason_of(error), path, detail=_said(error))


def _said(error: OSError) -> str:
    number = error.errno or errno.EIO
    if number == errno.EISDIR:
        return f"{os.strerror(number)}: remove the directory that has the file's name"
    return "run it as root" if reason_of(error) is Reason.NO_PERMISSION else os.strerror(number)


def directories_in_list(paths: Iterable[InstalledPath], bases: tuple[InstalledPath, ...] = ()) -> tuple[Directory, ...]:
    """Pick the sources out of a list of paths, directory by directory.

    The base of a source is the given directory it lies in, else the public directory, else its own directory.
    Names are taken as they are: what isn't a regular file is found out later.
    """
    found: dict[InstalledPath, set[str]] = {}
    for path in paths:
        if not path.endswith(SUFFIX):  # for speed: a package has ten times as many other files
            continue
        directory, _, name = path.rpartition("/")
        if is_source(name) and path.startswith("/"):
            found.setdefault(InstalledPath(directory or "/"), set()).add(name)
    return tuple(
        Directory(_base_of(directory, bases), directory, tuple(sorted(found[directory]))) for directory in sorted(found)
    )


def merge(directories: Iterable[Directory]) -> tuple[Directory, ...]:
    """Name each directory and each of its sources once."""
    found: dict[InstalledPath, Directory] = {}
    for one in directories:
        other = found.get(one.path)
        if other is not None:
            one = other._replace(sources=tuple(sorted({*other.sources, *one.sources})))  # noqa: PLW2901 - the merged one
        found[one.path] = one
    return tuple(found[path] for path in sorted(found))


def _base_of(directory: InstalledPath, bases: tuple[InstalledPath, ...]) -> InstalledPath:
    for base in bases:
        if directory == base or is_below(directory, base):
            return base
    return third_party_base(directory) or directory


def is_below(path: InstalledPath, directory: InstalledPath) -> bool:
    """Whether a path lies in a directory (by names; /usr/share/priv doesn't hold /usr/share/priv-extra)."""
    return path.startswith(directory.rstrip("/") + "/")


def lies_in(path: str, places: frozenset[str]) -> bool:
    """Whether a path, or a directory that it lies in, is one of some places."""
    while path:
        if path in places:
            return True
        path = path.rpartition("/")[0]
    return "/" in places


def absolute(path: str) -> InstalledPath:
    """Make a path absolute and plain: no `.`, no `..`, no slash twice (POSIX lets two leading ones stand)."""
    return InstalledPath("/" + os.path.abspath(path).lstrip("/"))


def is_source(name: str) -> bool:
    """Whether a file of that name is a module; `.py` alone is none, an interpreter can't import it."""
    return name.endswith(SUFFIX) and name != SUFFIX


def read_nul_list(data: bytes) -> list[InstalledPath]:
    """Take a NUL-separated list of paths apart; relative ones are the working directory's, empty ones are dropped."""
    return [absolute(os.fsdecode(name)) for name in data.split(b"\0") if name]


def read_rpm_list(data: bytes) -> list[InstalledPath]:
    """Take apart what rpm gives a file trigger on standard input: a path a line (rpm packs no newlines)."""
    return [absolute(os.fsdecode(name)) for name in data.split(b"\n") if name.startswith(b"/")]
