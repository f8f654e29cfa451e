# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The first job: from wanted pycs to a report."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .as_owner import as_owner, split_by_owner
from .errors import UnknownOwner
from .facts import Action, InstalledPath, InvalidationMode, Outcome, Policy, Reason, Status, outcome_of
from .observe import Look, Wanted, observe
from .plan import path_of, plan_compile, questionable, spare
from .pyc import is_thorough
from .record import Proof, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .facts import CompileJob, CompilePlan, Work
    from .packages import Owned
    from .report import Report
    from .trust import Tree


class CompileSettings(NamedTuple):
    """How a plan is to be carried out."""

    mode: InvalidationMode = InvalidationMode.TIMESTAMP
    workers: int = 1
    """Processes of an interpreter at once."""
    timeout: float = 120.0
    """Seconds that a worker may take for one source."""
    durable: bool = True
    """Sync the file system before and after pycs get their names."""
    progress: Callable[[int, int], None] | None = None
    """Called with the jobs done and all jobs, as workers answer."""


class CompileRun(NamedTuple):
    """How wanted pycs are to be compiled."""

    policy: Policy = Policy()
    settings: CompileSettings = CompileSettings()
    cache_prefix: InstalledPath | None = None
    dry_run: bool = False
    as_owner: bool = False
    """Work in directories that aren't root's as their owner, instead of refusing them."""
    sweep: bool = True
    """Remove from the cache directories what killed compilers left, and what others own or can write."""


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
    record = Record(tree, create=_may_create_state(tree))
    plan = _plan(tree, record, wanted, run, report)
    if run.dry_run:
        for outcome in foretell(plan):
            report(outcome)
        return plan.fresh
    if not (plan.jobs or plan.directories or plan.temporaries or plan.repairs or plan.empty):
        for outcome in plan.settled:
            report(outcome)
        return plan.fresh
    from .perform import Performer  # noqa: PLC0415 - 4 ms that a run with nothing to do can save

    settings = run.settings if progress is None else run.settings._replace(progress=progress)
    performer = Performer(tree, record, settings, report, partial(_owned, tree, report=report))
    changed = performer.perform(plan)
    if changed:
        changed = performer.perform(_plan(tree, record, _wanted_again(changed), run, report))
    for job in changed:
        detail = "it changed twice while it was compiled: run again when it's at rest"
        for work in job.works:
            report(outcome_of(work, Status.SKIPPED, Reason.SOURCE_CHANGED, detail))
    return plan.fresh + performer.fresh


def _may_create_state(tree: Tree) -> bool:
    """Whether this is the installed runtime at work on its own system: not a package's embedded one, not a chroot."""
    return tree.root == "/" and tree.uid == 0 and os.path.exists(__file__)


def _plan(
    tree: Tree, record: Record, wanted: Iterable[Wanted], run: CompileRun, report: Callable[[Outcome], None]
) -> CompilePlan:
    """Look, plan, and spare what packages own, or may own where the package manager can't tell."""
    glance = Proof.COMPARED if is_thorough(run.policy) else Proof.WHOLE
    look = Look(record, run.policy.mode, run.cache_prefix, None if run.policy.force or run.policy.verify else glance)
    plan = plan_compile(observe(tree, wanted, look), run.policy, tree.uid, tree.gid)
    plan = plan if run.sweep else plan._replace(temporaries=(), empty=())
    asked = questionable(plan)
    return spare(plan, _owned(tree, asked, report), verify=run.policy.verify) if asked else plan


def _owned(tree: Tree, paths: list[InstalledPath], report: Callable[[Outcome], None]) -> Owned:
    """Ask whose some paths are. Where a package manager can't tell, they are taken for its own: nothing is changed."""
    from .packages import Owned, owned  # noqa: PLC0415 - seldom needed

    try:
        return owned(tree, paths)
    except UnknownOwner as error:
        report(Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail))
        return Owned(rpm=dict.fromkeys(paths, ""))


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
    told.extend(Outcome(Status.REMOVED, gone.reason, path_of(gone)) for gone in plan.temporaries)
    told.extend(Outcome(Status.REPAIRED, one.reason, path_of(one)) for one in plan.repairs)
    told.extend(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, gone.directory) for gone in plan.empty)
    told.extend(outcome_of(work, _becomes(work), work.reason) for job in plan.jobs for work in job.works)
    return told


def _becomes(work: Work) -> Status:
    """Say what will become of a target; whether a pyc stays that has to be looked into can't be told before."""
    decided = {Action.COMPILE: Status.COMPILED, Action.REPAIR: Status.REPAIRED}
    return decided.get(work.action, Status.UNDECIDED)
