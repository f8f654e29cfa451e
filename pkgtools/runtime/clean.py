# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Taking caches away: exactly what an interpreter can make anew from a source, by name, never by a pattern.

`plan_clean` is pure. What may go is decided name by name by a chooser; what a package owns always stays.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from . import safefs
from .errors import Refused
from .facts import CacheDirectory, CleanPlan, InstalledPath, Outcome, Reason, Removal, Status
from .filelist import SUFFIX, is_below, is_source, problem
from .layout import (
    CACHE_DIRECTORY,
    cache_directory_of,
    parse_pyc_name,
    parse_temporary_name,
    tag_version,
)
from .record import Proof, Record, digest, inode_of
from .temporaries import living, remove_dead, token_of
from .trust import file_state, open_cache, open_central

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .layout import PycName, VersionRange
    from .record import RecordEntry
    from .trust import Tree


class CleanPlace(NamedTuple):
    """A directory whose cache is to be looked through."""

    base: InstalledPath
    directory: InstalledPath
    """Of the sources."""
    stems: frozenset[str] = frozenset()
    """The sources that are to lose their caches, without `.py`."""


class ObservedPlace(NamedTuple):
    """What lies in a cache directory, and beside it."""

    place: CleanPlace
    cache: CacheDirectory
    names: tuple[str, ...]
    """In the cache directory, sorted; without the temporary files of runs that live."""
    sources: frozenset[str]
    """All sources in the directory, without `.py`."""
    legacy: tuple[str, ...]
    """Pycs beside the sources in `stems`, where Python 2 had them."""
    has_others: bool
    """The cache directory holds more than `names`: directories, as the central cache does, or files of living runs."""
    made_here: frozenset[str]
    """Those of `names` that we compiled, by the record (looked at only on request)."""


def of_sources(versions: VersionRange) -> Callable[[ObservedPlace, str], Reason | None]:
    """Choose the caches of the place's stems, for versions in a range, and what was left of making them."""

    def choose(observed: ObservedPlace, name: str) -> Reason | None:
        if token_of(name) is not None:
            return Reason.TEMPORARY
        left_over = parse_temporary_name(name)
        found = left_over or parse_pyc_name(name)
        if found is None or found.stem not in observed.place.stems or not _in_range(found, versions):
            return None
        return Reason.TEMPORARY if left_over else Reason.CACHE_OF_SOURCE

    return choose


def orphans(observed: ObservedPlace, name: str) -> Reason | None:
    """Choose caches whose source is gone, and what was left of making caches."""
    if token_of(name) is not None:
        return Reason.TEMPORARY
    found = parse_pyc_name(name) or parse_temporary_name(name)
    return Reason.ORPHAN if found is not None and found.stem not in observed.sources else None


def orphans_and_dead(live: frozenset[str], serving: frozenset[str]) -> Callable[[ObservedPlace, str], Reason | None]:
    """Choose orphans, the caches of interpreters that are gone, and of ours those that no longer serve the place.

    `live` are the cache tags of all interpreters, `serving` those of the interpreters that import from the place.
    """

    def choose(observed: ObservedPlace, name: str) -> Reason | None:
        found = parse_pyc_name(name)
        if found is None or found.stem not in observed.sources:
            return orphans(observed, name)
        if found.tag not in live or (found.tag not in serving and name in observed.made_here):
            return Reason.DEAD_TAG
        return None

    return choose


def made_here(observed: ObservedPlace, name: str) -> Reason | None:
    """Choose what we made ourselves, and orphans."""
    if token_of(name) is not None:
        return Reason.TEMPORARY
    if name in observed.made_here:
        return Reason.CACHE_OF_SOURCE
    found = parse_pyc_name(name)
    return Reason.ORPHAN if found is not None and found.stem not in observed.sources else None


def _in_range(found: PycName, versions: VersionRange) -> bool:
    version = tag_version(found.tag)
    return version is not None and version in versions


def observe_places(
    tree: Tree, places: Iterable[CleanPlace], cache_prefix: InstalledPath | None = None, *, recorded: bool = False
) -> tuple[list[ObservedPlace], list[Outcome]]:
    """Look into the cache directories of places; `recorded`: find out which pycs we compiled."""
    observed: list[ObservedPlace] = []
    problems: list[Outcome] = []
    record = Record(tree) if recorded else None
    for place in places:
        try:
            found = _observe_place(tree, place, cache_prefix, record)
        except FileNotFoundError:
            continue
        except (Refused, OSError) as error:
            problems.append(problem(place.directory, error))
            continue
        if found is not None:
            observed.append(found)
    return observed, problems


