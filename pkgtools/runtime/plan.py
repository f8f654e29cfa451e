# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what was observed and what is wanted become a plan. Total and sorted; whoever has the plan knows it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .facts import (
    Action,
    CompileJob,
    CompilePlan,
    Outcome,
    Policy,
    Reason,
    Status,
    Work,
    outcome_of,
)
from .layout import fits
from .pyc import Verdict, judge, pyc_ownership, recipe_of

if TYPE_CHECKING:
    from .facts import InstalledPath, Interpreter, Observation, ObservedSource, ObservedTarget, Ownership

_LARGE = 256 * 1024
"""Sources from this size (bytes) on are handed out first, so that none of them is left for the end."""


def plan_compile(observation: Observation, policy: Policy, uid: int, gid: int) -> CompilePlan:
    """Plan what to compile, check, compare and repair; pycs will belong to `uid` and, where it matters not, `gid`."""
    jobs: list[CompileJob] = []
    settled = list(observation.settled)
    fresh = observation.fresh
    needed = set()
    for observed in observation.sources:
        ownership = pyc_ownership(observed.state, uid, gid, has_acl=observed.has_acl)
        works: dict[Interpreter, list[Work]] = {}
        for found in observed.targets:
            if not fits(found.target.name):
                settled.append(_too_long(found))
                continue
            verdict = _decide(observed, found, policy, ownership)
            if verdict.action is Action.KEEP:
                fresh += 1
                continue
            work = Work(found.target, verdict.action, verdict.reason, ownership, found.entry)
            works.setdefault(found.target.interpreter, []).append(work)
        jobs.extend(
            CompileJob(observed.source, observed.state, observed.cache, tuple(w), observed.siblings)
            for w in works.values()
        )
        if works:
            needed.add(observed.cache.directory)
    caches = {c.directory: c for c in observation.caches if c.to_repair or c.directory in needed}
    return CompilePlan(
        directories=tuple(sorted((c for c in caches.values() if c.to_repair), key=lambda c: c.directory)),
        jobs=tuple(sorted(jobs, key=_order)),
        temporaries=observation.temporaries,
        settled=tuple(sorted(settled, key=lambda o: o.path)),
        fresh=fresh,
        empty=observation.empty,
    )


def questionable(plan: CompilePlan) -> list[InstalledPath]:
    """Return the pycs that are there, might be replaced, and may belong to a package."""
    asked = {Action.CHECK, Action.CONFIRM, Action.COMPARE, Action.COMPILE}
    return [w.target.path for j in plan.jobs for w in j.works if w.action in asked and w.reason is not Reason.MISSING]


def spare(plan: CompilePlan, packaged: frozenset[InstalledPath], *, verify: bool = False) -> CompilePlan:
    """Leave alone what a package ships: its content, mode and time are the package manager's to keep.

    `verify`: it is compared all the same, so that damage is reported.
    """
    jobs = []
    kept: list[Outcome] = []
    for job in plan.jobs:
        works = []
        for work in job.works:
            if work.target.path not in packaged:
                works.append(work)
            elif verify:
                works.append(work._replace(action=Action.COMPARE, packaged=True))
            else:
                kept.append(outcome_of(work, Status.KEPT, Reason.PACKAGED, "a package ships it"))
        if works:
            jobs.append(job._replace(works=tuple(works)))
    return plan._replace(jobs=tuple(jobs), settled=(*plan.settled, *kept))


def _order(job: CompileJob) -> tuple[bool, str, str]:
    return job.state.size < _LARGE, job.source.path, job.works[0].target.name


def _decide(observed: ObservedSource, found: ObservedTarget, policy: Policy, ownership: Ownership) -> Verdict:
    interpreter = found.target.interpreter
    verdict = judge(recipe_of(interpreter, policy.mode), observed, found, ownership, policy)
    if verdict.action is Action.COMPILE:
        return verdict
    if policy.force:
        return Verdict(Action.COMPILE, Reason.FORCED)
    if policy.verify:
        return Verdict(Action.COMPARE, Reason.DIFFERS)
    return verdict


def _too_long(found: ObservedTarget) -> Outcome:
    target = found.target
    detail = "the pyc's name would be longer than a file name can be"
    path, interpreter = target.source.path, target.interpreter.path
    return Outcome(Status.SKIPPED, Reason.NAME_TOO_LONG, path, path, interpreter, target.level, detail=detail)
