# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The steps of a package's life, whichever package manager plays them, and what has to be installed before each."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from enum import Enum
from typing import TYPE_CHECKING

from pkgtools.model.trial import LifeStep
from pkgtools.runtime.errors import EnvironmentFault

from .enclosure import TOP
from .unpacking import SHELF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pkgtools.model.package import Package

    from .fence import Fence, Ran
    from .order import TrialOrder

_FILLER = TOP.parent / "filler"
_FREE = 1 << 16
"""Bytes that a full disk has left: dpkg writes down what it begins, and scripts find no room."""
_DEFAULT = ("python3", "python3-minimal")
"""The packages that say which interpreter is the default."""
_POLICY = "/etc/pkgtools/bytecode.conf"
_TAIL = 400


class StepEnded(Exception):
    """A command failed that had to succeed, or met a limit."""

    def __init__(self, text: str, *, is_limit: bool = False) -> None:
        """Keep what happened."""
        super().__init__(text)
        self.is_limit = is_limit


class StepSkipped(Exception):
    """A step can't be played with what was given; the text says what is missing."""


class InstalledVersion(Enum):
    """What of the package is installed between two steps."""

    NOTHING = "nothing"
    NEW = "new"
    OLD = "old"
    CONFIGURATION = "configuration"
    """It was removed, and its configuration files stayed."""


_BEFORE = {
    LifeStep.INSTALL: InstalledVersion.NOTHING,
    LifeStep.UPGRADE: InstalledVersion.OLD,
    LifeStep.FULL_DISK: InstalledVersion.NOTHING,
    LifeStep.KILLED: InstalledVersion.NOTHING,
    LifeStep.PURGE: InstalledVersion.CONFIGURATION,
}
"""What is installed before a step; the new version where it isn't told."""
_DISTURBED = frozenset({LifeStep.FAILED_UPGRADE, LifeStep.FULL_DISK, LifeStep.KILLED})


