# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Carrying out a compile plan: sources go to the workers, pyc bodies come back and are handed to the store."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from .cachedirs import CacheDirectories
from .errors import Refused
from .facts import Action, InstalledPath, InvalidationMode, Outcome, Reason, Removal, Status, outcome_of
from .filelist import problem
from .interpreters import command, is_this_one
from .interrupts import Held
from .pool import Answer, Pool, Request, Task, worker_code
from .pyc import DISTRUSTED, Recipe, header, header_size, recipe_bytes, recipe_of
from .record import Proof, digest, now_ns
from .store import Found, PycStore, Ticket
from .trust import READ_FILE, file_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .compile_job import CompileSettings
    from .facts import CompileJob, CompilePlan, FileState, Interpreter, Work
    from .packages import Owned
    from .record import Record, RecordEntry
    from .safefs import Temporary
    from .trust import Tree

    Ask = Callable[[list[InstalledPath]], Owned]

_FEW_SOURCES = 16
_FEW_BYTES = 512 * 1024
"""So many sources (and bytes) a fork of this process has compiled before another interpreter has started."""
_WORKER_FAULTS = frozenset({Reason.WORKER_CRASH, Reason.TIMEOUT, Reason.OUT_OF_MEMORY})


class Performer:
    """Carries out a plan; every target has exactly one outcome, or is counted as fresh."""

    def __init__(
        self, tree: Tree, record: Record, settings: CompileSettings, report: Callable[[Outcome], None], owned: Ask
    ) -> None:
        """Get ready; `report` is called with each outcome as it comes about, `owned` tells what packages own."""
        self._tree = tree
        self._record = record
        self._settings = settings
        self._report = report
        self._owned = owned
        self._directories = CacheDirectories(tree, report, owned)
        self._store = PycStore(tree, record, self._directories, report, durable=settings.durable)
        self._changed: list[CompileJob] = []
        self._again: list[CompileJob] = []
        self._siblings: dict[InstalledPath, tuple[Removal, bytes]] = {}
        self._known: tuple[InstalledPath | None, dict[str, RecordEntry]] = None, {}
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
            self._compile(plan.jobs)
            again, self._again = self._again, []
            self._compile(tuple(again))
            self._changed += self._store.publish()
            self._remove_siblings()
            return self._changed
        finally:
            self._store.abandon()
            self._record.save()

    def _remove_siblings(self) -> None:
        """Remove the other pycs of sources that were replaced, but what packages ship or another run has made since."""
        siblings, self._siblings = self._siblings, {}
        packaged = self._owned(sorted(siblings)).by_any() if siblings else frozenset()
        self._known = None, {}
        for path, (removal, source) in sorted(siblings.items()):
            entry = self._entries(removal.directory).get(removal.name)
            if path not in packaged and (entry is None or entry.source_digest != source):
                self._directories.sweep(removal)
                self._record.note(removal.directory, removal.name, None)

    def _compile(self, jobs: tuple[CompileJob, ...]) -> None:
        by_interpreter: dict[Interpreter, list[CompileJob]] = {}
        progress = self._settings.progress
        done = 0
        for job in jobs:
            by_interpreter.setdefault(job.works[0].target.interpreter, []).append(job)
        for interpreter, its_jobs in by_interpreter.items():
            pool = self._pool(interpreter, its_jobs)
            for ticket, answer in pool.run(self._requests(its_jobs)):
                with Held():
                    self._take(ticket, answer)
                if self._store.is_full():
                    self._changed += self._store.publish()
                done += 1
                if progress is not None:
                    progress(done, len(jobs))
            if pool.unlimited:
                detail = "prlimit and ulimit fail: one worker at a time, no source above 1 MiB; repair util-linux"
                self._report(Outcome(Status.SKIPPED, Reason.NO_MEMORY_LIMIT, interpreter.path, detail=detail))

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
            read_ns = now_ns()
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
            recipe = self._recipe(job.works[0])
            request = self._request(Ticket(job, job.state, digest(source), read_ns, recipe), source)
            if request is not None:
                yield request

    def _request(self, ticket: Ticket, source: bytes) -> tuple[Ticket, Request] | None:
        works: list[Work] = []
        tasks: list[Task] = []
        if any(_is_of_another_source(ticket, work) for work in ticket.job.works):
            self._doubt_siblings(
                ticket, by_header=not any(_has_other_digest(ticket, work) for work in ticket.job.works)
            )
        for work in ticket.job.works:
            task = self._task(ticket, work)
            if task is not None:
                works.append(work)
                tasks.append(task)
        if not works:
            return None
        want_hash = ticket.recipe.mode is not InvalidationMode.TIMESTAMP
        job = ticket.job._replace(works=tuple(works))
        return ticket._replace(job=job), Request(job.source.path, source, want_hash, tuple(tasks))

    def _task(self, ticket: Ticket, work: Work) -> Task | None:
        """Say what a worker is to do for one target; None if it's done without one."""
        level = work.target.level
        if work.action is Action.REPAIR and self._store.is_there(ticket.job.cache, work.target.name):
            self._store.settle(ticket.job, work, outcome_of(work, Status.REPAIRED, work.reason))
            return None
        absent = work.action in {Action.COMPILE, Action.REPAIR}
        found = None if absent else self._store.read(ticket.job.cache, work.target.name)
        if found is None:
            return Task(level, Action.COMPILE.value, b"")
        body = found.data[header_size(work.target.interpreter.version) :]
        if work.action is Action.COMPARE:
            return Task(level, Action.COMPARE.value, body)
        entry = work.entry
        if entry is not None and _is_known(ticket, entry, found, work):
            if self._store.adopt(ticket, work, found, entry.proof):
                self.fresh += 1
            return None
        whole_is_enough = work.action is Action.CHECK and (entry is None or entry.source_digest == ticket.digest)
        return Task(level, (Action.CHECK if whole_is_enough else Action.COMPARE).value, body)

    def _take(self, ticket: Ticket, answer: Answer) -> None:
        """Act on what a worker answered."""
        written: dict[bytes, Temporary] = {}
        for work, result in zip(ticket.job.works, answer.results):
            if result.status in {"whole", "same"}:
                self._confirm(
                    ticket, work, answer.source_hash, Proof.WHOLE if result.status == "whole" else Proof.COMPARED
                )
            elif result.status != "compiled":
                self._fail(ticket, work, Reason(result.status), result.body.decode("utf-8", "replace"))
            elif work.packaged:
                self._report(_packaged(work))
            else:
                if work.action is Action.CONFIRM:
                    self._doubt_siblings(ticket, by_header=False)
                self._write(ticket, work, answer.source_hash, result.body, written)

    def _fail(self, ticket: Ticket, work: Work, reason: Reason, detail: str) -> None:
        if reason is Reason.NO_WORKER:
            self._report(outcome_of(work, Status.ERROR, reason, detail))
            return
        if work.action is not Action.COMPILE and reason in _WORKER_FAULTS and not work.packaged:
            # the body that is there may have done it: compile without looking at it
            anew = work._replace(action=Action.COMPILE, reason=Reason.TRUNCATED)
            self._again.append(ticket.job._replace(works=(anew,)))
            return
        # what goes is never right, whatever keeps the source from being compiled
        distrusted = work.action is Action.COMPILE and work.reason in DISTRUSTED
        why = work.reason if distrusted else Reason.REPLACED_SOURCE
        goes = distrusted or _is_of_another_source(ticket, work)
        if goes and not work.packaged and self._directories.remove(ticket.job.cache, work):
            detail += f"; the pyc that was there is removed ({why.value})"
        self._report(outcome_of(work, Status.FAILED, reason, detail))

    def _confirm(self, ticket: Ticket, work: Work, source_hash: bytes, proof: Proof) -> None:
        """Settle a pyc whose body is right; its header need not be (PEP 552's hash)."""
        found = self._store.read(ticket.job.cache, work.target.name)
        right = header(ticket.recipe, ticket.state, source_hash)
        if found is None:  # it was removed meanwhile, as by another run that cleans
            if work.packaged:
                self._report(outcome_of(work, Status.ERROR, Reason.IO_ERROR, "it can't be read any more"))
            else:
                anew = work._replace(action=Action.COMPILE, reason=Reason.MISSING)
                self._again.append(ticket.job._replace(works=(anew,)))
        elif found.data[: len(right)] == right:
            if self._store.adopt(ticket, work, found, proof):
                self._report(outcome_of(work, Status.FRESH, Reason.UP_TO_DATE))
        elif work.packaged:
            self._report(_packaged(work))
        else:
            self._write(ticket, work, source_hash, found.data[len(right) :], {})

    def _write(
        self, ticket: Ticket, work: Work, source_hash: bytes, body: bytes, written: dict[bytes, Temporary]
    ) -> None:
        data = header(ticket.recipe, ticket.state, source_hash) + body
        if body in written:
            self._store.link(ticket, work, written[body], data)
            return
        temporary = self._store.write(ticket, work, data)
        if temporary is not None:
            written[body] = temporary

    def _doubt_siblings(self, ticket: Ticket, *, by_header: bool) -> None:
        """Choose the source's other pycs to be removed: the source is another one than they were made of.

        Those stay that the record knows to be of this source. `by_header`: nothing but a header's time and size says
        that the source is another one, so those whose headers have the source's stay, too.
        """
        cache = ticket.job.cache
        entries = self._entries(cache.directory) if ticket.job.siblings else {}
        for name in ticket.job.siblings:
            entry = entries.get(name)
            if entry is None and by_header and self._fits(ticket, name):
                continue
            if entry is None or entry.source_digest != ticket.digest:
                removal = Removal(cache.base, cache.directory, name, Reason.REPLACED_SOURCE, ticket.job.source.path)
                self._siblings[InstalledPath(f"{cache.directory}/{name}")] = removal, ticket.digest

    def _fits(self, ticket: Ticket, name: str) -> bool:
        """Whether a pyc's header has the time and size of the source, for whichever interpreter it is (PEP 552)."""
        found = self._store.read(ticket.job.cache, name)
        recipe = ticket.recipe._replace(mode=InvalidationMode.TIMESTAMP)
        return found is not None and found.data[4:16] == header(recipe, ticket.state)[4:16]

    def _entries(self, cache: InstalledPath) -> dict[str, RecordEntry]:
        """Return what the record knows of a cache directory, read once for all its sources, which come in order."""
        if self._known[0] != cache:
            self._known = cache, self._record.of(cache)
        return self._known[1]

    def _recipe(self, work: Work) -> Recipe:
        return recipe_of(work.target.interpreter, self._settings.mode)

    def _settle(self, job: CompileJob, status: Status, reason: Reason, detail: str) -> None:
        for work in job.works:
            self._report(outcome_of(work, status, reason, detail))


