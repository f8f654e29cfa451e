# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what to take away. A chooser decides name by name; what a package owns always stays."""

from __future__ import annotations

import errno

from pkgtools.runtime.facts import CacheDirectory, CleanPlan, InstalledPath, Outcome, Reason, Removal, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import PycNames, parse_pyc_name, stems_in
from pkgtools.runtime.policy.sources import SUFFIX, is_below, problem
from pkgtools.runtime.policy.version_range import ANY_VERSION
from pkgtools.runtime.pythons import version_in
from pkgtools.runtime.system.temporaries import token_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pkgtools.runtime.policy.version_range import VersionRange

    from .observe import ObservedPlace

    Choose = Callable[[ObservedPlace], Callable[[str], "Reason | None"]]
    """Takes a place and returns the function that says why a name in its cache directory is to go; None if it stays."""
    Owned = Callable[[list[InstalledPath]], frozenset[InstalledPath]]
    """Returns those of some files and directories that packages own."""


_NAMES = PycNames()


class Above(NamedTuple):
    """The directories above cache directories, which go if the cleaning leaves them empty."""

    floor: InstalledPath
    """The directory that stays, whatever is in it; those above it stay, too."""
    names_in: Callable[[CacheDirectory], frozenset[str] | None]
    """Returns the names in a directory; None if it can't be read."""


def of_sources(versions: VersionRange) -> Choose:
    """Choose all caches of the place's stems, for versions in a range, and what was left of making them.

    A cache of another tool, STEM.ANYTHING, belongs to the longest stem that has a file beside, and stays if one that
    doesn't go has it, too.
    """
    is_any = versions == ANY_VERSION

    def choose(one: ObservedPlace) -> Callable[[str], Reason | None]:
        stems = one.place.stems
        all_stems = stems | one.sources | one.others

        def reason_for(name: str) -> Reason | None:
            if token_of(name) is not None:
                return Reason.TEMPORARY
            stem, is_temporary = _NAMES.stem_of(name) or ("", False)
            if stem in stems or stem in one.sources:
                if stem not in stems or name in one.of_others:
                    return None
            else:
                stem = next((stem for stem in stems_in(name) if stem in all_stems), "")
                if stem not in stems or stem in one.others or name in one.directories:
                    return None
            if not is_any and version_in(name[len(stem) :]) not in versions:
                return None
            return Reason.TEMPORARY if is_temporary else Reason.CACHE_OF_SOURCE

        return reason_for

    return choose


def of_departed(one: ObservedPlace) -> Callable[[str], Reason | None]:
    """Choose all caches of those of the place's stems whose source is gone; one that stands is another package's."""
    reason_for = of_sources(ANY_VERSION)(one._replace(place=one.place._replace(stems=one.place.stems - one.sources)))

    def departed(name: str) -> Reason | None:
        reason = reason_for(name)
        return Reason.ORPHAN if reason is Reason.CACHE_OF_SOURCE else reason

    return departed


def orphans(one: ObservedPlace) -> Callable[[str], Reason | None]:
    """Choose caches whose source is gone, and what was left of making caches."""

    def reason_for(name: str) -> Reason | None:
        if token_of(name) is not None:
            return Reason.TEMPORARY
        found = _NAMES.stem_of(name)
        if found is None or found[0] in one.sources or name in one.of_others:
            return None
        return Reason.ORPHAN

    return reason_for


def orphans_and_dead(live: frozenset[str], serving: frozenset[str]) -> Choose:
    """Choose orphans, the caches of interpreters that are gone, and of ours those that no longer serve the place.

    `live` are the cache tags of all interpreters, `serving` those of the interpreters that import from the place.
    """

    def choose(one: ObservedPlace) -> Callable[[str], Reason | None]:
        orphan = orphans(one)

        def reason_for(name: str) -> Reason | None:
            found = parse_pyc_name(name)
            if found is None or found.stem not in one.sources:
                return orphan(name)
            if found.tag not in live or (found.tag not in serving and name in one.made_here):
                return Reason.DEAD_TAG
            return None

        return reason_for

    return choose


def made_here(one: ObservedPlace) -> Callable[[str], Reason | None]:
    """Choose what we made ourselves, and orphans."""
    orphan = orphans(one)
    return lambda name: Reason.CACHE_OF_SOURCE if name in one.made_here else orphan(name)