def _observe_place(
    tree: Tree, place: CleanPlace, cache_prefix: InstalledPath | None, record: Record | None
) -> ObservedPlace | None:
    cache_path = cache_directory_of(place.directory, cache_prefix)
    cache = CacheDirectory(cache_prefix or place.base, cache_path)
    beside: list[str] = []
    directory = None
    try:
        directory = tree.open(place.base, place.directory)
        beside = os.listdir(directory)
    except FileNotFoundError:
        if cache_prefix is None:
            return None
    if cache_prefix is not None:
        descriptor = open_central(tree, cache_prefix, cache_path)
    else:
        descriptor = None if directory is None else open_cache(directory, cache_path)
    legacy = _legacy(directory, beside, place.stems) if directory is not None else ()
    if descriptor is None:
        return ObservedPlace(place, cache, (), frozenset(), legacy, False, frozenset()) if legacy else None
    try:
        with os.scandir(descriptor) as entries:
            found = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        # below a central cache directory are those of other directories; below __pycache__ a directory is a stranger
        files = frozenset(name for name, is_directory in found.items() if not (is_directory and cache_prefix))
        names = tuple(sorted(files - living(descriptor, files)))
        known = {} if record is None else record.of(cache_path)
        ours = frozenset(name for name in names if name in known and _is_ours(descriptor, name, known[name]))
    finally:
        os.close(descriptor)
    sources = frozenset(name[: -len(SUFFIX)] for name in beside if is_source(name))
    return ObservedPlace(place, cache, names, sources, legacy, len(names) < len(found), ours)


def _legacy(directory: int, beside: list[str], stems: frozenset[str]) -> tuple[str, ...]:
    """Name the pycs beside sources that are there; without its source such a file is a module (PEP 3147)."""
    found = [n for n in beside if n[-4:] in {".pyc", ".pyo"} and n[:-4] in stems and n[:-4] + SUFFIX in beside]
    return tuple(sorted(name for name in found if _is_regular(directory, name[:-4] + SUFFIX)))


def _is_regular(directory: int, name: str) -> bool:
    return stat.S_ISREG(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)


def _is_ours(directory: int, name: str, entry: RecordEntry) -> bool:
    """Whether a pyc is the one that we compiled: by its inode; in a copy of a system by its content."""
    if entry.proof is not Proof.MADE:
        return False
    try:
        descriptor = safefs.open_file(directory, name)
    except OSError:  # a link, or gone meanwhile
        return False
    with open(descriptor, "rb") as stream:
        state = file_state(os.fstat(descriptor))
        return inode_of(state) == entry.pyc or digest(stream.read()) == entry.pyc_digest


def plan_clean(
    observed: Iterable[ObservedPlace],
    choose: Callable[[ObservedPlace, str], Reason | None],
    owned: Callable[[list[InstalledPath]], frozenset[InstalledPath]],
) -> CleanPlan:
    """Plan what to remove. `owned` tells which of some files and directories belong to a package: those stay."""
    removals: list[Removal] = []
    directories: list[CacheDirectory] = []
    settled: list[Outcome] = []
    for one in observed:
        chosen = [(name, choose(one, name)) for name in one.names]
        for name, reason in chosen:
            if reason is not None:
                removals.append(_removal(one, name, reason))
            elif not _belongs_to_a_source(one, name):
                path = InstalledPath(f"{one.cache.directory}/{name}")
                settled.append(Outcome(Status.KEPT, Reason.UNKNOWN_SIBLING, path, detail="it isn't a source's cache"))
        for name in one.legacy:
            source = InstalledPath(f"{one.place.directory}/{name[:-1]}")
            removals.append(Removal(one.place.base, one.place.directory, name, Reason.LEGACY, source))
        if not one.has_others and all(reason is not None for _, reason in chosen):
            directories.append(one.cache)
    asked = [*map(_path, removals), *(one.directory for one in directories)]
    packaged = owned(asked) if asked else frozenset()
    kept_in = {removal.directory for removal in removals if _path(removal) in packaged}
    settled.extend(_kept(removal) for removal in removals if _path(removal) in packaged)
    return CleanPlan(
        tuple(removal for removal in removals if _path(removal) not in packaged),
        tuple(one for one in directories if one.directory not in kept_in | packaged),
        tuple(settled),
    )