def _read_source(directory: int, name: str, expected: FileState) -> bytes | None:
    """Read a source; None if it isn't, before and after, what was observed."""
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    if not stat.S_ISREG(expected.mode) or file_state(os.fstat(descriptor)) != expected:
        os.close(descriptor)  # open() would keep a directory's when it refuses it
        return None
    with open(descriptor, "rb", buffering=0) as stream:
        data = stream.readall()
        same = file_state(os.fstat(descriptor)) == expected and len(data) == expected.size
    return data if same else None


def _is_known(ticket: Ticket, entry: RecordEntry, found: Found, work: Work) -> bool:
    """Whether source and pyc have the contents that the record knows to belong together, the pyc a fitting header."""
    if work.action is Action.CONFIRM and entry.proof < Proof.COMPARED:
        return False
    timestamp = ticket.recipe.mode is InvalidationMode.TIMESTAMP
    return (
        entry.source_digest == ticket.digest
        and entry.recipe == recipe_bytes(ticket.recipe)
        and entry.pyc_digest == digest(found.data)
        and not (timestamp and not found.data.startswith(header(ticket.recipe, ticket.state)))
    )


def _is_of_another_source(ticket: Ticket, work: Work) -> bool:
    """Whether the pyc that is there is known to be made of another source than the one that was read."""
    return _has_other_digest(ticket, work) or work.reason is Reason.STALE_SOURCE


def _has_other_digest(ticket: Ticket, work: Work) -> bool:
    return work.entry is not None and work.entry.source_digest != ticket.digest


def _packaged(work: Work) -> Outcome:
    detail = f"a package ships it, and it isn't what its source compiles to: {work.packaged}"
    return outcome_of(work, Status.REFUSED, Reason.DIFFERS, detail)