def plan_clean(
    observed: Iterable[ObservedPlace], choose: Choose, owned: Owned, above: Above | None = None
) -> CleanPlan:
    """Plan what to remove. What packages own stays, and the directories that it is in; `owned` is asked once."""
    wanted = _proposed(observed, choose)
    removals = {one.path: one for one in wanted.removals}
    higher = [] if above is None else _emptied(wanted.directories, set(removals), above)
    asked = [*removals, *(one.directory for one in (*wanted.directories, *higher))]
    packaged = owned(asked) if asked else frozenset()
    settled = [_kept(one) for path, one in removals.items() if path in packaged]
    kept_in = packaged.union(one.directory for path, one in removals.items() if path in packaged)
    directories = tuple(one for one in wanted.directories if one.directory not in kept_in)
    higher = [] if above is None else _emptied(directories, removals.keys() - packaged, above, packaged)
    going = tuple(one for path, one in removals.items() if path not in packaged)
    return CleanPlan(going, (*directories, *higher), (*wanted.settled, *settled))


def _proposed(observed: Iterable[ObservedPlace], choose: Choose) -> CleanPlan:
    """Return what would go if no package owned any of it."""
    removals: list[Removal] = []
    directories: list[CacheDirectory] = []
    settled: list[Outcome] = []
    for one in observed:
        reason_for = choose(one)
        chosen = [(name, reason_for(name)) for name in one.names]
        for name, reason in chosen:
            if reason is not None and name not in one.directories:
                removals.append(_removal(one, name, reason))
                continue
            path = InstalledPath(f"{one.cache.directory}/{name}")
            if reason is not None:
                settled.append(problem(path, IsADirectoryError(errno.EISDIR, "")))
            elif not _belongs_to_a_source(one, name):
                settled.append(Outcome(Status.KEPT, Reason.UNKNOWN_SIBLING, path, detail="it isn't a source's cache"))
        for name in one.legacy:
            source = InstalledPath(f"{one.place.directory.rstrip('/')}/{name[:-1]}")
            removals.append(Removal(one.place.base, one.place.directory, name, Reason.LEGACY, source))
        if (
            one.is_there
            and not one.has_others
            and all(reason is not None and name not in one.directories for name, reason in chosen)
        ):
            directories.append(one.cache)
    return CleanPlan(tuple(removals), tuple(directories), tuple(settled))


def _belongs_to_a_source(one: ObservedPlace, name: str) -> bool:
    return token_of(name) is not None or any(stem in one.sources or stem in one.others for stem in stems_in(name))


def _removal(one: ObservedPlace, name: str, reason: Reason) -> Removal:
    found = _NAMES.stem_of(name)
    stem = found[0] if found else next((stem for stem in stems_in(name) if stem in one.place.stems), "")
    source = InstalledPath(f"{one.place.directory.rstrip('/')}/{stem}{SUFFIX}") if stem else None
    return Removal(one.cache.base, one.cache.directory, name, reason, source)


def _kept(removal: Removal) -> Outcome:
    detail = "a package owns it: its removal is the package manager's"
    return Outcome(Status.KEPT, Reason.PACKAGED, removal.path, removal.source, detail=detail)


def _emptied(
    caches: Iterable[CacheDirectory],
    gone: set[InstalledPath],
    above: Above,
    stay: frozenset[InstalledPath] = frozenset(),
) -> list[CacheDirectory]:
    """Return the directories above cache directories that will be empty without what is gone, the deepest first."""
    caches = sorted(caches, key=lambda one: one.directory.count("/"), reverse=True)
    gone.update(cache.directory for cache in caches)
    found: list[CacheDirectory] = []
    for cache in caches:
        one = _parent(cache)
        while is_below(one.directory, above.floor) and _is_emptied(one, gone, stay, above):
            gone.add(one.directory)
            found.append(one)
            one = _parent(one)
    return sorted(found, key=lambda one: len(one.directory), reverse=True)


def _parent(one: CacheDirectory) -> CacheDirectory:
    return one._replace(directory=InstalledPath(one.directory.rpartition("/")[0]))


def _is_emptied(one: CacheDirectory, gone: set[InstalledPath], stay: frozenset[InstalledPath], above: Above) -> bool:
    if one.directory in gone or one.directory in stay:
        return False
    names = above.names_in(one)
    return names is not None and all(f"{one.directory}/{name}" in gone for name in names)
