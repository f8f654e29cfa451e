# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Giving pycs their names: made durable as a batch, the source looked at before and after, and recorded."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import CacheState, InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.record import Proof, Record, RecordEntry, inode_of, settled_inode
from pkgtools.runtime.system import safefs
from pkgtools.runtime.system.trust import file_state, has_acl

from .cache_directories import open_in_place
from .plan import outcome_of
from .pyc import recipe_bytes
from .resolve import ReadPyc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.system.trust import Tree

    from .resolve import Ticket
    from .steps import CompileJob, Work
    from .writing import PycWriter, Written

_FEW_DIRECTORIES = 4
"""Syncing so many one by one is faster than starting sync(1): on a disk the first makes the others durable, too."""


class PycStore:
    """The pycs of one run, on their way to their names."""

    def __init__(
        self, tree: Tree, record: Record, writer: PycWriter, report: Callable[[Outcome], None], *, durable: bool
    ) -> None:
        """Get ready; each thing done is reported. `durable`: sync before and after pycs get their names."""
        self._tree = tree
        self._record = record
        self._writer = writer
        self._report = report
        self._durable = durable
        self._written: list[Written] = []
        self._taken: set[tuple[InstalledPath, InstalledPath]] = set()
        self.used: set[InstalledPath] = set()
        """The cache directories in which a pyc got its name."""

    def read(self, cache: CacheState, name: str) -> ReadPyc | None:
        """Read a pyc; None if it can't be read or isn't a regular file."""
        try:
            descriptor = safefs.open_file(open_in_place(self._tree, cache), name)
        except (Refused, OSError):  # it will be written again, and that says what is wrong
            return None
        with open(descriptor, "rb") as stream:
            state = file_state(os.fstat(descriptor))
            try:
                return ReadPyc(state, stream.read(), has_acl(descriptor))
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
            self._report(self._writer.failure(job, work, error))
        else:
            self._report(outcome)

    def remember(self, ticket: Ticket, work: Work, pyc: tuple[int, ...], pyc_digest: bytes, proof: Proof) -> None:
        """Note in the record that a pyc, by its inode and digest, is of the source that was read."""
        target = work.target
        source, recipe = settled_inode(ticket.state, ticket.read_ns), recipe_bytes(ticket.recipe)
        entry = RecordEntry(source, ticket.digest, pyc, pyc_digest, recipe, target.interpreter.release_and_build, proof)
        self._record.note(target.directory, target.name, entry)

    def take(self, made: Written | Outcome) -> None:
        """Keep what was written until it is published, or report what kept it from being written."""
        if isinstance(made, Outcome):
            self._report(made)
        else:
            self._written.append(made)

    def add_taken(self, caches: list[CacheState]) -> None:
        """Take note of cache directories that are back from the store: their names are made durable, too."""
        self._taken.update((cache.base, InstalledPath(cache.directory.rpartition("/")[0])) for cache in caches)
        self.used.update(cache.directory for cache in caches)

    def names(self) -> frozenset[str]:
        """Return the names of the temporary files that wait."""
        return frozenset(item.temporary.name for item in self._written)

    def publish(self) -> list[CompileJob]:
        """Make all that was written durable and give it its names.

        Returns the jobs whose source isn't any more what was compiled; nothing of those is left.
        """
        written, self._written = self._written, []
        changed: dict[str, CompileJob] = {}
        named: list[Written] = []
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
            self._writer.release()
        if self._durable:
            self._sync_names(_caches(named).union(self._taken))
            self._taken.clear()
        for item in named:
            self._note(item)
        return [changed[path] for path in sorted(changed)]

    def abandon(self) -> None:
        """Remove what was written and has no name."""
        for item in self._written:
            self._discard(item)
        self._written.clear()
        self._writer.remove_strays()
        self._writer.release()

    def _publish_one(self, item: Written, named: list[Written]) -> bool:
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
            self._report(self._writer.failure(item.ticket.job, item.work, error))
            return True
        status, reason = (Status.LINKED, Reason.SAME_BYTES) if item.linked else (Status.COMPILED, item.work.reason)
        self._report(outcome_of(item.work, status, reason))
        named.append(item)
        self.used.add(cache.directory)
        return True

    def _note(self, item: Written) -> None:
        """Enter a pyc that has its name into the record."""
        target, ticket = item.work.target, item.ticket
        try:
            directory = self._tree.open(ticket.job.cache.base, target.directory)
            state = file_state(os.stat(target.name, dir_fd=directory, follow_symlinks=False))
        except (Refused, OSError):  # it was removed meanwhile
            return
        if state.identity == item.temporary.identity:
            self.remember(ticket, item.work, inode_of(state), item.digest, Proof.MADE)

    def _sync(self, written: list[Written]) -> list[Written]:
        """Sync each file system once and return what is durable now; what isn't is reported."""
        caches = _caches(written)
        failed = {path for _, path in caches} if len(written) == 1 else self._not_synced(caches)
        return [item for item in written if item.work.target.directory not in failed or self._sync_file(item)]

    def _sync_names(self, directories: set[tuple[InstalledPath, InstalledPath]]) -> None:
        """Make the names in directories durable: one by one where they are few, for that spares a process."""
        few = len(directories) <= _FEW_DIRECTORIES
        failed = {path for _, path in directories} if few else self._not_synced(directories)
        for base, path in sorted(directories):
            if path in failed:
                self._sync_directory(base, path)

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

    def _sync_file(self, item: Written) -> bool:
        cache = item.ticket.job.cache
        try:
            safefs.sync_file(self._tree.open(cache.base, cache.directory), item.temporary.name)
        except (Refused, OSError) as error:
            self._discard(item)
            self._report(self._writer.failure(item.ticket.job, item.work, error))
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
            return safefs.is_in_state(os.stat(source.name, dir_fd=directory, follow_symlinks=False), ticket.state)
        except (Refused, OSError):
            return False

    def _discard(self, item: Written) -> None:
        cache = item.ticket.job.cache
        try:
            safefs.remove_file(self._tree.open(cache.base, cache.directory), item.temporary.name)
        except (Refused, OSError):  # the failure that led here is reported; a later run sweeps
            return


def _caches(written: list[Written]) -> set[tuple[InstalledPath, InstalledPath]]:
    return {(item.ticket.job.cache.base, item.work.target.directory) for item in written}
