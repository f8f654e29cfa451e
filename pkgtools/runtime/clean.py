# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Taking caches away: exactly what an interpreter can make anew from a source, by name, never by a pattern.

`plan_clean` is pure. What may go is decided name by name by a chooser; what a package owns always stays.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from . import safefs
from .errors import Refused
from .facts import CacheDirectory, CleanPlan, InstalledPath, Outcome, Reason, Removal, Status
from .filelist import SUFFIX, is_below, problem
from .layout import cache_directory_of, parse_pyc_name, parse_temporary_name, tag_version, temporary_owner
from .packages import owned_paths
from .pyc import read_seal
from .trust import file_state, open_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .layout import PycName, VersionRange
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
    """In the cache directory, sorted."""
    sources: frozenset[str]
    """All sources in the directory, without `.py`."""
    legacy: tuple[str, ...]
    """Pycs beside the sources in `stems`, where Python 2 had them."""
    made_here: frozenset[str]
    """Those of `names` that carry our seal (looked at only on request)."""


def of_sources(versions: VersionRange) -> Callable[[ObservedPlace, str], Reason | None]:
    """Choose the caches of the place's stems, for versions in a range, and what was left of making them."""

    def choose(observed: ObservedPlace, name: str) -> Reason | None:
        if temporary_owner(name) is not None:
            return Reason.TEMPORARY
        left_over = parse_temporary_name(name)
        found = left_over or parse_pyc_name(name)
        if found is None or found.stem not in observed.place.stems or not _in_range(found, versions):
            return None
        return Reason.TEMPORARY if left_over else Reason.CACHE_OF_SOURCE

    return choose


def orphans_and(dead: frozenset[str] | None) -> Callable[[ObservedPlace, str], Reason | None]:
    """Choose caches whose source is gone and, if live tags are given, those of interpreters that aren't among them."""

    def choose(observed: ObservedPlace, name: str) -> Reason | None:
        found = parse_pyc_name(name) or parse_temporary_name(name)
        if found is None:
            return None
        if found.stem not in observed.sources:
            return Reason.ORPHAN
        return Reason.DEAD_TAG if dead is not None and found.tag not in dead else None

    return choose


def made_here(observed: ObservedPlace, name: str) -> Reason | None:
    """Choose what we made ourselves, and orphans."""
    if temporary_owner(name) is not None:
        return Reason.TEMPORARY
    if name in observed.made_here:
        return Reason.CACHE_OF_SOURCE
    found = parse_pyc_name(name)
    return Reason.ORPHAN if found is not None and found.stem not in observed.sources else None


def _in_range(found: PycName, versions: VersionRange) -> bool:
    version = tag_version(found.tag)
    return version is not None and version in versions


def observe_places(
    tree: Tree, places: Iterable[CleanPlace], cache_prefix: InstalledPath | None = None, *, seals: bool = False
) -> tuple[list[ObservedPlace], list[Outcome]]:
    """Look into the cache directories of places; `seals`: find out which pycs are ours."""
    observed: list[ObservedPlace] = []
    problems: list[Outcome] = []
    for place in places:
        try:
            found = _observe_place(tree, place, cache_prefix, seals)
        except FileNotFoundError:
            continue
        except (Refused, OSError) as error:
            problems.append(problem(place.directory, error))
            continue
        if found is not None:
            observed.append(found)
    return observed, problems


