# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Carrying out a compile plan: sources go to the workers, pyc bodies come back and are handed to the store."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Reason, Removal, Status
from pkgtools.runtime.interrupts import Held
from pkgtools.runtime.record import digest, now_ns

from .bodies import Bodies, fits_a_fork, may_fork, may_take
from .cache_directories import CacheDirectories
from .exchange import Answer, CompileRequest, LevelResult, LevelTask
from .forks import Forks, Lost
from .limits import OwnLimit
from .making import Made, Maker, WrittenLevel, read_source, taken, write
from .plan import outcome_of, path_of
from .publish import PycStore
from .pyc import HEADER_SIZE, header, recipe_of
from .resolve import (
    AgainStep,
    DoubtStep,
    FreshStep,
    RememberStep,
    RemoveStep,
    RepairStep,
    ReportStep,
    Ticket,
    WriteStep,
    ask,
    confirms,
    doubted,
    doubts_siblings,
    looks,
    resolve,
    stays,
)
from .shares import shares, waves
from .steps import Action
from .taking_back import TakingBack
from .writing import DIRECTORIES, PycWriter, Written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pkgtools.runtime.facts import Interpreter
    from pkgtools.runtime.record import Record, RecordEntry
    from pkgtools.runtime.system.packages import Owned
    from pkgtools.runtime.system.trust import Tree

    from .job import CompileSettings
    from .resolve import Step
    from .steps import CompileJob, CompilePlan, Work

    Ask = Callable[[list[InstalledPath]], Owned]


