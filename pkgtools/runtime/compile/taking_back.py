# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Taking whole cache directories back from the store, with those pycs in them that fit their new sources.

A pyc fits if the record knows it by its inode as one that this runtime compiled of the same bytes, and header, owner
and mode would be the same. What doesn't fit leaves the directory before that is renamed: no name of a pyc ever belongs
to another source's. It becomes an entry of its own, from which a body may still be taken.
"""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Reason, Status
from pkgtools.runtime.interrupts import Held
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.record import RecordEntry, digest, now_ns, settled_inode
from pkgtools.runtime.system.safefs import is_in_state, open_directory, remove_file
from pkgtools.runtime.system.trust import READ_FILE, has_acl

from .making import read_observed
from .plan import outcome_of
from .pyc import HEADER_SIZE, header, recipe_bytes, recipe_of
from .resolve import Ticket
from .reuse import has_body, open_store
from .stored_directories import (
    is_recorded,
    may_stand_alone,
    remove_stored,
    set_aside,
    stored_directories,
    stored_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.runtime.facts import CacheState, FileState, Ownership
    from pkgtools.runtime.record import Record
    from pkgtools.runtime.system.trust import Tree

    from .steps import CompileJob, Work


class _Fitting(NamedTuple):
    """A pyc in a stored directory that is right for its source."""

    ticket: Ticket
    work: Work
    entry: RecordEntry


class TakingBack:
    """The directories that one run takes back."""

    def __init__(self, tree: Tree, record: Record, mode: InvalidationMode, report: Callable[[Outcome], None]) -> None:
        """Get ready; `mode` is that of the wanted pycs, and each one taken back is reported."""
        self._tree = tree
        self._record = record
        self._mode = mode
        self._report = report
        self._later: list[tuple[str, list[CompileJob]]] = []
        self._entries: dict[InstalledPath, dict[str, RecordEntry]] = {}
        self._done: set[InstalledPath] = set()
        self.taken: list[CacheState] = []
        """The directories that are back, whose names are not durable yet."""
        self.changed: list[CompileJob] = []
        """Jobs whose source is another one by now; nothing of those is left."""

    def take(self, jobs: tuple[CompileJob, ...]) -> tuple[CompileJob, ...]:
        """Take back the directories in which pycs will be missing, and return the jobs that are left, in their order.

        Those for which `finish` takes back the other directories are not among them.
        """
        now: list[tuple[str, list[CompileJob]]] = []
        for name, its_jobs in self._stored(jobs):
            (now if self._leaves(its_jobs) else self._later).append((name, its_jobs))
        for name, its_jobs in now:
            self._take_one(name, its_jobs)
        later = {its_jobs[0].cache.directory for _, its_jobs in self._later}
        return self._left(job for job in jobs if job.cache.directory not in later)

    def steps(self) -> Iterator[bool]:
        """Take back one other directory at each step, while forks compile."""
        for name, its_jobs in self._later:
            self._take_one(name, its_jobs)
            yield True

    def finish(self, steps: Iterator[bool]) -> tuple[CompileJob, ...]:
        """Do the steps that are left, and return the jobs that these directories leave after all."""
        for _ in steps:
            continue
        return self._left(job for _, its_jobs in self._later for job in its_jobs)

    def _left(self, jobs: Iterable[CompileJob]) -> tuple[CompileJob, ...]:
        left = (_without(job, self._done) for job in jobs)
        return tuple(job for job in left if job.works)

    def _leaves(self, jobs: list[CompileJob]) -> bool:
        """Whether times and sizes of the sources of a directory say already that not all of its pycs will fit."""
        cache = jobs[0].cache.directory
        entries = self._entries[cache] = self._record.of(cache)
        for job in jobs:
            is_now = job.state.size, job.state.mtime_ns
            known = [entries.get(work.target.name) for work in job.works]
            if any(entry is None or entry.source[2:4] != is_now for entry in known):
                return True
        return False

    def foretell(self, jobs: tuple[CompileJob, ...]) -> tuple[set[InstalledPath], dict[InstalledPath, RecordEntry]]:
        """Return the pycs that `take` would settle, and those that it would make entries of their own."""
        whole: set[InstalledPath] = set()
        alone: dict[InstalledPath, RecordEntry] = {}
        for name, its_jobs in self._stored(jobs):
            try:
                directory = open_directory(open_store(self._tree), name)
                try:
                    entries = self._record.of(its_jobs[0].cache.directory)
                    whole.update(one.work.target.path for one in self._fitting_in(directory, its_jobs, entries))
                    alone.update(
                        (work.target.path, entries[work.target.name])
                        for job in its_jobs
                        for work in job.works
                        if work.target.path not in whole and may_stand_alone(directory, work.target.name, entries)
                    )
                finally:
                    os.close(directory)
            except (Refused, OSError):  # it will be compiled
                continue
        return whole, alone

    def _stored(self, jobs: tuple[CompileJob, ...]) -> Iterator[tuple[str, list[CompileJob]]]:
        """Yield the name of each directory in the store that jobs have pycs in, and these jobs."""
        try:
            stored = frozenset(stored_directories(open_store(self._tree)))
        except (Refused, OSError):  # there is none, or none that root alone can read and write
            return
        by_cache: dict[InstalledPath, list[CompileJob]] = {}
        for job in jobs if stored else ():
            by_cache.setdefault(job.cache.directory, []).append(job)
        for cache, its_jobs in by_cache.items():
            name = stored_name(cache)
            if name in stored:
                yield name, its_jobs

    def _take_one(self, name: str, jobs: list[CompileJob]) -> None:
        """Take one directory back, and note the pycs that are settled by that."""
        cache = jobs[0].cache.directory
        entries = self._entries.pop(cache)
        with Held():
            try:
                store = open_store(self._tree)
                directory = open_directory(store, name)
                try:
                    fitting = self._fitting_in(directory, jobs, entries)
                    set_aside(store, directory, cache, entries, frozenset(one.work.target.name for one in fitting))
                    if fitting and self._rename(store, name, fitting[0].ticket.job):
                        self._done.update(self._settle(directory, fitting))
                        return
                    set_aside(store, directory, cache, entries, frozenset())
                    remove_stored(store, name)
                finally:
                    os.close(directory)
            except (Refused, OSError):  # a full disk, say: what is not back is compiled
                return

    def _fitting_in(self, directory: int, jobs: list[CompileJob], entries: dict[str, RecordEntry]) -> list[_Fitting]:
        """Return the pycs that are right as they are; none if the directory isn't. Raises Refused, OSError."""
        cache, source = jobs[0].cache, jobs[0].source
        if cache.found or not _has_ownership(directory, cache.expected):
            return []
        sources = self._tree.open(source.base, source.directory)
        return [one for job in jobs for one in self._fitting((sources, directory), job, entries)]

    def _fitting(
        self, descriptors: tuple[int, int], job: CompileJob, entries: dict[str, RecordEntry]
    ) -> list[_Fitting]:
        """Return the pycs of a job that are right as they are, from the open directories of sources and of pycs."""
        sources, directory = descriptors
        interpreter = job.works[0].target.interpreter
        recipe = recipe_of(interpreter, self._mode)
        recorded = recipe_bytes(recipe)
        known = [(work, entries[work.target.name]) for work in job.works if work.target.name in entries]
        if not any(entry.recipe == recorded for _, entry in known):
            return []
        read_ns = now_ns()
        try:
            source = read_observed(sources, job.source.name, job.state)
        except OSError:  # whoever compiles it says why
            return []
        if source is None:
            return []
        ticket = Ticket(job, job.state, digest(source), read_ns, recipe)
        return [
            _Fitting(ticket, work, entry)
            for work, entry in known
            if work.reason is Reason.MISSING
            and entry.recipe == recorded
            and has_body(entry, ticket.digest, interpreter)
            and _is_right(directory, ticket, work, entry)
        ]

    def _rename(self, store: int, name: str, job: CompileJob) -> bool:
        """Put a directory where it was; False if something has its name, or it can't be put there."""
        try:
            parent = self._tree.open(job.source.base, job.source.directory)
            os.rename(name, CACHE_DIRECTORY, src_dir_fd=store, dst_dir_fd=parent)
        except (Refused, OSError):
            return False
        self._tree.forget(job.cache.base, job.cache.directory)
        self.taken.append(job.cache)
        return True

    def _settle(self, directory: int, fitting: list[_Fitting]) -> list[InstalledPath]:
        """Look at the sources again, and report and record what is right."""
        changed: set[str] = set()
        sources = self._sources(fitting[0].ticket.job)
        for ticket, work, entry in fitting:
            target, name = work.target, ticket.job.source.name
            if name not in changed and sources is not None and _is_unchanged(sources, name, ticket.state):
                self._report(outcome_of(work, Status.COMPILED, Reason.REUSED))
                known = settled_inode(ticket.state, ticket.read_ns)
                self._record.note(target.directory, target.name, RecordEntry(known, *entry[1:]))
                continue
            if name not in changed:
                self.changed.append(ticket.job)
                changed.add(name)
            try:
                remove_file(directory, target.name)
            except OSError as error:
                self._report(problem(target.path, error))
        return [one.work.target.path for one in fitting]

    def _sources(self, job: CompileJob) -> int | None:
        """Open the directory of a job's source; None if it can't be reached any more."""
        try:
            return self._tree.open(job.source.base, job.source.directory)
        except (Refused, OSError):
            return None


