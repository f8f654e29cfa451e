# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Bringing pycs into their cache directories: written whole, made durable as a batch, named last."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from . import safefs
from .errors import Refused
from .facts import (
    CacheState,
    CompileJob,
    FileState,
    InstalledPath,
    Outcome,
    Reason,
    Status,
    Work,
    outcome_of,
)
from .filelist import problem
from .pyc import recipe_bytes
from .record import Proof, Record, RecordEntry, digest, inode_of, settled_inode
from .trust import file_state, has_acl, mount_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .cachedirs import CacheDirectories
    from .pyc import Recipe
    from .trust import Tree


class Ticket(NamedTuple):
    """A job on its way through a worker, with what was read for it."""

    job: CompileJob
    state: FileState
    """Of the source, when it was read."""
    digest: bytes
    """Of the source's bytes."""
    read_ns: int
    """When it was read, in nanoseconds."""
    recipe: Recipe


class Found(NamedTuple):
    """A pyc that was read whole."""

    state: FileState
    data: bytes
    has_acl: bool


class _Written(NamedTuple):
    """A temporary file that waits for its name."""

    ticket: Ticket
    work: Work
    temporary: safefs.Temporary
    digest: bytes
    """Of the pyc."""
    linked: bool


_DIRECTORIES = min(200, os.sysconf("SC_OPEN_MAX") // 4)
"""In which temporaries may wait at once: each takes a descriptor, of which a process has 1,024 by default."""


class PycStore:
    """The pycs of one run, on their way to their names."""

    def __init__(
        self,
        tree: Tree,
        record: Record,
        directories: CacheDirectories,
        report: Callable[[Outcome], None],
        *,
        durable: bool,
    ) -> None:
        """Get ready; each thing done is reported. `durable`: sync before and after pycs get their names."""
        self._tree = tree
        self._record = record
        self._report = report
        self._durable = durable
        self._directories = directories
        self._files = safefs.TemporaryFiles()
        self._written: list[_Written] = []
        self._opener: dict[InstalledPath, InstalledPath] = {}
        self._halted: dict[int | InstalledPath, Outcome] = {}

    def halted(self, job: CompileJob) -> Outcome | None:
        """Return what made the place of a job take nothing more (it's full or read-only), None if it does."""
        if not self._halted:
            return None
        return self._halted.get(job.cache.directory) or self._halted.get(self._mount(job))

    def _mount(self, job: CompileJob) -> int | InstalledPath:
        """Return the mount that a job's pycs go to; where that can't be told, the cache directory."""
        source = job.source
        try:
            found = mount_of(self._tree.open(source.base, source.directory))
        except (Refused, OSError):
            found = None
        own = job.cache.directory.startswith(source.directory + "/")
        return job.cache.directory if found is None or not own else found

    def is_full(self) -> bool:
        """Whether temporaries wait in as many directories as can be held open."""
        return self._files.directories() >= _DIRECTORIES

    def read(self, cache: CacheState, name: str) -> Found | None:
        """Read a pyc; None if it can't be read or is no regular file."""
        try:
            descriptor = safefs.open_file(self._tree.open(cache.base, cache.directory), name)
        except (Refused, OSError):  # it will be written anew, and that says what is wrong
            return None
        with open(descriptor, "rb") as stream:
            state = file_state(os.fstat(descriptor))
            try:
                return Found(state, stream.read(), has_acl(descriptor))
            except OSError:  # as above
                return None

    def is_there(self, cache: CacheState, name: str) -> bool:
        """Whether a pyc's name is still taken; a directory that can't be reached may have it."""
        try:
            os.stat(name, dir_fd=self._tree.open(cache.base, cache.directory), follow_symlinks=False)
        except FileNotFoundError:
            return False
        except (Refused, OSError):  # who wants to change it will say what is wrong
            return True
        return True

    def settle(self, job: CompileJob, work: Work, outcome: Outcome) -> None:
        """Put owner and mode of a pyc right, and report the outcome."""
        cache = job.cache
        try:
            directory = self._tree.open(cache.base, cache.directory)
            safefs.repair_file(directory, work.target.name, work.ownership)
        except (Refused, OSError) as error:
            self.fail(job, work, error)
        else:
            self._report(outcome)

    def adopt(self, ticket: Ticket, work: Work, found: Found, proof: Proof) -> bool:
        """Take a pyc for right: the record remembers it; owner and mode are put right only where they are wrong.

        Returns whether that is all there is to say; what was repaired or failed is reported.
        """
        state, expected = found.state, work.ownership
        if work.packaged:
            return True
        right = (stat.S_IMODE(state.mode), state.uid, state.gid) == tuple(expected) and not found.has_acl
        if not right:
            reason = Reason.WRONG_OWNER if state.gid != expected.gid else Reason.WRONG_MODE
            self.settle(ticket.job, work, outcome_of(work, Status.REPAIRED, reason))
        self._enter(ticket, work, inode_of(state) if right else (), digest(found.data), proof)
        return right

    def _enter(self, ticket: Ticket, work: Work, pyc: tuple[int, ...], pyc_digest: bytes, proof: Proof) -> None:
        """Note in the record that a pyc, by its inode and digest, is of the source that was read."""
        target = work.target
        source, recipe = settled_inode(ticket.state, ticket.read_ns), recipe_bytes(ticket.recipe)
        entry = RecordEntry(source, ticket.digest, pyc, pyc_digest, recipe, target.interpreter.release, proof)
        self._record.note(target.directory, target.name, entry)

    def write(self, ticket: Ticket, work: Work, data: bytes) -> safefs.Temporary | None:
        """Write a pyc under a temporary name, which is returned; None if that failed (and is reported)."""
        halted = self.halted(ticket.job)
        if halted is not None:
            self._report(outcome_of(work, halted.status, halted.reason, halted.detail))
            return None
        try:
            directory = self._directories.ensure(ticket.job.cache)
            self._opener[ticket.job.cache.directory] = ticket.job.cache.base
            temporary = self._files.write(work.target.path, directory, data, work.ownership)
        except (Refused, OSError) as error:
            self.fail(ticket.job, work, error)
            return None
        self._written.append(_Written(ticket, work, temporary, digest(data), linked=False))
        return temporary

    def link(self, ticket: Ticket, work: Work, twin: safefs.Temporary, data: bytes) -> None:
        """Give what was written under a temporary name to a second target; `data` is its content.

        Where that can't be linked to, as on file systems without hard links, it is written once more.
        """
        try:
            directory = self._tree.open(ticket.job.cache.base, ticket.job.cache.directory)
            temporary = self._files.link(work.target.path, directory, twin)
        except (Refused, OSError):
            self.write(ticket, work, data)
            return
        self._written.append(_Written(ticket, work, temporary, digest(data), linked=True))

    def publish(self) -> list[CompileJob]:
        """Make all that was written durable and give it its names.

        Returns the jobs whose source isn't any more what was compiled; nothing of those is left.
        """
        written, self._written = self._written, []
        changed: dict[str, CompileJob] = {}
        named: list[_Written] = []
        try:
            if self._durable:
                written = self._sync(written)
            while written:
                item = written.pop()
                if not self._publish_one(item, named):
                    changed[item.ticket.job.works[0].target.path] = item.ticket.job
        finally:
            for item in written:  # interrupted: what has no name yet isn't left behind
                self._discard(item)
            self._files.release(self._reopen)
        if self._durable:
            for directory in sorted(self._not_synced(_caches(named))):
                self._sync_directory(self._opener[directory], directory)
        for item in named:
            self._note(item)
        return [changed[path] for path in sorted(changed)]

    def _reopen(self, path: InstalledPath) -> int:
        return self._tree.open(self._opener[path], path)

    def abandon(self) -> None:
        """Remove what was written and has no name."""
        for item in self._written:
            self._discard(item)
        self._written.clear()
        self._files.release(self._reopen)

    def fail(self, job: CompileJob, work: Work, error: Refused | OSError) -> None:
        """Report that a target can't be made; where a mount is read-only or a directory takes no more, that's kept."""
        failure = problem(work.target.path, error)
        outcome = outcome_of(work, failure.status, failure.reason, failure.detail)
        if outcome.reason is Reason.READ_ONLY:
            self._halted[self._mount(job)] = outcome
        elif outcome.reason is Reason.NO_SPACE:  # a quota may hold for this directory alone
            self._halted[job.cache.directory] = outcome
        self._report(outcome)

    def _publish_one(self, item: _Written, named: list[_Written]) -> bool:
        """Give one pyc its name; False if the source changed before or after, then nothing of it is left."""
        cache = item.ticket.job.cache
        name = item.work.target.name
        try:
            directory = self._tree.open(cache.base, cache.directory)
            if not self._is_unchanged(item.ticket):
                self._discard(item)
                return False
            safefs.publish(directory, item.temporary, name)
            # a source of the same size and second may have come since the look above: its import would take this pyc
            if not self._is_unchanged(item.ticket):
                if safefs.has_inode(directory, name, item.temporary.identity):
                    safefs.remove_file(directory, name)
                return False
        except (Refused, OSError) as error:
            self._discard(item)
            self.fail(item.ticket.job, item.work, error)
            return True
        status, reason = (Status.LINKED, Reason.SAME_BYTES) if item.linked else (Status.COMPILED, item.work.reason)
        self._report(outcome_of(item.work, status, reason))
        named.append(item)
        return True

    def _note(self, item: _Written) -> None:
        """Enter a pyc that has its name into the record."""
        target, ticket = item.work.target, item.ticket
        try:
            directory = self._tree.open(ticket.job.cache.base, target.directory)
            state = file_state(os.stat(target.name, dir_fd=directory, follow_symlinks=False))
        except (Refused, OSError):  # it was removed meanwhile
            return
        if state.identity == item.temporary.identity:
            self._enter(ticket, item.work, inode_of(state), item.digest, Proof.MADE)

    def _sync(self, written: list[_Written]) -> list[_Written]:
        """Sync each file system once and return what is durable now; what isn't is reported."""
        failed = self._not_synced(_caches(written))
        return [item for item in written if item.work.target.directory not in failed or self._sync_file(item)]

    def _not_synced(self, caches: set[tuple[InstalledPath, InstalledPath]]) -> set[InstalledPath]:
        """Sync the file systems of cache directories and return the directories for which that failed."""
        synced: dict[int, bool] = {}
        failed = set()
        for base, path in sorted(caches):
            try:
                directory = self._tree.open(base, path)
                device = os.fstat(directory).st_dev
            except (Refused, OSError):  # publishing will say what is wrong
                continue
            if device not in synced:
                synced[device] = safefs.sync_file_system(directory)
            if not synced[device]:
                failed.add(path)
        return failed

    def _sync_file(self, item: _Written) -> bool:
        cache = item.ticket.job.cache
        try:
            safefs.sync_file(self._tree.open(cache.base, cache.directory), item.temporary.name)
        except (Refused, OSError) as error:
            self._discard(item)
            self.fail(item.ticket.job, item.work, error)
            return False
        return True

    def _sync_directory(self, base: InstalledPath, directory: InstalledPath) -> None:
        try:
            os.fsync(self._tree.open(base, directory))
        except (Refused, OSError) as error:
            failed = problem(directory, error)
            self._report(failed._replace(detail=f"{failed.detail}: new pycs may not survive a loss of power"))

    def _is_unchanged(self, ticket: Ticket) -> bool:
        source = ticket.job.source
        try:
            directory = self._tree.open(source.base, source.directory)
            return file_state(os.stat(source.name, dir_fd=directory, follow_symlinks=False)) == ticket.state
        except (Refused, OSError):
            return False

    def _discard(self, item: _Written) -> None:
        cache = item.ticket.job.cache
        try:
            safefs.remove_file(self._tree.open(cache.base, cache.directory), item.temporary.name)
        except (Refused, OSError):  # the failure that led here is reported; a later run sweeps
            return


def _caches(written: list[_Written]) -> set[tuple[InstalledPath, InstalledPath]]:
    return {(item.ticket.job.cache.base, item.work.target.directory) for item in written}