class PackageSteps(ABC):
    """What a package manager does in the throw-away system."""

    suffix: str
    """How the names of its packages end."""

    def __init__(
        self, fence: Fence, package: Package, old: Package | None, order: TrialOrder, interpreters: Sequence[Package]
    ) -> None:
        """Nothing is installed yet; `interpreters` are the packages of `order.interpreters`."""
        self.fence = fence
        self.order = order
        self.name = package.name
        self.installed = InstalledVersion.NOTHING
        self._old = old
        self._defaults = [number for number, one in enumerate(interpreters) if one.name in _DEFAULT]
        self._others = [number for number, one in enumerate(interpreters) if one.name not in _DEFAULT]
        self._is_changed = False
        self._runs: list[Ran] = []
        self._deeds: dict[LifeStep, Callable[[], None]] = {
            LifeStep.INSTALL: lambda: self.put(InstalledVersion.NEW),
            LifeStep.REINSTALL: lambda: self.put(InstalledVersion.NEW),
            LifeStep.DOWNGRADE: lambda: self.put(InstalledVersion.OLD),
            LifeStep.UPGRADE: lambda: self.put(InstalledVersion.NEW),
            LifeStep.FAILED_UPGRADE: self.fail_upgrade,
            LifeStep.FULL_DISK: self.fill,
            LifeStep.KILLED: self.kill,
            LifeStep.REMOVE: self.remove,
            LifeStep.PURGE: self.purge,
            LifeStep.RUNTIME_ADDED: self._add_runtime,
            LifeStep.RUNTIME_REMOVED: lambda: self.erase(*self.shelf("runtime")),
            LifeStep.INTERPRETER_ADDED: lambda: self.add(*self.shelf("interpreters", self._others)),
            LifeStep.DEFAULT_CHANGED: self._change_default,
            LifeStep.INTERPRETER_REMOVED: lambda: self.erase(*self.shelf("interpreters", self._others)),
            LifeStep.POLICY_OFF: lambda: self._policy("printf 'compile = no\\n' >"),
            LifeStep.POLICY_ON: lambda: self._policy("rm -f"),
        }

    @abstractmethod
    def prepare_manager(self) -> None:
        """Bring the package manager into a state in which it works. Raises StepEnded."""

    @abstractmethod
    def put(self, which: InstalledVersion) -> None:
        """Install the new or the old version, over whatever is installed. Raises StepEnded."""

    @abstractmethod
    def remove(self) -> None:
        """Remove the package, as its users do. Raises StepEnded."""

    @abstractmethod
    def purge(self) -> None:
        """Remove it with its configuration, if there is anything of it. Raises StepEnded, StepSkipped."""

    @abstractmethod
    def fail_upgrade(self) -> None:
        """Have an upgrade fail, after which the installed version is as before. Raises StepEnded."""

    @abstractmethod
    def fill(self) -> None:
        """Install it while the disk is full; then see to it that it is installed. Raises StepEnded."""

    @abstractmethod
    def kill(self) -> None:
        """Kill the package manager while it installs; then see to it that it is installed. Raises StepEnded."""

    @abstractmethod
    def add(self, *files: str) -> None:
        """Install other packages. Raises StepEnded."""

    @abstractmethod
    def erase(self, *files: str) -> None:
        """Remove other packages, which these files are, with all of theirs. Raises StepEnded."""

    @abstractmethod
    def fetch_dependencies(self) -> None:
        """Install what the package depends on, by the network. Raises StepEnded."""

    def skipped(self, _step: LifeStep) -> str:
        """Return why a package manager has no such step; empty if it has."""
        return ""

    def prepare(self) -> None:
        """Install what the package needs. Raises EnvironmentFault."""
        try:
            self.prepare_manager()
            if self.order.needs:
                self.add(*self.shelf("needs"))
            if self.order.network:
                self.fetch_dependencies()
        except StepEnded as ended:
            raise EnvironmentFault(f"the root could not be prepared: {ended}") from ended
        self._runs = []

    def make_ready(self, step: LifeStep) -> bool:
        """Bring about what a step begins with; return whether anything was done. Raises StepSkipped."""
        self._require(step)
        wanted = _BEFORE.get(step, InstalledVersion.NEW)
        if wanted is self.installed:
            return False
        self._runs = []
        try:
            self._become(wanted)
        except StepEnded as ended:
            raise StepSkipped(f"what it begins with could not be brought about: {ended}") from ended
        return True

    def play(self, step: LifeStep, runs: list[Ran]) -> None:
        """Play a step; `runs` gets what its commands did. Raises StepEnded."""
        self._runs = runs
        self._deeds[step]()

    def unexpected(self, step: LifeStep, output: str) -> str:
        """Return the part of the output in which warnings are not what the step itself brings about."""
        return "" if step in _DISTURBED else output

    def do(self, *argv: str) -> Ran:
        """Run a command that has to succeed. Raises StepEnded."""
        ran = self.note(self.fence.run(*argv))
        if ran.exit:
            said = " ".join(ran.output.split())[-_TAIL:]
            raise StepEnded(f"{argv[0]} ended with status {ran.exit}: {said}")
        return ran

    def note(self, ran: Ran) -> Ran:
        """Keep what a command did. Raises StepEnded where it met a limit."""
        self._runs.append(ran)
        if ran.ended:
            raise StepEnded(ran.ended, is_limit=True)
        return ran

    def shelf(self, group: str, numbers: Sequence[int] = ()) -> tuple[str, ...]:
        """Return the packages of a group as the system sees them: those with these numbers, else all."""
        sizes = {"new": 1, "old": 1, "needs": len(self.order.needs)}
        sizes |= {"runtime": len(self.order.runtime), "interpreters": len(self.order.interpreters)}
        return tuple(f"{SHELF}/{group}{number}{self.suffix}" for number in numbers or range(sizes[group]))

    def _require(self, step: LifeStep) -> None:
        if reason := self.skipped(step):
            raise StepSkipped(reason)
        if step in {LifeStep.DOWNGRADE, LifeStep.UPGRADE} and self._old is None:
            raise StepSkipped("--with names no old version")
        if step in {LifeStep.INTERPRETER_ADDED, LifeStep.INTERPRETER_REMOVED} and not self._others:
            raise StepSkipped("--interpreter names no packages")
        if step is LifeStep.INTERPRETER_REMOVED and self._is_changed:
            raise StepSkipped("it is the default now")
        if step is LifeStep.DEFAULT_CHANGED and not self._defaults:
            raise StepSkipped(f"--interpreter names neither {' nor '.join(_DEFAULT)}")
        if step.value.startswith(("runtime-", "policy-")) and not self.order.runtime:
            raise StepSkipped("--runtime names no packages")

    def _become(self, wanted: InstalledVersion) -> None:
        match wanted:
            case InstalledVersion.NOTHING:
                self.purge()
            case InstalledVersion.CONFIGURATION:
                if self.installed is InstalledVersion.NOTHING:
                    self.put(InstalledVersion.NEW)
                self.remove()
            case _:
                self.put(wanted)

    def _add_runtime(self) -> None:
        self.add(*self.shelf("runtime"))
        self.put(InstalledVersion.NEW)

    def _change_default(self) -> None:
        self.add(*self.shelf("interpreters", self._defaults))
        self._is_changed = True

    def _policy(self, command: str) -> None:
        self.do("sh", "-c", f"mkdir -p /etc/pkgtools && {command} {_POLICY}")
        self.put(InstalledVersion.NEW)


@contextmanager
def full_disk() -> Iterator[None]:
    """Leave next to no room in the system's file system while the block lasts."""
    found = os.statvfs(TOP)
    free = found.f_bavail * found.f_frsize
    try:
        with _FILLER.open("wb") as stream:
            if free > _FREE:
                os.posix_fallocate(stream.fileno(), 0, free - _FREE)
        yield
    finally:
        _FILLER.unlink(missing_ok=True)
