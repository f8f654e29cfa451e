# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where the body of a pyc may come from without compiling, and for which targets that is asked.

A run and its dry run ask here, so that the one foretells the other.
"""

from __future__ import annotations

from pkgtools.runtime.facts import InvalidationMode, Outcome, Reason
from pkgtools.runtime.record import digest, now_ns
from pkgtools.runtime.system.interpreters import is_this_one

from .making import read_source
from .pyc import recipe_of
from .resolve import Ticket
from .reuse import Reuse, has_body
from .steps import Action
from .taking_back import TakingBack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.facts import InstalledPath, Interpreter
    from pkgtools.runtime.record import Record, RecordEntry
    from pkgtools.runtime.system.trust import Tree

    from .job import CompileSettings
    from .steps import CompileJob, CompilePlan, Work


class Bodies:
    """Bodies that were compiled before for the same bytes."""

    def __init__(self, tree: Tree, settings: CompileSettings) -> None:
        """Get ready; nothing is given where the settings say so."""
        self._reuse = Reuse(tree) if settings.reuse else None
        self._named = settings.store

    def body_of(self, ticket: Ticket, work: Work) -> bytes:
        """Return the body that compiling a target would give; empty where it has to be compiled."""
        if self._reuse is None:
            return b""
        body = self._reuse.body_of(ticket, work)
        return body if body or self._named is None else self._named.body_of(ticket, work)

    def enter(self, ticket: Ticket, work: Work, body: bytes) -> None:
        """Keep a body that was just compiled, if the caller has named a store."""
        if self._named is not None:
            self._named.enter(ticket, work, body)

    def may_have(self, work: Work) -> bool:
        """Return whether it is worth while to read the source of a target and to ask."""
        if self._reuse is None:
            return False
        return self._named is not None or work.reason is Reason.STALE_SOURCE or not self._reuse.is_empty


def is_plain(work: Work) -> bool:
    """Return whether a target is made without a look at the pyc in its place."""
    return work.action is Action.COMPILE and not work.packaged


def may_fork(tree: Tree, settings: CompileSettings, interpreter: Interpreter) -> bool:
    """Return whether forks of this process may do the work of an interpreter."""
    return settings.forks and tree.only_root and is_this_one(tree, interpreter)


def fits_a_fork(job: CompileJob) -> bool:
    """Return whether a fork may do a job: it has no sure limits, so it looks into no body that is there."""
    return all(map(is_plain, job.works))


def may_take(work: Work, mode: InvalidationMode, *, in_fork: bool) -> bool:
    """Return whether a body may be taken for a target whose pycs are invalidated in this mode.

    The hash in a header is computed by the interpreter that loads it (PEP 552), so those of another need a worker.
    """
    return in_fork or (is_plain(work) and mode is InvalidationMode.TIMESTAMP)


def foretold_reasons(
    tree: Tree, record: Record, plan: CompilePlan, settings: CompileSettings
) -> Callable[[Work], Reason]:
    """Return what gives the reason for the outcome of each target of a plan, were it carried out."""
    bodies = Bodies(tree, settings)
    taking = TakingBack(tree, record, settings.mode, lambda _: None)
    whole, alone = taking.foretell(plan.jobs) if settings.reuse else (set(), {})
    taken = {
        work.target.path
        for job in plan.jobs
        if any(is_plain(work) and (bodies.may_have(work) or work.target.path in alone) for work in job.works)
        for work in _works_taken(tree, bodies, settings, job, alone)
    }
    return lambda work: Reason.REUSED if work.target.path in taken or work.target.path in whole else work.reason


def _works_taken(
    tree: Tree, bodies: Bodies, settings: CompileSettings, job: CompileJob, alone: dict[InstalledPath, RecordEntry]
) -> list[Work]:
    """Return the works of a job for which there is a body; `alone` are those that are still in their directories."""
    interpreter = job.works[0].target.interpreter
    in_fork = may_fork(tree, settings, interpreter) and fits_a_fork(job)
    recipe = recipe_of(interpreter, settings.mode)
    works = [work for work in job.works if may_take(work, recipe.mode, in_fork=in_fork)]
    read_ns = now_ns()
    source = read_source(tree, job) if works else None
    if source is None or isinstance(source, Outcome):  # it changed, or the run itself will say what is wrong
        return []
    ticket = Ticket(job, job.state, digest(source), read_ns, recipe)
    return [
        work
        for work in works
        if bodies.body_of(ticket, work)
        or (work.target.path in alone and has_body(alone[work.target.path], ticket.digest, interpreter))
    ]
