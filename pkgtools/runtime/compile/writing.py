# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Writing pycs under temporary names, in this process or in a fork of it; naming them is `publish`'s."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.record import digest
from pkgtools.runtime.system.safefs import Temporary, TemporaryFiles
from pkgtools.runtime.system.trust import mount_of

from .plan import outcome_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.facts import CacheState
    from pkgtools.runtime.system.trust import Tree

    from .cache_directories import CacheDirectories
    from .resolve import Ticket
    from .steps import CompileJob, Work

DIRECTORIES = min(200, os.sysconf("SC_OPEN_MAX") // 4)
"""In which temporaries may wait at once: each takes a descriptor, of which a process has 1,024 by default."""
_SERIALS = 1 << 32
"""How many files one process of a run may number."""


class Written(NamedTuple):
    """A temporary file that waits for its name."""

    ticket: Ticket
    """What its source was."""
    work: Work
    """The target."""
    temporary: Temporary
    """Its name now, and its inode."""
    digest: bytes
    """Of its content."""
    linked: bool
    """It's another name of a file that waits for the name of another level."""


class PycWriter:
    """Writes temporary files; where a place is full or read-only, nothing more is tried."""

    def __init__(self, tree: Tree, directories: CacheDirectories) -> None:
        """Get ready."""
        self._tree = tree
        self._directories = directories
        self._files = TemporaryFiles()
        self._opener: dict[InstalledPath, InstalledPath] = {}
        self._halted: dict[int | InstalledPath, Outcome] = {}

    def halted(self, job: CompileJob) -> Outcome | None:
        """Return what made the place of a job take nothing more (it's full or read-only), None if it does."""
        if not self._halted:
            return None
        return self._halted.get(job.cache.directory) or self._halted.get(self._mount(job))

    def is_full(self) -> bool:
        """Whether temporaries wait in as many directories as can be held open."""
        return self._files.directories() >= DIRECTORIES

    def directories(self) -> int:
        """Return in how many directories temporaries may wait now."""
        return self._files.directories()

    def prepare(self, job: CompileJob) -> None:
        """Make the cache directory of a job, and hold the lock that its temporaries need. Raises Refused, OSError."""
        if not self._files.is_locked(job.cache.directory):  # most jobs lie in the directory of the one before
            self._ensure(job.cache)

    def count_as(self, process: int) -> None:
        """Write files as one fork, whose number is 1 or higher, so that each fork gives them other names."""
        self._files.count_from(process * _SERIALS)

    def write(self, ticket: Ticket, work: Work, data: bytes) -> Written | Outcome:
        """Write a pyc under a temporary name; return what kept it from being written, if anything did."""
        halted = self.halted(ticket.job)
        if halted is not None:
            return outcome_of(work, halted.status, halted.reason, halted.detail)
        try:
            directory = self._ensure(ticket.job.cache)
            temporary = self._files.write(work.target.path, directory, data, work.ownership)
        except (Refused, OSError) as error:
            return self.failure(ticket.job, work, error)
        return Written(ticket, work, temporary, digest(data), linked=False)

    def link(self, work: Work, twin: Written, data: bytes) -> Written | Outcome:
        """Give what was written under a temporary name to a second target of its job; `data` is its content.

        Where that can't be linked to, as on file systems without hard links, it is written once more.
        """
        cache = twin.ticket.job.cache
        try:
            directory = self._tree.open(cache.base, cache.directory)
            temporary = self._files.link(work.target.path, directory, twin.temporary)
        except (Refused, OSError):
            return self.write(twin.ticket, work, data)
        return Written(twin.ticket, work, temporary, twin.digest, linked=True)

    def failure(self, job: CompileJob, work: Work, error: Refused | OSError) -> Outcome:
        """Return why a target can't be made; where a mount is read-only or a directory takes no more, that's kept."""
        failure = problem(work.target.path, error)
        outcome = outcome_of(work, failure.status, failure.reason, failure.detail)
        self.keep(job, outcome)
        return outcome

    def keep(self, job: CompileJob, outcome: Outcome) -> None:
        """Keep in mind that the place of a job takes nothing more, if that is why a target couldn't be made."""
        if outcome.reason is Reason.READ_ONLY:
            self._halted[self._mount(job)] = outcome
        elif outcome.reason is Reason.NO_SPACE:  # a quota may hold for this directory alone
            self._halted[job.cache.directory] = outcome

    def reopen(self, path: InstalledPath) -> int:
        """Open a cache directory that something was written to. Raises Refused, OSError."""
        return self._tree.open(self._opener[path], path)

    def remove_strays(self, kept: frozenset[str] = frozenset()) -> None:
        """Remove the temporaries of this run but those of these names: a fork that died left them."""
        self._files.remove_strays(self.reopen, kept)

    def release(self) -> None:
        """Give up the locks: nothing waits for its name any more."""
        self._files.release(self.reopen)

    def _ensure(self, cache: CacheState) -> int:
        """Open a cache directory in which a lock is held. Raises Refused, OSError.

        From then on no clean moves it to the store; until then one can, so it is looked for again.
        """
        descriptor = self._directories.ensure(cache)
        if not self._files.is_locked(cache.directory):
            before = os.fstat(descriptor).st_ino
            self._files.lock(cache.directory, descriptor)
            descriptor = self._directories.ensure(cache)
            if os.fstat(descriptor).st_ino != before:
                self._files.lock_instead(cache.directory, descriptor)
        self._opener[cache.directory] = cache.base
        return descriptor

    def _mount(self, job: CompileJob) -> int | InstalledPath:
        """Return the mount that a job's pycs go to; where that can't be told, the cache directory."""
        source = job.source
        try:
            found = mount_of(self._tree.open(source.base, source.directory))
        except (Refused, OSError):
            found = None
        own = job.cache.directory.startswith(source.directory + "/")
        return job.cache.directory if found is None or not own else found
