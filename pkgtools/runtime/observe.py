# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Looking at what is there: the state of sources, cache directories and pycs, by descriptor. Only reads."""

from __future__ import annotations

import os
import stat
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from .errors import Refused
from .facts import (
    BytecodeTarget,
    CacheState,
    InstalledPath,
    Observation,
    ObservedSource,
    ObservedTarget,
    Outcome,
    PycState,
    Reason,
    Removal,
    SourceFile,
    Status,
)
from .filelist import problem
from .layout import cache_directory_of, temporary_owner
from .pyc import HEADER_SIZE, cache_ownership
from .trust import distrust, file_state, has_acl, open_cache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .facts import FileState, Ownership
    from .trust import Tree

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Wanted(NamedTuple):
    """A source and the pycs it ought to have."""

    source: SourceFile
    targets: tuple[BytecodeTarget, ...]


class _Sight(NamedTuple):
    """The lists that one round of looking fills."""

    sources: list[ObservedSource]
    caches: list[CacheState]
    temporaries: list[Removal]
    settled: list[Outcome]


def observe(tree: Tree, wanted: Iterable[Wanted], cache_prefix: InstalledPath | None = None) -> Observation:
    """Look at sources and at what stands in their targets' places.

    `wanted` holds each source once. Raises nothing: what can't be looked at is in the answer.
    """
    sight = _Sight([], [], [], [])
    ordered = sorted(wanted, key=lambda w: (w.source.directory, w.source.name))
    for directory, group in groupby(ordered, key=lambda w: (w.source.base, w.source.directory)):
        members = list(group)
        try:
            _observe_directory(tree, directory[0], directory[1], members, cache_prefix, sight)
        except FileNotFoundError:
            sight.settled.extend(_skip(w.source, Reason.NO_SOURCE) for w in members)
        except (Refused, OSError) as error:
            sight.settled.append(problem(directory[1], error))
    return Observation(*map(tuple, sight))  # type: ignore[arg-type] # the lists are in the order of the fields


def _observe_directory(
    tree: Tree,
    base: InstalledPath,
    path: InstalledPath,
    members: list[Wanted],
    cache_prefix: InstalledPath | None,
    sight: _Sight,
) -> None:
    directory = tree.open(base, path)
    expected = cache_ownership(file_state(os.fstat(directory)), tree.uid, tree.gid)
    where = cache_directory_of(path, cache_prefix)
    cache_base = base if cache_prefix is None else cache_prefix
    descriptor = open_cache(tree, directory, cache_base, where)
    try:
        cache = _observe_cache(tree, cache_base, where, descriptor, expected)
        names = frozenset() if descriptor is None else frozenset(os.listdir(descriptor))
        sight.caches.append(cache)
        sight.temporaries.extend(_dead_temporaries(cache, names))
        for member in members:
            found = _observe_source(tree, directory, member.source)
            if isinstance(found, Outcome):
                sight.settled.append(found)
                continue
            look_for_acl = not found.mode & stat.S_IROTH
            targets = tuple(
                ObservedTarget(t, _observe_pyc(descriptor, t.name, look_for_acl) if t.name in names else None)
                for t in member.targets
            )
            sight.sources.append(ObservedSource(member.source, found, cache, targets))
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _observe_cache(
    tree: Tree, base: InstalledPath, path: InstalledPath, descriptor: int | None, expected: Ownership
) -> CacheState:
    if descriptor is None:
        return CacheState(base, path, False, expected, None, False)
    found = os.fstat(descriptor)
    untrusted = distrust(found, tree.trusted) is not None
    to_repair = None
    if untrusted:
        to_repair = Reason.UNTRUSTED_CACHE
    elif (found.st_uid, found.st_gid) != (expected.uid, expected.gid):
        to_repair = Reason.WRONG_OWNER
    elif stat.S_IMODE(found.st_mode) != expected.mode or has_acl(descriptor):
        to_repair = Reason.WRONG_MODE
    return CacheState(base, path, True, expected, to_repair, untrusted)


def _dead_temporaries(cache: CacheState, names: frozenset[str]) -> list[Removal]:
    dead = []
    for name in sorted(names):
        if not name.startswith("."):
            continue
        owner = temporary_owner(name)
        if owner is not None and not _is_alive(owner):
            dead.append(Removal(cache.base, cache.directory, name, Reason.TEMPORARY))
    return dead


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return False  # this run has written nothing yet
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _observe_source(tree: Tree, directory: int, source: SourceFile) -> FileState | Outcome:
    try:
        found = os.stat(source.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return _skip(source, Reason.NO_SOURCE)
    except OSError as error:
        return problem(source.path, error)
    if stat.S_ISLNK(found.st_mode):
        return _skip(source, Reason.SYMLINK)
    if not stat.S_ISREG(found.st_mode):
        return _skip(source, Reason.NOT_A_REGULAR_FILE)
    if found.st_uid not in tree.trusted and found.st_mode & 0o044 != 0o044:
        detail = (
            f"user {found.st_uid} could not read a root-owned pyc: chown the source, chmod a+r it or use --as-owner"
        )
        return Outcome(Status.REFUSED, Reason.OWNER_CANNOT_READ, source.path, source.path, detail=detail)
    return file_state(found)


def _skip(source: SourceFile, reason: Reason) -> Outcome:
    return Outcome(Status.SKIPPED, reason, source.path, source.path)


def _observe_pyc(cache: int | None, name: str, look_for_acl: bool) -> PycState | None:
    try:
        descriptor = os.open(name, _FILE, dir_fd=cache)
    except OSError:  # a link, a socket, or gone meanwhile
        return _observe_other(cache, name)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return PycState(file_state(found), b"", False)
        return PycState(file_state(found), _read_header(descriptor), look_for_acl and has_acl(descriptor))
    finally:
        os.close(descriptor)


def _read_header(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, HEADER_SIZE)
    except OSError:  # EIO: what can't be read is replaced, as a truncated one
        return b""


def _observe_other(cache: int | None, name: str) -> PycState | None:
    try:
        return PycState(file_state(os.stat(name, dir_fd=cache, follow_symlinks=False)), b"", False)
    except FileNotFoundError:
        return None
