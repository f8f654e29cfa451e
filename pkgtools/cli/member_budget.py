# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""One budget for the members of packages that all processes of a run hold in memory at once.

Each process may hold a share, which all but a few packages keep to. A package with more waits until no other one has
more, so the processes hold together what one may hold, and a quarter of that. What a package comes to doesn't depend
on what is checked beside it.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.readers.unreadable import MOST_ENTRIES
from pkgtools.runtime.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHARED = MOST_ENTRIES // 4
"""Members that the processes hold together beside the one package that has more than its share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberBudget:
    """What a process of the run may hold."""

    share: int
    """Members that it may hold whatever the others do."""
    lock: Path
    """The file that whoever holds more has locked; the lock of a process that dies is gone with it.

    It has no name outside of /proc, so a run that is killed leaves nothing.
    """

    @contextmanager
    def of_package(self) -> Iterator[Callable[[int], None]]:
        """Give what is told of each package's members, and waits for room; afterwards the package is let go."""
        descriptor: int | None = None

        def grow(number: int) -> None:
            nonlocal descriptor
            if descriptor is None and number > self.share:
                descriptor = os.open(self.lock, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.flock(descriptor, fcntl.LOCK_EX)

        try:
            yield grow
        finally:
            if descriptor is not None:
                os.close(descriptor)


@contextmanager
def shared_budget(jobs: int) -> Iterator[MemberBudget]:
    """Give the budget that some processes share. Raises EnvironmentFault where /proc is missing, OSError."""
    descriptor = os.memfd_create("pkgtools-members")
    try:
        lock = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
        if not lock.exists():
            raise EnvironmentFault("/proc is not mounted, and several packages at once need it: use --jobs 1")
        yield MemberBudget(share=SHARED // jobs, lock=lock)
    finally:
        os.close(descriptor)