class Performer:
    """Carries out a plan; every target has exactly one outcome, or is counted as fresh."""

    def __init__(
        self, tree: Tree, record: Record, settings: CompileSettings, report: Callable[[Outcome], None], owned: Ask
    ) -> None:
        """Get ready; `report` is called with each outcome as it comes about, `owned` knows what packages own."""
        self._tree = tree
        self._record = record
        self._settings = settings
        self._report = report
        self._owned = owned
        self._directories = CacheDirectories(tree, report, owned)
        self._writer = PycWriter(tree, self._directories)
        self._store = PycStore(tree, record, self._writer, report, durable=settings.durable)
        self._changed: list[CompileJob] = []
        self._again: list[CompileJob] = []
        self._siblings: dict[InstalledPath, tuple[Removal, bytes]] = {}
        self._known: tuple[InstalledPath | None, dict[str, RecordEntry]] = None, {}
        self._done = self._total = 0
        self.fresh = 0
        """Targets that the record's digests show to be right."""

    def perform(self, plan: CompilePlan) -> list[CompileJob]:
        """Carry out a plan and return the jobs whose source changed meanwhile, of which nothing was written.

        Raises nothing that a single file can cause; what goes wrong is reported.
        """
        for outcome in plan.settled:
            self._report(outcome)
        for cache in plan.directories:
            self._directories.claim(cache)
        for removal in plan.temporaries:
            self._directories.sweep(removal)
        for shipped in plan.repairs:
            self._directories.repair(shipped)
        for empty in plan.empty:
            self._directories.sweep_directory(empty.base, empty.directory)
        self._changed = []
        self._known = None, {}
        try:
            self._take_back_and_compile(plan.jobs)
            again, self._again = self._again, []
            self._compile(tuple(again))
            self._changed += self._store.publish()
            self._remove_siblings()
            self._directories.remove_emptied()
            return self._changed
        finally:
            self._store.abandon()
            self._directories.take_back(self._store.used)
            self._record.save()

    def _take_back_and_compile(self, jobs: tuple[CompileJob, ...]) -> None:
        """Take cache directories back from the store, and compile what is left: some while forks compile."""
        taking = TakingBack(self._tree, self._record, self._settings.mode, self._report)
        left = taking.take(jobs) if self._settings.reuse else jobs
        self._bodies, self._steps = Bodies(self._tree, self._settings), taking.steps()
        self._compile(left)
        left = taking.finish(self._steps)
        self._changed += taking.changed
        self._store.add_taken(taking.taken)
        if left:
            self._bodies = Bodies(self._tree, self._settings)
            self._compile(left)

    def _remove_siblings(self) -> None:
        """Remove the other pycs of sources that were replaced, but what packages ship or another run has made since."""
        siblings, self._siblings = self._siblings, {}
        packaged = self._owned(sorted(siblings)).by_any() if siblings else frozenset()
        self._known = None, {}
        for path, (removal, source) in sorted(siblings.items()):
            entry = self._entries(removal.directory).get(removal.name)
            if path not in packaged and not stays(entry, source):
                self._directories.sweep(removal)
                self._record.note(removal.directory, removal.name, None)

    def _compile(self, jobs: tuple[CompileJob, ...]) -> None:
        by_interpreter: dict[Interpreter, list[CompileJob]] = {}
        self._done, self._total = 0, len(jobs)
        for job in jobs:
            by_interpreter.setdefault(job.works[0].target.interpreter, []).append(job)
        for interpreter, its_jobs in by_interpreter.items():
            left = its_jobs
            if may_fork(self._tree, self._settings, interpreter):
                left = self._compile_by_forks(its_jobs)
            if left:
                self._compile_by_pipes(interpreter, left)

    def _compile_by_forks(self, jobs: list[CompileJob]) -> list[CompileJob]:
        """Compile what forks of this process can, and return the other jobs."""
        left: list[CompileJob] = []
        chosen: list[CompileJob] = []
        for job in jobs:
            (chosen if fits_a_fork(job) else left).append(job)
        for wave in waves(chosen, DIRECTORIES):
            if self._writer.directories():
                self._changed += self._store.publish()
            prepared = [job for job in wave if self._prepare(job)]
            if prepared:
                left += self._do_wave(prepared)
        return left

    def _prepare(self, job: CompileJob) -> bool:
        """Get the cache directory of a job ready for forks; whether that worked."""
        halted = self._writer.halted(job)
        if halted is not None:
            self._settle(job, halted.status, halted.reason, halted.detail)
            return False
        try:
            self._writer.prepare(job)
        except (Refused, OSError) as error:
            for work in job.works:
                self._report(self._writer.failure(job, work, error))
            return False
        return True

    def _do_wave(self, jobs: list[CompileJob]) -> list[CompileJob]:
        """Let forks make the temporaries of some jobs, and return the jobs that they can't do."""
        left: list[CompileJob] = []
        size = min(self._settings.workers, len(os.sched_getaffinity(0)))
        forks = Forks(self._maker, self._tree.descriptors, size, self._settings.timeout)
        try:
            for job, made in forks.run(shares(jobs, size), self._steps):
                with Held():
                    if made is None or (isinstance(made, Lost) and made.reason is Reason.WORKER_CRASH):
                        left.append(job)
                        continue
                    self._take_made(job, made)
                self._progress()
        finally:
            forks.close()
        if forks.died:
            self._writer.remove_strays(self._store.names())
        return left

    def _maker(self, number: int) -> Maker:
        """Return what does jobs, in the fork of this number."""
        self._writer.count_as(number)
        return Maker(self._tree, self._writer, self._settings.mode, OwnLimit(), self._bodies)

    def _take_made(self, job: CompileJob, made: Made | Lost) -> None:
        """Act on what a fork made of a source."""
        if isinstance(made, Lost):
            made = Made(b"", 0, tuple(LevelResult(made.reason.value, made.detail.encode()) for _ in job.works))
        elif not made.levels:
            self._changed.append(job)
            return
        ticket = Ticket(
            job, job.state, made.digest, made.read_ns, recipe_of(job.works[0].target.interpreter, self._settings.mode)
        )
        if made.digest:
            self._carry_out(ticket, doubts_siblings(ticket), {})
        for work, level in zip(job.works, made.levels):
            if isinstance(level, WrittenLevel):
                self._store.take(taken(ticket, work, level))
            elif isinstance(level, Outcome):
                self._writer.keep(job, level)
                self._report(level)
            else:
                self._carry_out(ticket, resolve(ticket, work, level, b"", None), {})

    def _compile_by_pipes(self, interpreter: Interpreter, jobs: list[CompileJob]) -> None:
        """Compile with workers that are given sources through pipes."""
        from .pipes import answers  # noqa: PLC0415 - 3 ms that forks can save

        for ticket, answer in answers(self._tree, interpreter, jobs, self._requests, self._settings, self._report):
            with Held():
                self._take(ticket, answer)
            if self._writer.is_full():
                self._changed += self._store.publish()
            self._progress()

    def _progress(self) -> None:
        self._done += 1
        if self._settings.progress is not None:
            self._settings.progress(self._done, self._total)

    def _requests(self, jobs: list[CompileJob]) -> Iterator[tuple[Ticket, CompileRequest]]:
        """Read sources as the workers ask for them; what needs no worker is done on the way."""
        for job in jobs:
            halted = self._writer.halted(job)
            if halted is not None:
                self._settle(job, halted.status, halted.reason, halted.detail)
                continue
            read_ns = now_ns()
            source = read_source(self._tree, job)
            if isinstance(source, Outcome):
                self._settle(job, source.status, source.reason, source.detail)
                continue
            if source is None:
                self._changed.append(job)
                continue
            recipe = recipe_of(job.works[0].target.interpreter, self._settings.mode)
            request = self._request(Ticket(job, job.state, digest(source), read_ns, recipe), source)
            if request is not None:
                yield request

    def _request(self, ticket: Ticket, source: bytes) -> tuple[Ticket, CompileRequest] | None:
        works: list[Work] = []
        tasks: list[LevelTask] = []
        written: dict[bytes, Written] = {}
        self._carry_out(ticket, doubts_siblings(ticket), {})
        cache = ticket.job.cache
        for work in ticket.job.works:
            name = work.target.name
            found = self._store.read(cache, name) if looks(work) else None
            is_there = work.action is Action.REPAIR and self._store.is_there(cache, name)
            reused = self._reused(ticket, work)
            if reused:
                self._carry_out(ticket, reused, written)
                continue
            asked = ask(ticket, work, found, is_there=is_there)
            if isinstance(asked, LevelTask):
                works.append(work)
                tasks.append(asked)
            else:
                self._carry_out(ticket, asked, {})
        if not works:
            return None
        want_hash = ticket.recipe.mode is not InvalidationMode.TIMESTAMP
        job = ticket.job._replace(works=tuple(works))
        return ticket._replace(job=job), CompileRequest(job.source.path, source, want_hash, tuple(tasks))

    def _reused(self, ticket: Ticket, work: Work) -> tuple[Step, ...]:
        """Return the step that writes a pyc whose body is in the store; none where it has to be compiled."""
        if not may_take(work, ticket.recipe.mode, in_fork=False):
            return ()
        body = self._bodies.body_of(ticket, work)
        work = work._replace(reason=Reason.REUSED)
        return (WriteStep(work, header(ticket.recipe, ticket.state) + body),) if body else ()

    def _take(self, ticket: Ticket, answer: Answer) -> None:
        """Act on what a worker answered."""
        written: dict[bytes, Written] = {}
        for work, result in zip(ticket.job.works, answer.results):
            found = self._store.read(ticket.job.cache, work.target.name) if confirms(result) else None
            if result.status == "compiled":
                self._bodies.enter(ticket, work, result.body)
            self._carry_out(ticket, resolve(ticket, work, result, answer.source_hash, found), written)

    def _carry_out(self, ticket: Ticket, steps: tuple[Step, ...], written: dict[bytes, Written]) -> None:
        """Do what was resolved; `written` are the pycs of this job that wait for their names."""
        job = ticket.job
        for step in steps:
            if isinstance(step, WriteStep):
                self._store.take(write(self._writer, ticket, step, written))
            elif isinstance(step, ReportStep):
                self._report(step.outcome)
            elif isinstance(step, FreshStep):
                self.fresh += 1
            elif isinstance(step, RepairStep):
                self._store.settle(job, step.work, step.outcome)
            elif isinstance(step, RememberStep):
                self._store.remember(ticket, step.work, step.pyc, step.pyc_digest, step.proof)
            elif isinstance(step, RemoveStep):
                gone = step.gone if self._directories.remove(job.cache, step.work) else ""
                self._report(step.outcome._replace(detail=step.outcome.detail + gone))
            elif isinstance(step, AgainStep):
                self._again.append(job._replace(works=(step.work,)))
            else:
                self._doubt(ticket, step)

    def _doubt(self, ticket: Ticket, doubt: DoubtStep) -> None:
        """Choose the source's other pycs to be removed."""
        cache, names = ticket.job.cache, ticket.job.siblings
        entries = self._entries(cache.directory) if names else {}
        headers = {}
        for name in names if doubt.by_header else ():
            found = self._store.read(cache, name)
            headers[name] = b"" if found is None else found.data[:HEADER_SIZE]
        for removal in doubted(ticket, doubt, entries, headers):
            self._siblings[path_of(removal)] = removal, ticket.digest

    def _entries(self, cache: InstalledPath) -> dict[str, RecordEntry]:
        """Return what the record knows of a cache directory, read once for all its sources, which come in order."""
        if self._known[0] != cache:
            self._known = cache, self._record.of(cache)
        return self._known[1]

    def _settle(self, job: CompileJob, status: Status, reason: Reason, detail: str) -> None:
        for work in job.works:
            self._report(outcome_of(work, status, reason, detail))
