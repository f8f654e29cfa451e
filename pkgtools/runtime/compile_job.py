# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The first job: from wanted pycs to a report."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .as_owner import as_owner, split_by_owner
from .facts import Action, CompileSettings, InstalledPath, Outcome, Policy, Reason, Status, outcome_of
from .observe import Look, Wanted, observe
from .plan import plan_compile, questionable, spare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .facts import CompileJob, CompilePlan
    from .report import Report
    from .trust import Tree


class CompileRun(NamedTuple):
    """How wanted pycs are to be compiled."""

    policy: Policy = Policy()
    settings: CompileSettings = CompileSettings()
    cache_prefix: InstalledPath | None = None
    dry_run: bool = False
    as_owner: bool = False
    """Work in directories that aren't root's as their owner, instead of refusing them."""


def compile_wanted(tree: Tree, wanted: list[Wanted], run: CompileRun, report: Report) -> None:
    """Bring the wanted pycs about, and report."""
    if run.as_owner:
        wanted, strangers = split_by_owner(tree, wanted, lambda one: one.directory)
        if strangers:
            from . import packages, perform, pool  # noqa: F401, PLC0415 - while we can still read them

            pool.worker_code()
        for owner, theirs in strangers.items():
            work = partial(_compile, theirs, run)
            fresh, outcomes = as_owner(tree, owner, theirs[0].directory, work, run.settings.timeout)
            report.add_fresh(fresh)
            report.add_all(outcomes)
    report.add_fresh(_compile(wanted, run, tree, report.add))


def _compile(
    wanted: list[Wanted],
    run: CompileRun,
    tree: Tree,
    report: Callable[[Outcome], None],
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Compile, report, and return how many targets were fresh."""
    plan = _plan(tree, wanted, run)
    if run.dry_run:
        for outcome in foretell(plan):
            report(outcome)
        return plan.fresh
    if not (plan.jobs or plan.directories or plan.temporaries):
        for outcome in plan.settled:
            report(outcome)
        return plan.fresh
    from .perform import Performer  # noqa: PLC0415 - 4 ms that a run with nothing to do can save

    settings = run.settings if progress is None else run.settings._replace(progress=progress)
    performer = Performer(tree, settings, report)
    changed = performer.perform(plan)
    if changed:
        changed = performer.perform(_plan(tree, _wanted_again(changed), run))
    for job in changed:
        detail = "it changed twice while it was compiled: run again when it's at rest"
        for work in job.works:
            report(outcome_of(work, Status.SKIPPED, Reason.SOURCE_CHANGED, detail))
    return plan.fresh


def _plan(tree: Tree, wanted: Iterable[Wanted], run: CompileRun) -> CompilePlan:
    """Look, plan, and spare what packages ship. Raises EnvironmentFault if the package manager can't tell."""
    glance = None if run.policy.force or run.policy.verify else run.policy.mode
    plan = plan_compile(observe(tree, wanted, Look(run.cache_prefix, glance)), run.policy, tree.uid, tree.gid)
    asked = questionable(plan)
    if not asked:
        return plan
    from .packages import owned_paths  # noqa: PLC0415 - seldom needed

    return spare(plan, owned_paths(tree, asked))


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