def _belongs_to_a_source(one: ObservedPlace, name: str) -> bool:
    found = parse_pyc_name(name) or parse_temporary_name(name)
    return token_of(name) is not None or (found is not None and found.stem in one.sources)


def _removal(one: ObservedPlace, name: str, reason: Reason) -> Removal:
    found = parse_pyc_name(name) or parse_temporary_name(name)
    source = InstalledPath(f"{one.place.directory}/{found.stem}{SUFFIX}") if found else None
    return Removal(one.cache.base, one.cache.directory, name, reason, source)


def _path(removal: Removal) -> InstalledPath:
    return InstalledPath(f"{removal.directory}/{removal.name}")


def _kept(removal: Removal) -> Outcome:
    detail = "a package owns it: its removal is the package manager's"
    return Outcome(Status.KEPT, Reason.PACKAGED, _path(removal), removal.source, detail=detail)


def perform_clean(tree: Tree, plan: CleanPlan, report: Callable[[Outcome], None]) -> None:
    """Carry out a plan; what can't be removed is reported."""
    record = Record(tree)
    for outcome in plan.settled:
        report(outcome)
        if outcome.reason is Reason.PACKAGED:  # it goes with its package
            directory_path, _, name = outcome.path.rpartition("/")
            record.note(InstalledPath(directory_path), name, None)
    for removal in plan.removals:
        try:
            directory = _open(tree, removal.base, removal.directory)
            remove = safefs.remove_file if token_of(removal.name) is None else remove_dead
            try:
                removed = remove(directory, removal.name)
            finally:
                os.close(directory)
        except FileNotFoundError:
            continue
        except (Refused, OSError) as error:
            report(problem(_path(removal), error))
        else:
            record.note(removal.directory, removal.name, None)
            if removed:
                report(Outcome(Status.REMOVED, removal.reason, _path(removal), removal.source))
    record.save()
    for cache in plan.directories:
        _remove_if_empty(tree, cache, report)


def _open(tree: Tree, base: InstalledPath, path: InstalledPath) -> int:
    """Open a directory to remove from: whoever may write to a cache directory, removing a name from it is safe."""
    above, _, name = path.rpartition("/")
    if name == CACHE_DIRECTORY and is_below(path, base):
        descriptor = open_cache(tree.open(base, InstalledPath(above)), path)
    else:
        descriptor = open_central(tree, base, path)
    if descriptor is None:
        raise FileNotFoundError(path)
    return descriptor


def _remove_if_empty(tree: Tree, cache: CacheDirectory, report: Callable[[Outcome], None]) -> None:
    parent, _, name = cache.directory.rpartition("/")
    above = InstalledPath(parent or "/")
    try:
        tree.forget(cache.base, cache.directory)
        removed = safefs.remove_empty_directory(tree.open(min(cache.base, above, key=len), above), name)
    except FileNotFoundError:
        return
    except (Refused, OSError) as error:
        report(problem(cache.directory, error))
        return
    if removed:
        report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, cache.directory))


def emptied_parents(
    tree: Tree,
    plan: CleanPlan,
    floor: InstalledPath,
    owned: Callable[[list[InstalledPath]], frozenset[InstalledPath]],
) -> tuple[CacheDirectory, ...]:
    """Find the directories that will be empty once a plan is carried out, up to but not `floor`.

    What a package owns stays, `owned` tells. The deepest comes first.
    """
    gone = {cache.directory for cache in plan.directories}.union(map(_path, plan.removals))
    found: dict[InstalledPath, CacheDirectory] = {}
    for cache in sorted(plan.directories, key=lambda one: one.directory.count("/"), reverse=True):
        path = InstalledPath(cache.directory.rpartition("/")[0])
        while is_below(path, floor) and path not in gone and _holds_only(tree, cache.base, path, gone):
            gone.add(path)
            found[path] = CacheDirectory(cache.base, path)
            path = InstalledPath(path.rpartition("/")[0])
    stay = set(owned(list(found))) if found else set()
    for path in sorted(found, key=len, reverse=True):
        if path in stay:
            stay.add(InstalledPath(path.rpartition("/")[0]))
    return tuple(found[path] for path in sorted(found, key=len, reverse=True) if path not in stay)


def _holds_only(tree: Tree, base: InstalledPath, path: InstalledPath, gone: set[InstalledPath]) -> bool:
    try:
        return all(f"{path}/{name}" in gone for name in os.listdir(tree.open(base, path)))
    except (Refused, OSError):
        return False
