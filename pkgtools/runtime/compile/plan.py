# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what was observed and what is wanted become a plan. Total and sorted; whoever has the plan knows it all."""

from __future__ import annotations

import stat

from pkgtools.runtime.facts import InstalledPath, Outcome, Policy, Reason, Status
from pkgtools.runtime.policy.layout import fits

from .pyc import DISTRUSTED, Verdict, judge, pyc_ownership, recipe_of
from .steps import Action, CompileJob, CompilePlan, Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.facts import Interpreter, Observation, ObservedSource, ObservedTarget, Ownership, Removal
    from pkgtools.runtime.system.packages import Owned

_LARGE = 256 * 1024
"""Sources from this size (bytes) on are handed out first, so that they aren't left for the end."""


def plan_compile(observation: Observation, policy: Policy, uid: int, gid: int) -> CompilePlan:
    """Plan what to compile, check, compare and repair; pycs will belong to `uid` and, where it matters not, `gid`."""
    jobs: list[CompileJob] = []
    settled = list(observation.settled)
    fresh = observation.fresh
    needed = set()
    for observed in observation.sources:
        ownership = pyc_ownership(observed.state.mode, observed.state.gid, uid, gid, has_acl=observed.has_acl)
        works: dict[Interpreter, list[Work]] = {}
        for found in observed.targets:
            if not fits(found.target.name):
                settled.append(_too_long(found))
                continue
            if found.state is not None and stat.S_ISDIR(found.state.file.mode):
                settled.append(_no_place(found))
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
    """Return what exists, would be changed or removed, and may belong to a package."""
    asked = {Action.CHECK, Action.CONFIRM, Action.COMPARE, Action.COMPILE}
    works = [w for j in plan.jobs for w in j.works if w.action in asked and w.reason is not Reason.MISSING]
    foreign = [one for one in plan.temporaries if one.reason is Reason.UNTRUSTED_CACHE]
    caches = [*(cache.directory for cache in plan.directories), *(cache.directory for cache in plan.empty)]
    return [*(w.target.path for w in works), *map(path_of, foreign), *caches]


def spare(plan: CompilePlan, owned: Owned, *, verify: bool = False) -> CompilePlan:
    """Leave alone what packages ship: its content and time are the package manager's to keep.

    rpm records owner and mode as well, so nothing of its files is changed, and nothing new is written into a directory
    of its that others can write to; dpkg doesn't, so both are put right. `verify`: contents are compared all the same.
    """
    settled: list[Outcome] = list(plan.settled)
    refused = frozenset(c.directory for c in plan.directories if c.untrusted and c.directory in owned.rpm)
    jobs = []
    for job in plan.jobs:
        works = tuple(_spared(work, owned, refused, settled, verify=verify) for work in job.works)
        left = tuple(work for work in works if work is not None)
        if left:
            jobs.append(job._replace(works=left))
    packaged = owned.by_any()
    shipped = frozenset(one for one in plan.temporaries if path_of(one) in packaged)
    decided = {work.target.path for job in plan.jobs for work in job.works}
    alone = [one for one in plan.temporaries if one in shipped and path_of(one) not in decided]
    settled.extend(_untouched(path_of(one), owned) for one in alone if path_of(one) in owned.rpm)
    return plan._replace(
        directories=tuple(one for one in plan.directories if one.directory not in owned.rpm),
        jobs=tuple(jobs),
        temporaries=tuple(one for one in plan.temporaries if one not in shipped),
        repairs=tuple(one for one in alone if path_of(one) not in owned.rpm),
        empty=tuple(one for one in plan.empty if one.directory not in packaged),
        settled=tuple(settled),
    )


def _spared(
    work: Work, owned: Owned, refused: frozenset[InstalledPath], settled: list[Outcome], *, verify: bool
) -> Work | None:
    """Return what may be done for a target; None if nothing may, which is then settled."""
    target = work.target
    distrusted = work.action is Action.COMPILE and work.reason in DISTRUSTED
    if target.path not in owned.dpkg and target.path not in owned.rpm:
        if target.directory not in refused:
            return work
        detail = f"others can write to its directory, which is rpm's: {owned.remedy(target.directory)}"
        settled.append(outcome_of(work, Status.REFUSED, Reason.UNTRUSTED_CACHE, detail))
    elif distrusted and target.path in owned.rpm:
        settled.append(_untouched(target.path, owned))
    elif distrusted and work.reason is not Reason.NOT_REGULAR:
        return work._replace(action=Action.REPAIR)
    elif verify:
        return work._replace(action=Action.COMPARE, packaged=owned.remedy(target.path))
    else:
        settled.append(outcome_of(work, Status.KEPT, Reason.PACKAGED, "a package ships it"))
    return None


def _untouched(path: InstalledPath, owned: Owned) -> Outcome:
    detail = f"a package ships it, and another user owns or can write it: {owned.remedy(path)}"
    return Outcome(Status.REFUSED, Reason.UNTRUSTED_CACHE, path, detail=detail)


def path_of(removal: Removal) -> InstalledPath:
    """Return the path of a file that is to be removed or repaired."""
    return InstalledPath(f"{removal.directory.rstrip('/')}/{removal.name}")


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


def _no_place(found: ObservedTarget) -> Outcome:
    target, interpreter = found.target, found.target.interpreter.path
    detail = "a directory stands in the pyc's place: remove it"
    return Outcome(
        Status.ERROR, Reason.NOT_REGULAR, target.path, target.source.path, interpreter, target.level, detail=detail
    )


def outcome_of(work: Work, status: Status, reason: Reason, detail: str = "") -> Outcome:
    """Report on one target; the mode is told where the pyc is there and right."""
    target = work.target
    wrong = {Status.FAILED, Status.ERROR, Status.REFUSED, Status.SKIPPED, Status.KEPT}
    mode = None if status in wrong else work.ownership.mode
    source, interpreter = target.source.path, target.interpreter.path
    return Outcome(status, reason, target.path, source, interpreter, target.level, mode, detail)