def _observe_place(
    tree: Tree, place: CleanPlace, cache_prefix: InstalledPath | None, seals: bool
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
    descriptor = open_cache(tree, directory if directory is not None else -1, cache.base, cache_path)
    legacy = tuple(
        name for stem in sorted(place.stems) for name in (f"{stem}.pyc", f"{stem}.pyo") if name in set(beside)
    )
    if descriptor is None:
        return ObservedPlace(place, cache, (), frozenset(), legacy, frozenset()) if legacy else None
    try:
        names = tuple(sorted(os.listdir(descriptor)))
        ours = frozenset(name for name in names if seals and _is_ours(descriptor, name))
    finally:
        os.close(descriptor)
    sources = frozenset(name[: -len(SUFFIX)] for name in beside if name.endswith(SUFFIX))
    return ObservedPlace(place, cache, names, sources, legacy, ours)


def _is_ours(directory: int, name: str) -> bool:
    seal = read_seal(file_state(os.stat(name, dir_fd=directory, follow_symlinks=False)))
    return parse_pyc_name(name) is not None and seal is not None and seal.made_here


def plan_clean(
    observed: Iterable[ObservedPlace],
    choose: Callable[[ObservedPlace, str], Reason | None],
    owned: Callable[[list[InstalledPath]], frozenset[InstalledPath]],
) -> CleanPlan:
    """Plan what to remove. `owned` tells which of some paths belong to a package: those stay."""
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
        if all(reason is not None for _, reason in chosen):
            directories.append(one.cache)
    packaged = owned([_path(removal) for removal in removals]) if removals else frozenset()
    settled.extend(_kept(removal) for removal in removals if _path(removal) in packaged)
    return CleanPlan(
        tuple(removal for removal in removals if _path(removal) not in packaged), tuple(directories), tuple(settled)
    )


def _belongs_to_a_source(one: ObservedPlace, name: str) -> bool:
    found = parse_pyc_name(name) or parse_temporary_name(name)
    return temporary_owner(name) is not None or (found is not None and found.stem in one.sources)


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
    for outcome in plan.settled:
        report(outcome)
    for removal in plan.removals:
        try:
            directory = _open(tree, removal.base, removal.directory)
            try:
                removed = safefs.remove_file(directory, removal.name)
            finally:
                os.close(directory)
        except FileNotFoundError:
            continue
        except (Refused, OSError) as error:
            report(problem(_path(removal), error))
        else:
            if removed:
                report(Outcome(Status.REMOVED, removal.reason, _path(removal), removal.source))
    for cache in plan.directories:
        _remove_if_empty(tree, cache, report)


def _open(tree: Tree, base: InstalledPath, path: InstalledPath) -> int:
    """Open a directory to remove from: whoever may write to a cache directory, removing a name from it is safe."""
    parent, _, _ = path.rpartition("/")
    above = InstalledPath(parent or "/")
    directory = tree.open(base, above) if is_below(path, base) else -1
    descriptor = open_cache(tree, directory, base, path)
    if descriptor is None:
        raise FileNotFoundError(path)
    return descriptor


def _remove_if_empty(tree: Tree, cache: CacheDirectory, report: Callable[[Outcome], None]) -> bool:
    parent, _, name = cache.directory.rpartition("/")
    above = InstalledPath(parent or "/")
    try:
        tree.forget(cache.base, cache.directory)
        removed = safefs.remove_empty_directory(tree.open(min(cache.base, above, key=len), above), name)
    except FileNotFoundError:
        return False
    except (Refused, OSError) as error:
        report(problem(cache.directory, error))
        return False
    if removed:
        report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, cache.directory))
    return removed


def remove_empty_parents(
    tree: Tree, caches: Iterable[CacheDirectory], floor: InstalledPath, report: Callable[[Outcome], None]
) -> None:
    """Remove the directories that held nothing but the given caches, up to but not `floor`; what is owned stays."""
    for cache in sorted(caches, key=lambda c: len(c.directory), reverse=True):
        path = InstalledPath(cache.directory.rpartition("/")[0])
        while is_below(path, floor) and _is_empty(tree, cache.base, path) and not owned_paths(tree, [path]):
            if not _remove_if_empty(tree, CacheDirectory(cache.base, path), report):
                break
            path = InstalledPath(path.rpartition("/")[0])


def _is_empty(tree: Tree, base: InstalledPath, path: InstalledPath) -> bool:
    try:
        return not os.listdir(tree.open(base, path))
    except (Refused, OSError):
        return False
