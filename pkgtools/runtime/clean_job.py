# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The second job: from sources, or directories with orphans, to a report of what was taken away."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .as_owner import as_owner, split_by_owner
from .clean import CleanPlace, emptied_parents, observe_places, of_sources, orphans, perform_clean, plan_clean
from .errors import UnknownOwner
from .facts import InstalledPath, Outcome, Reason, Status
from .filelist import SUFFIX, walk
from .layout import ANY_VERSION, cache_directory_of
from .packages import owned_paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .clean import ObservedPlace
    from .facts import CleanPlan
    from .filelist import Directory
    from .layout import VersionRange
    from .report import Report
    from .trust import Tree


class CleanRun(NamedTuple):
    """How caches are to be taken away."""

    versions: VersionRange = ANY_VERSION
    cache_prefix: InstalledPath | None = None
    dry_run: bool = False
    as_owner: bool = False


def clean_sources(tree: Tree, directories: Iterable[Directory], run: CleanRun, report: Report) -> None:
    """Remove the caches of sources."""
    places = [CleanPlace(d.base, d.path, frozenset(name[: -len(SUFFIX)] for name in d.sources)) for d in directories]
    clean_places(tree, places, Choice(of_sources(run.versions)), run, report)


def clean_orphans(tree: Tree, directories: Iterable[InstalledPath], run: CleanRun, report: Report) -> None:
    """Remove the caches below directories whose sources are gone, and the directories that held nothing else.

    A directory that isn't there, in the central cache neither, is an error.
    """
    for directory in directories:
        central = None if run.cache_prefix is None else cache_directory_of(directory, run.cache_prefix)
        if not (tree.exists(directory) or (central is not None and tree.exists(central))):
            report.add(Outcome(Status.ERROR, Reason.NO_SOURCE, directory, detail="no such file or directory"))
            continue
        if run.cache_prefix is None:
            found = walk(tree.trusting_owner_of(directory) if run.as_owner else tree, [directory])
            report.add_all(found.problems)
            places = [CleanPlace(d.base, d.path) for d in found.directories if d.has_cache]
        else:
            places = [CleanPlace(directory, d) for d in central_directories(tree, run.cache_prefix, directory)]
        clean_places(tree, places, Choice(orphans, floor=directory), run, report)


def central_directories(tree: Tree, prefix: InstalledPath, below: InstalledPath) -> list[InstalledPath]:
    """Return the source directories at or below one that have a place in the central cache."""
    found: list[InstalledPath] = []
    todo = [below]
    while todo:
        path = todo.pop()
        try:
            directory = tree.open(prefix, cache_directory_of(path, prefix))
        except FileNotFoundError:
            continue
        found.append(path)
        with os.scandir(directory) as entries:
            todo.extend(InstalledPath(f"{path}/{e.name}") for e in entries if e.is_dir(follow_symlinks=False))
    return found


class Choice(NamedTuple):
    """What to remove in the places of a cleaning."""

    choose: Callable[[ObservedPlace, str], Reason | None]
    recorded: bool = False
    """The chooser wants to know which pycs are ours."""
    floor: InstalledPath | None = None
    """Above it, directories that held nothing else go too."""


def clean_places(tree: Tree, places: list[CleanPlace], choice: Choice, run: CleanRun, report: Report) -> None:
    """Remove what a chooser chooses in some places."""
    if run.as_owner:
        places, strangers = split_by_owner(tree, places, lambda one: one.directory)
        for owner, theirs in strangers.items():
            report.add_all(as_owner(tree, owner, theirs[0].directory, partial(_clean, theirs, choice, run))[1])
    _clean(places, choice, run, tree, report.add)


def _clean(
    places: list[CleanPlace], choice: Choice, run: CleanRun, tree: Tree, report: Callable[[Outcome], None], *_: object
) -> None:
    observed, problems = observe_places(tree, places, run.cache_prefix, recorded=choice.recorded)
    for outcome in problems:
        report(outcome)
    owned = partial(owned_paths, tree)
    floor = choice.floor if run.cache_prefix is None else run.cache_prefix
    try:
        plan = plan_clean(observed, choice.choose, owned)
        parents = emptied_parents(tree, plan, floor, owned) if floor is not None else ()
    except UnknownOwner as error:  # nothing goes here; elsewhere the run goes on
        report(Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail))
        return
    plan = plan._replace(directories=(*plan.directories, *parents))
    if not run.dry_run:
        perform_clean(tree, plan, report)
        return
    for outcome in _foretell_clean(plan):
        report(outcome)


def _foretell_clean(plan: CleanPlan) -> list[Outcome]:
    gone = [
        Outcome(Status.REMOVED, r.reason, InstalledPath(f"{r.directory}/{r.name}"), r.source) for r in plan.removals
    ]
    empty = [Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, cache.directory) for cache in plan.directories]
    return [*plan.settled, *gone, *empty]
