# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The steps of a Debian package's life as commands of dpkg, with what has to be installed before each."""

from __future__ import annotations

import os
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


class _Installed(Enum):
    NOTHING = "nothing"
    NEW = "new"
    OLD = "old"
    CONFIGURATION = "configuration"


_BEFORE = {
    LifeStep.INSTALL: _Installed.NOTHING,
    LifeStep.UPGRADE: _Installed.OLD,
    LifeStep.FULL_DISK: _Installed.NOTHING,
    LifeStep.KILLED: _Installed.NOTHING,
    LifeStep.PURGE: _Installed.CONFIGURATION,
}
"""What is installed before a step; the new version where it isn't told."""


class DebianSteps:
    """What dpkg does in the throw-away system."""

    def __init__(
        self, fence: Fence, package: Package, old: Package | None, order: TrialOrder, interpreters: Sequence[Package]
    ) -> None:
        """Nothing is installed yet; `interpreters` are the packages of `order.interpreters`."""
        self._fence = fence
        self._name = package.name
        self._old = old
        self._order = order
        self._defaults = [number for number, one in enumerate(interpreters) if one.name in _DEFAULT]
        self._others = [number for number, one in enumerate(interpreters) if one.name not in _DEFAULT]
        self._is_changed = False
        self._installed = _Installed.NOTHING
        self._runs: list[Ran] = []
        self._deeds: dict[LifeStep, Callable[[], None]] = {
            LifeStep.INSTALL: lambda: self._put("new"),
            LifeStep.REINSTALL: lambda: self._put("new"),
            LifeStep.DOWNGRADE: lambda: self._put("old"),
            LifeStep.UPGRADE: lambda: self._put("new"),
            LifeStep.FAILED_UPGRADE: self._fail_upgrade,
            LifeStep.FULL_DISK: self._fill,
            LifeStep.KILLED: self._kill,
            LifeStep.REMOVE: self._remove,
            LifeStep.PURGE: self._purge,
            LifeStep.RUNTIME_ADDED: self._add_runtime,
            LifeStep.RUNTIME_REMOVED: lambda: self._take("runtime"),
            LifeStep.INTERPRETER_ADDED: lambda: self._add("interpreters", self._others),
            LifeStep.DEFAULT_CHANGED: self._change_default,
            LifeStep.INTERPRETER_REMOVED: lambda: self._take("interpreters", self._others),
            LifeStep.POLICY_OFF: lambda: self._policy("printf 'compile = no\\n' >"),
            LifeStep.POLICY_ON: lambda: self._policy("rm -f"),
        }

    def prepare(self) -> None:
        """Install what the package needs. Raises EnvironmentFault."""
        try:
            self._do("dpkg", "--configure", "-a")
            if self._order.needs:
                self._do("dpkg", "--install", *self._shelf("needs"))
            if self._order.network:
                self._fetch_dependencies()
        except StepEnded as ended:
            raise EnvironmentFault(f"the root could not be prepared: {ended}") from ended
        self._runs = []

    def make_ready(self, step: LifeStep) -> bool:
        """Bring about what a step begins with; return whether anything was done. Raises StepSkipped."""
        self._require(step)
        wanted = _BEFORE.get(step, _Installed.NEW)
        if wanted is self._installed:
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
        return "" if step in {LifeStep.FAILED_UPGRADE, LifeStep.FULL_DISK, LifeStep.KILLED} else output

    def _require(self, step: LifeStep) -> None:
        if step in {LifeStep.DOWNGRADE, LifeStep.UPGRADE} and self._old is None:
            raise StepSkipped("--with names no old version")
        if step in {LifeStep.INTERPRETER_ADDED, LifeStep.INTERPRETER_REMOVED} and not self._others:
            raise StepSkipped("--interpreter names no packages")
        if step is LifeStep.INTERPRETER_REMOVED and self._is_changed:
            raise StepSkipped("it is the default now")
        if step is LifeStep.DEFAULT_CHANGED and not self._defaults:
            raise StepSkipped(f"--interpreter names neither {' nor '.join(_DEFAULT)}")
        if step.value.startswith(("runtime-", "policy-")) and not self._order.runtime:
            raise StepSkipped("--runtime names no packages")

    def _become(self, wanted: _Installed) -> None:
        match wanted:
            case _Installed.NOTHING:
                self._purge()
            case _Installed.NEW:
                self._put("new")
            case _Installed.OLD:
                self._put("old")
            case _Installed.CONFIGURATION:
                if self._installed is _Installed.NOTHING:
                    self._put("new")
                self._remove()

    def _put(self, which: str) -> None:
        self._do("dpkg", "--install", *self._shelf(which))
        self._installed = _Installed(which)

    def _remove(self) -> None:
        self._do("dpkg", "--remove", "--", self._name)
        self._installed = _Installed.CONFIGURATION

    def _purge(self) -> None:
        self._do("dpkg", "--purge", "--", self._name)
        self._installed = _Installed.NOTHING

    def _fail_upgrade(self) -> None:
        """Have an upgrade fail in the new version's preinst, which takes dpkg all the way back."""
        deb = self._shelf("new")[0]
        script = (
            'set -e; rm -rf /tmp/failing /tmp/failing.deb; dpkg-deb --raw-extract "$1" /tmp/failing; '
            "printf '#!/bin/sh\\nexit 1\\n' > /tmp/failing/DEBIAN/preinst; chmod 755 /tmp/failing/DEBIAN/preinst; "
            "dpkg-deb --build -Znone /tmp/failing /tmp/failing.deb >/dev/null; rm -rf /tmp/failing"
        )
        self._do("sh", "-c", script, "sh", deb)
        self._expect_failure(self._fence.run("dpkg", "--install", "/tmp/failing.deb"))  # noqa: S108 - in the room
        self._do("sh", "-c", "rm -f /tmp/failing.deb; dpkg --configure -a")

    def _fill(self) -> None:
        """Have the scripts find a full disk; then there is room again."""
        self._do("dpkg", "--unpack", *self._shelf("new"))
        with _full_disk():
            self._note(self._fence.run("dpkg", "--configure", self._name))
        self._do("dpkg", "--configure", "-a")
        self._installed = _Installed.NEW

    def _kill(self) -> None:
        """Kill dpkg and its children as soon as it says that it configures the package."""
        state = f"status: {self._name}: half-configured".encode()
        self._note(self._fence.run("dpkg", "--status-fd", "1", "--install", *self._shelf("new"), until=state))
        self._do("dpkg", "--configure", "-a")
        self._installed = _Installed.NEW

    def _add_runtime(self) -> None:
        self._add("runtime")
        self._put("new")

    def _change_default(self) -> None:
        self._add("interpreters", self._defaults)
        self._is_changed = True

    def _add(self, group: str, numbers: Sequence[int] = ()) -> None:
        self._do("dpkg", "--install", *self._shelf(group, numbers))

    def _take(self, group: str, numbers: Sequence[int] = ()) -> None:
        script = 'for deb; do dpkg-deb --field "$deb" Package; done'
        names = self._do("sh", "-c", script, "sh", *self._shelf(group, numbers)).output.split()
        self._do("dpkg", "--purge", *names)

    def _policy(self, command: str) -> None:
        self._do("sh", "-c", f"mkdir -p /etc/pkgtools && {command} {_POLICY}")
        self._put("new")

    def _fetch_dependencies(self) -> None:
        quiet = ("apt-get", "-qy", "-o", "Dpkg::Use-Pty=0")
        self._do(*quiet, "update")
        self._do(*quiet, "install", "--no-install-recommends", *self._shelf("new"))
        self._do("dpkg", "--purge", self._name)

    def _shelf(self, group: str, numbers: Sequence[int] = ()) -> tuple[str, ...]:
        """Return the packages of a group as the system sees them: those with these numbers, else all."""
        sizes = {"new": 1, "old": 1, "needs": len(self._order.needs)}
        sizes |= {"runtime": len(self._order.runtime), "interpreters": len(self._order.interpreters)}
        return tuple(f"{SHELF}/{group}{number}.deb" for number in numbers or range(sizes[group]))

    def _do(self, *argv: str) -> Ran:
        """Run a command that has to succeed. Raises StepEnded."""
        ran = self._note(self._fence.run(*argv))
        if ran.exit:
            said = " ".join(ran.output.split())[-_TAIL:]
            raise StepEnded(f"{argv[0]} ended with status {ran.exit}: {said}")
        return ran

    def _note(self, ran: Ran) -> Ran:
        self._runs.append(ran)
        if ran.ended:
            raise StepEnded(ran.ended, is_limit=True)
        return ran

    def _expect_failure(self, ran: Ran) -> None:
        self._note(ran)
        if ran.exit == 0:
            raise StepEnded("an upgrade whose preinst fails succeeded")


@contextmanager
def _full_disk() -> Iterator[None]:
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
