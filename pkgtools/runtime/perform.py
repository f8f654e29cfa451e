# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Carrying out a compile plan: sources go to the workers, pyc bodies come back and are handed to the store."""

from __future__ import annotations

import errno
import os
import stat
from binascii import crc32
from typing import TYPE_CHECKING

from .errors import Refused
from .facts import Action, InvalidationMode, Reason, Status, outcome_of
from .filelist import problem
from .interpreters import command, is_this_one
from .interrupts import Held
from .pool import Answer, Pool, Request, Task, worker_code
from .pyc import Recipe, content_matches, header, header_size, read_seal, recipe_of, seal_time
from .store import PycStore, Ticket
from .trust import READ_FILE, file_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .facts import CompileJob, CompilePlan, CompileSettings, FileState, Interpreter, Outcome, Work
    from .trust import Tree

_FEW_SOURCES = 16
_FEW_BYTES = 512 * 1024
"""So many sources (and bytes) a fork of this process has compiled before another interpreter has started."""
_WORKER_FAULTS = frozenset({Reason.WORKER_CRASH, Reason.TIMEOUT, Reason.OUT_OF_MEMORY})
_HARMLESS = frozenset({Reason.MISSING, Reason.FORCED})
"""Reasons to compile that speak against nothing that is there."""


class Performer:
    """Carries out a plan; every target has exactly one outcome."""

    def __init__(self, tree: Tree, settings: CompileSettings, report: Callable[[Outcome], None]) -> None:
        """Get ready; `report` is called with each outcome as it comes about."""
        self._tree = tree
        self._settings = settings
        self._report = report
        self._store = PycStore(tree, report, durable=settings.durable)
        self._changed: list[CompileJob] = []
        self._again: list[CompileJob] = []

    def perform(self, plan: CompilePlan) -> list[CompileJob]:
        """Carry out a plan and return the jobs whose source changed meanwhile, of which nothing was written.

        Raises nothing that a single file can cause; what goes wrong is reported.
        """
        for outcome in plan.settled:
            self._report(outcome)
        for cache in plan.directories:
            self._store.claim(cache)
        for removal in plan.temporaries:
            self._store.sweep(removal)
        self._changed = []
        try:
            self._compile(plan.jobs)
            again, self._again = self._again, []
            self._compile(tuple(again))
            return self._changed + self._store.publish()
        finally:
            self._store.abandon()

    def _compile(self, jobs: tuple[CompileJob, ...]) -> None:
        by_interpreter: dict[Interpreter, list[CompileJob]] = {}
        progress = self._settings.progress
        done = 0
        for job in jobs:
            by_interpreter.setdefault(job.works[0].target.interpreter, []).append(job)
        for interpreter, its_jobs in by_interpreter.items():
            for ticket, answer in self._pool(interpreter, its_jobs).run(self._requests(its_jobs)):
                with Held():
                    self._take(ticket, answer)
                done += 1
                if progress is not None:
                    progress(done, len(jobs))

    def _pool(self, interpreter: Interpreter, jobs: list[CompileJob]) -> Pool[Ticket]:
        few = len(jobs) <= _FEW_SOURCES and sum(job.state.size for job in jobs) <= _FEW_BYTES
        # bodies that are there are for a process with limits
        harmless = all(work.action in {Action.COMPILE, Action.REPAIR} for job in jobs for work in job.works)
        if few and harmless and is_this_one(self._tree, interpreter):
            return Pool(None, 1, self._settings.timeout)
        argv = command(self._tree, interpreter, worker_code())
        return Pool(argv, min(self._settings.workers, len(jobs)), self._settings.timeout)

    def _requests(self, jobs: list[CompileJob]) -> Iterator[tuple[Ticket, Request]]:
        """Read sources as the workers ask for them; what needs no worker is done on the way."""
        for job in jobs:
            halted = self._store.halted(job)
            if halted is not None:
                self._settle(job, halted.status, halted.reason, halted.detail)
                continue
            try:
                directory = self._tree.open(job.source.base, job.source.directory)
                source = _read_source(directory, job.source.name, job.state)
            except (Refused, OSError) as error:
                failure = problem(job.source.path, error)
                self._settle(job, failure.status, failure.reason, failure.detail)
                continue
            if source is None:
                self._changed.append(job)
                continue
            request = self._request(Ticket(job, job.state, crc32(source)), source)
            if request is not None:
                yield request

    def _request(self, ticket: Ticket, source: bytes) -> tuple[Ticket, Request] | None:
        works: list[Work] = []
        tasks: list[Task] = []
        for work in ticket.job.works:
            task = self._task(ticket, work)
            if task is not None:
                works.append(work)
                tasks.append(task)
        if not works:
            return None
        want_hash = self._recipe(works[0]).mode is not InvalidationMode.TIMESTAMP
        job = ticket.job._replace(works=tuple(works))
        return ticket._replace(job=job), Request(job.source.path, source, want_hash, tuple(tasks))

    def _task(self, ticket: Ticket, work: Work) -> Task | None:
        """Say what a worker is to do for one target; None if it's done without one."""
        cache, level = ticket.job.cache, work.target.level
        if work.action is Action.REPAIR:
            self._store.settle(ticket.job, work, outcome_of(work, Status.REPAIRED, work.reason))
            return None
        found = None if work.action is Action.COMPILE else self._store.read(cache, work.target.name)
        if found is None:
            return Task(level, Action.COMPILE.value, b"")
        body = found.data[header_size(work.target.interpreter.version) :]
        if work.action is Action.COMPARE:
            return Task(level, Action.COMPARE.value, body)
        seal = read_seal(found.state, ticket.state)
        if seal is None:
            return Task(level, Action.CHECK.value, body)
        if not (content_matches(seal, ticket.crc) and self._is_header_right(ticket, work, found.data)):
            return Task(level, Action.COMPILE.value, b"")
        # the source was replaced by one with the same content: a new ctime keeps us from looking again
        outcome = outcome_of(work, Status.FRESH, Reason.UP_TO_DATE)
        self._store.settle(ticket.job, work, outcome, found.state.mtime_ns)
        return None

    def _is_header_right(self, ticket: Ticket, work: Work, data: bytes) -> bool:
        """Whether a pyc's header fits; a hash in it isn't looked at, the seal stands for the content."""
        return data.startswith(header(self._recipe(work), ticket.state))

    def _take(self, ticket: Ticket, answer: Answer) -> None:
        """Act on what a worker answered."""
        written: dict[bytes, str] = {}
        for work, result in zip(ticket.job.works, answer.results):
            if result.status == "whole":
                self._adopt(ticket, work, Reason.SEALED)
            elif result.status == "same":
                self._confirm(ticket, work, answer.source_hash)
            elif result.status != "compiled":
                self._fail(ticket, work, Reason(result.status), result.body.decode("utf-8", "replace"))
            elif result.body in written:
                self._store.link(ticket, work, written[result.body])
            else:
                self._write(ticket, work, answer.source_hash, result.body, written)

    def _fail(self, ticket: Ticket, work: Work, reason: Reason, detail: str) -> None:
        if work.action in {Action.CHECK, Action.COMPARE} and reason in _WORKER_FAULTS:
            # the body that is there may have done it: compile without looking at it
            anew = work._replace(action=Action.COMPILE, reason=Reason.TRUNCATED)
            self._again.append(ticket.job._replace(works=(anew,)))
            return
        stale = work.action is Action.CHECK or (work.action is Action.COMPILE and work.reason not in _HARMLESS)
        if stale and self._store.remove(ticket.job.cache, work):
            detail += f"; the pyc that was there is removed ({work.reason.value})"
        self._report(outcome_of(work, Status.FAILED, reason, detail))

    def _confirm(self, ticket: Ticket, work: Work, source_hash: bytes) -> None:
        """Settle a pyc whose body is right; its header need not be (PEP 552's hash)."""
        found = self._store.read(ticket.job.cache, work.target.name)
        recipe = self._recipe(work)
        right = header(recipe, ticket.state, source_hash)
        if found is None or found.data[: len(right)] == right:
            self._adopt(ticket, work, Reason.UP_TO_DATE)
        else:
            self._write(ticket, work, source_hash, found.data[len(right) :], {})

    def _adopt(self, ticket: Ticket, work: Work, reason: Reason) -> None:
        """Seal a pyc that was found to be right, whoever made it."""
        found = self._store.read(ticket.job.cache, work.target.name)
        if found is None:
            self._store.fail(ticket.job, work, FileNotFoundError(errno.ENOENT, "it was removed meanwhile"))
            return
        seal = read_seal(found.state, ticket.state)
        made_here = seal is not None and seal.made_here
        mtime = seal_time(self._recipe(work), ticket.state, ticket.crc, len(found.data), made_here=made_here)
        self._store.settle(ticket.job, work, outcome_of(work, Status.FRESH, reason), mtime)

    def _write(self, ticket: Ticket, work: Work, source_hash: bytes, body: bytes, written: dict[bytes, str]) -> None:
        recipe = self._recipe(work)
        data = header(recipe, ticket.state, source_hash) + body
        mtime = seal_time(recipe, ticket.state, ticket.crc, len(data), made_here=True)
        temporary = self._store.write(ticket, work, data, mtime)
        if temporary is not None:
            written[body] = temporary

    def _recipe(self, work: Work) -> Recipe:
        return recipe_of(work.target.interpreter, self._settings.mode)

    def _settle(self, job: CompileJob, status: Status, reason: Reason, detail: str) -> None:
        for work in job.works:
            self._report(outcome_of(work, status, reason, detail))


def _read_source(directory: int, name: str, expected: FileState) -> bytes | None:
    """Read a source; None if it isn't, before and after, what was observed."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    with open(descriptor, "rb", buffering=0) as stream:
        if not stat.S_ISREG(expected.mode) or file_state(os.fstat(descriptor)) != expected:
            return None
        data = stream.readall()
        same = file_state(os.fstat(descriptor)) == expected and len(data) == expected.size
    return data if same else None
