# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Sources that a batch is about and does not compile: excluded ones, links, or all if the administrator wants that.

What earlier runs left in their cache directories does not stay as it is: bytecode of another text is removed, and owner
and mode follow those of the source.
"""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.clean.job import CleanChoice, clean_places
from pkgtools.runtime.clean.observe import CleanPlace
from pkgtools.runtime.compile.pyc import HEADER_SIZE, Recipe, header, header_size, pyc_ownership, to_repair
from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Reason, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import cache_directory_of, parse_pyc_name, pyc_name
from pkgtools.runtime.policy.sources import SUFFIX, problem
from pkgtools.runtime.pythons import tag_version
from pkgtools.runtime.record import Record, digest, inode_of
from pkgtools.runtime.system import safefs
from pkgtools.runtime.system.dpkg_records import read_in
from pkgtools.runtime.system.packages import owned
from pkgtools.runtime.system.trust import file_state, has_acl, open_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.compile.observe import Wanted
    from pkgtools.runtime.facts import FileState, Ownership
    from pkgtools.runtime.policy.sources import Directory
    from pkgtools.runtime.record import RecordEntry

    from .everything import World

_WRONG = frozenset({Reason.WRONG_OWNER, Reason.WRONG_MODE})
_CHECKED = 3
"""Flags in the header of a pyc whose interpreter compares it with the source each time (PEP 552)."""


class _Source(NamedTuple):
    """A source that is not compiled."""

    directory: int
    """An open descriptor."""
    name: str
    """Its own name."""
    state: FileState
    """What lstat(2) says of it."""
    expected: Ownership
    """Owner and mode of its pycs."""


def look_after_uncompiled(world: World, directories: Iterable[Directory], wanted: Iterable[Wanted]) -> None:
    """Remove bytecode that is not of the present sources, and repair owner and mode of what stays.

    What is `wanted` of them was looked after before: a source may be excluded for some versions alone.
    """
    done = frozenset(
        (one.directory, pyc_name(name[: -len(SUFFIX)], interpreter.cache_tag, level))
        for one in wanted
        for name in one.names
        for interpreter in one.interpreters
        for level in one.levels
    )
    found: dict[InstalledPath, dict[str, Reason]] = {}
    places: list[CleanPlace] = []
    record = Record(world.tree)
    for directory in directories:
        try:
            found_wrong = _wrong_in(world, record, directory)
            wrong = {name: what for name, what in found_wrong if (directory.path, name) not in done}
        except FileNotFoundError:
            continue
        except (Refused, OSError) as error:
            world.report.add(problem(directory.path, error))
            continue
        _repair(world, directory, {name: ownership for name, (reason, ownership) in wrong.items() if reason in _WRONG})
        stale = {name: reason for name, (reason, _) in wrong.items() if reason not in _WRONG}
        if stale:
            found[directory.path] = stale
            places.append(CleanPlace(directory.base, directory.path))
    if places:
        choice = CleanChoice(lambda one: found[one.place.directory].get)
        clean_places(world.tree, places, choice, world.clean_run(), world.report)


def _wrong_in(world: World, record: Record, directory: Directory) -> Iterator[tuple[str, tuple[Reason, Ownership]]]:
    """Yield the pycs of a directory's sources that are not right, with the reason and what owner and mode they need.

    Raises Refused, OSError.
    """
    descriptor = world.tree.open(directory.base, directory.path)
    where = cache_directory_of(directory.path)
    cache = open_cache(descriptor, where)
    if cache is None:
        return
    try:
        entries = record.of(where)
        sources: dict[str, _Source | None] = {}
        for name in sorted(os.listdir(cache)):
            parsed = parse_pyc_name(name)
            source_name = parsed.stem + SUFFIX if parsed is not None else ""
            if parsed is None or source_name not in directory.sources:
                continue
            if source_name not in sources:
                sources[source_name] = _source(world, descriptor, source_name)
            version = tag_version(parsed.tag) or (0, 0)
            source = sources[source_name]
            reason = None if source is None else _why_wrong(cache, name, source, entries.get(name), version)
            if source is not None and reason is not None:
                yield name, (reason, source.expected)
    finally:
        os.close(cache)


def _source(world: World, directory: int, name: str) -> _Source | None:
    """Return a source; None if there is none."""
    try:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    is_group_asked = stat.S_ISREG(found.st_mode) and found.st_mode & 0o044 == 0o040
    acl = is_group_asked and _has_acl(directory, name)
    ownership = pyc_ownership(found.st_mode, found.st_gid, world.tree.uid, world.tree.gid, has_acl=acl)
    return _Source(directory, name, file_state(found), ownership)


def _has_acl(directory: int, name: str) -> bool:
    descriptor = safefs.open_file(directory, name)
    try:
        return has_acl(descriptor)
    finally:
        os.close(descriptor)


def _why_wrong(
    cache: int, name: str, source: _Source, entry: RecordEntry | None, version: tuple[int, int]
) -> Reason | None:
    """Return why a pyc may not stay as it is; None if it may, or if it is not a regular file."""
    try:
        descriptor = safefs.open_file(cache, name)
    except OSError:  # a link, or gone meanwhile
        return None
    with open(descriptor, "rb") as stream:
        state = file_state(os.fstat(descriptor))
        begin = stream.read(HEADER_SIZE)
        if entry is not None and (inode_of(state) == entry.pyc or digest(begin + stream.read()) == entry.pyc_digest):
            reason = None if _is_of(entry, source) else Reason.REPLACED_SOURCE
        else:
            stale = stat.S_ISREG(source.state.mode) and not _fits(begin, source.state, version)
            reason = Reason.STALE_SOURCE if stale else None
        if reason is not None or not stat.S_ISREG(source.state.mode):
            return reason
        acl = not source.state.mode & stat.S_IROTH and has_acl(descriptor)
        return to_repair(state, source.expected, has_acl=acl)


def _is_of(entry: RecordEntry, source: _Source) -> bool:
    """Whether a recorded pyc was made of what the source holds now: never of what a link leads to. Raises OSError."""
    if not stat.S_ISREG(source.state.mode):
        return False
    if entry.source == inode_of(source.state):
        return True
    return digest(read_in(source.directory, source.name)) == entry.source_digest


def _fits(begin: bytes, source: FileState, version: tuple[int, int]) -> bool:
    """Whether a header has the time and the size of the source, or its interpreter compares a hash itself."""
    size = header_size(version)
    if size == HEADER_SIZE and begin[4:8] == _CHECKED.to_bytes(4, "little"):
        return True
    return begin[:size] == header(Recipe(begin[:4], version, InvalidationMode.TIMESTAMP), source)


def _repair(world: World, directory: Directory, wrong: dict[str, Ownership]) -> None:
    """Put owner and mode of pycs right, but for rpm's, which records them."""
    where = cache_directory_of(directory.path)
    paths = {InstalledPath(f"{where}/{name}"): ownership for name, ownership in wrong.items()}
    try:
        spared = owned(world.tree, list(paths)).rpm if paths else {}
    except UnknownOwner as error:
        world.report.add(Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail))
        return
    for path, ownership in paths.items():
        if path in spared:
            continue
        try:
            if not world.run.dry_run:
                safefs.repair_file(world.tree.open(directory.base, where), path.rpartition("/")[2], ownership)
        except (Refused, OSError) as error:
            world.report.add(problem(path, error))
            continue
        parsed = parse_pyc_name(path.rpartition("/")[2])
        source = directory.path_of(parsed.stem + SUFFIX) if parsed else None
        world.report.add(Outcome(Status.REPAIRED, Reason.WRONG_MODE, path, source, mode=ownership.mode))
