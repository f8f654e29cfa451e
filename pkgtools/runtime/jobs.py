# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The three jobs, each from what the caller asked for to a report: compile, clean, trigger."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .as_owner import as_owner, split_by_owner
from .clean import CleanPlace, emptied_parents, observe_places, of_sources, orphans_and, perform_clean, plan_clean
from .facts import Action, InstalledPath, Outcome, Policy, Reason, Status
from .filelist import SUFFIX, walk
from .layout import ANY_VERSION, cache_directory_of
from .observe import Look, Wanted, observe
from .packages import owned_paths
from .perform import Performer, Settings
from .plan import plan_compile
from .store import outcome_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .clean import ObservedPlace
    from .facts import CleanPlan, CompileJob, CompilePlan
    from .filelist import Directory
    from .layout import VersionRange
    from .report import Report
    from .trust import Tree


class CompileRun(NamedTuple):
    """How wanted pycs are to be compiled."""

    policy: Policy = Policy()
    settings: Settings = Settings()
    cache_prefix: InstalledPath | None = None
    dry_run: bool = False
    as_owner: bool = False
    """Work in directories that aren't root's as their owner, instead of refusing them."""


def compile_wanted(tree: Tree, wanted: list[Wanted], run: CompileRun, report: Report) -> None:
    """Bring the wanted pycs about, and report."""
    if run.as_owner:
        wanted, strangers = split_by_owner(tree, wanted, lambda one: one.directory)
        for owner, theirs in strangers.items():
            fresh, outcomes = as_owner(tree, owner, partial(_compile, theirs, run))
            report.add_fresh(fresh)
            report.add_all(outcomes)
    report.add_fresh(_compile(wanted, run, tree, report.add))


def _compile(wanted: list[Wanted], run: CompileRun, tree: Tree, report: Callable[[Outcome], None]) -> int:
    """Compile, report, and return how many targets were fresh."""
    plan = _plan(tree, wanted, run)
    if run.dry_run:
        for outcome in foretell(plan):
            report(outcome)
        return plan.fresh
    performer = Performer(tree, run.settings, report)
    changed = performer.perform(plan)
    if changed:
        changed = performer.perform(_plan(tree, _wanted_again(changed), run))
    for job in changed:
        detail = "it changed twice while it was compiled: run again when it's at rest"
        for work in job.works:
            report(outcome_of(work, Status.SKIPPED, Reason.SOURCE_CHANGED, detail))
    return plan.fresh


def _plan(tree: Tree, wanted: Iterable[Wanted], run: CompileRun) -> CompilePlan:
    glance = None if run.policy.force or run.policy.verify else run.policy.mode
    return plan_compile(observe(tree, wanted, Look(run.cache_prefix, glance)), run.policy, tree.uid, tree.gid)


def _wanted_again(jobs: list[CompileJob]) -> list[Wanted]:
    return [
        Wanted(
            job.source.base,
            job.source.directory,
            (job.source.name,),
            (job.works[0].target.interpreter,),
            tuple(work.target.level for work in job.works),
        )
        for job in jobs
    ]


def foretell(plan: CompilePlan) -> list[Outcome]:
    """Tell what a plan would do."""
    told = list(plan.settled)
    told.extend(
        Outcome(Status.REPAIRED, cache.to_repair or Reason.WRONG_MODE, cache.directory, mode=cache.expected.mode)
        for cache in plan.directories
    )
    told.extend(
        Outcome(Status.REMOVED, gone.reason, InstalledPath(f"{gone.directory}/{gone.name}"))
        for gone in plan.temporaries
    )
    becomes = {
        Action.REPAIR: Status.REPAIRED,
        Action.CHECK: Status.FRESH,
        Action.COMPARE: Status.FRESH,
        Action.COMPILE: Status.COMPILED,
    }
    told.extend(outcome_of(work, becomes[work.action], work.reason) for job in plan.jobs for work in job.works)
    return told


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
    """Remove the caches below directories whose sources are gone, and the directories that held nothing else."""
    for directory in directories:
        if run.cache_prefix is None:
            found = walk(tree, [directory])
            report.add_all(found.problems)
            places = [CleanPlace(d.base, d.path) for d in found.directories if d.has_cache]
        else:
            places = [CleanPlace(directory, d) for d in central_directories(tree, run.cache_prefix, directory)]
        clean_places(tree, places, Choice(orphans_and(None), floor=directory), run, report)


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
    seals: bool = False
    """The chooser wants to know which pycs are ours."""
    floor: InstalledPath | None = None
    """Above it, directories that held nothing else go too."""


def clean_places(tree: Tree, places: list[CleanPlace], choice: Choice, run: CleanRun, report: Report) -> None:
    """Remove what a chooser chooses in some places."""
    if run.as_owner:
        places, strangers = split_by_owner(tree, places, lambda one: one.directory)
        for owner, theirs in strangers.items():
            report.add_all(as_owner(tree, owner, partial(_clean, theirs, choice, run))[1])
    _clean(places, choice, run, tree, report.add)


def _clean(
    places: list[CleanPlace], choice: Choice, run: CleanRun, tree: Tree, report: Callable[[Outcome], None]
) -> None:
    observed, problems = observe_places(tree, places, run.cache_prefix, seals=choice.seals)
    for outcome in problems:
        report(outcome)
    plan = plan_clean(observed, choice.choose, lambda paths: owned_paths(tree, paths))
    floor = choice.floor if run.cache_prefix is None else run.cache_prefix
    if floor is not None:
        parents = emptied_parents(tree, plan.directories, floor)
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