def _is_unchanged(sources: int, name: str, state: FileState) -> bool:
    try:
        return is_in_state(os.stat(name, dir_fd=sources, follow_symlinks=False), state)
    except OSError:
        return False


def _without(job: CompileJob, done: set[InstalledPath]) -> CompileJob:
    works = tuple(work for work in job.works if work.target.path not in done)
    return job if len(works) == len(job.works) else job._replace(works=works)


def _has_ownership(directory: int, expected: Ownership) -> bool:
    """Whether an open directory has this owner and mode, and no ACL."""
    found = os.fstat(directory)
    is_right = (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == tuple(expected)
    return is_right and not has_acl(directory)


def _is_right(directory: int, ticket: Ticket, work: Work, entry: RecordEntry) -> bool:
    """Whether a pyc is unchanged since it was recorded, and has the header, owner and mode that it shall have.

    The record has the time of the source that it was made of; where it has not, the header is read. In a hash-based
    pyc's header there is a hash of the same bytes. Raises OSError.
    """
    name, expected = work.target.name, work.ownership
    found = os.stat(name, dir_fd=directory, follow_symlinks=False)
    mode, uid, gid = expected
    if (found.st_mode, found.st_uid, found.st_gid) != (stat.S_IFREG | mode, uid, gid):
        return False
    if not is_recorded(found, entry):
        return False
    if ticket.recipe.mode is not InvalidationMode.TIMESTAMP:
        return True
    if entry.source:
        return entry.source[3] == ticket.state.mtime_ns
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        return os.read(descriptor, HEADER_SIZE).startswith(header(ticket.recipe, ticket.state))
    finally:
        os.close(descriptor)
