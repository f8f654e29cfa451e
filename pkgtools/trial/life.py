# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# pragma: no cover - enclosed: it runs as a subordinate user in namespaces, where no tracer can write
"""The life of one package, from a root that is unpacked to the last step, and what is said of each step."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from pkgtools.model.trial import LifeStep, StepResult, StepStatus, Trial, TrialCheck, TrialFault
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import EnvironmentFault, PkgtoolsError, in_words

from .debian_steps import DebianSteps
from .enclosure import TOP, enclosed, limit_disk
from .fence import Fence
from .importing import ModuleList, import_each, modules_of
from .judging import Memory, changes_of, judge_step, remember, warnings_of
from .package_steps import StepEnded, StepSkipped
from .rpm_steps import RpmSteps
from .sight import look
from .unpacking import opened_root, unpack
from .wire import from_line, to_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pkgtools.model.package import Package
    from pkgtools.model.trial import ImportTrial

    from .fence import Ran
    from .order import TrialOrder
    from .package_steps import PackageSteps
    from .sight import Sight

_NAMES = ReadingOptions(contents=False)
_MANAGERS: dict[Kind, type[PackageSteps]] = {Kind.DEB: DebianSteps, Kind.RPM: RpmSteps}
_LONGEST = 400
"""Characters of an error."""
_INSTALLED = frozenset(LifeStep) - {LifeStep.REMOVE, LifeStep.PURGE}


def try_package(path: Path, order: TrialOrder) -> Trial:
    """Play the life of one package; one that can't be tried is a trial with an error.

    A process that forks must have this to itself: namespaces are made in a fork of it.
    """
    try:
        package = read_package(path, _NAMES)
        old = read_package(order.old, _NAMES) if order.old else None
        interpreters = [read_package(one, _NAMES) for one in order.interpreters]
        _require_fitting(path, package, old)
        trial = Trial(
            origin=str(path),
            name=package.name,
            version=package.version,
            old_version=old.version if old else "",
        )
        parts = _Parts(package=package, old=old, interpreters=interpreters)
        return _played(trial, path, parts, order)
    except (PkgtoolsError, OSError) as error:
        return Trial(origin=str(path), error=in_words(error))


def _require_fitting(path: Path, package: Package, old: Package | None) -> None:
    if package.kind not in _MANAGERS:
        raise UnreadablePackage(path, "only .deb and .rpm can be tried")
    if old is not None and (old.kind is not package.kind or old.name != package.name):
        raise UnreadablePackage(path, f"the old version is of another package: {old.label}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """The packages that are played with, as they were read."""

    package: Package
    old: Package | None
    interpreters: Sequence[Package]


def _played(trial: Trial, path: Path, parts: _Parts, order: TrialOrder) -> Trial:
    """Play in an enclosed process, and gather what it says."""
    steps: list[StepResult] = []
    notes: list[str] = []
    with ExitStack() as stack:
        root = stack.enter_context(opened_root(order.root))
        groups = {"new": (path,), "old": (order.old,) if order.old else (), "needs": order.needs}
        groups |= {"runtime": order.runtime, "interpreters": order.interpreters}
        suffix = _MANAGERS[parts.package.kind].suffix
        shelf = {
            f"{group}{number}{suffix}": stack.enter_context(one.open("rb"))
            for group, paths in groups.items()
            for number, one in enumerate(paths)
        }
        kept = None
        if order.keep is not None:
            kept = stack.enter_context((order.keep / f"{path.name}.tar").open("wb"))
        modules = modules_of(parts.package)

        def work(say: Callable[[bytes], None]) -> None:
            left_out = unpack(root.stream, TOP, order.root, shelf)
            if left_out:
                say(to_line(f"{order.root}: {left_out} devices, pipes and files of the running system were left out"))
            for one in _Life(parts, order, modules).play():
                say(to_line(one))
            if kept is not None:
                _keep(kept.fileno())

        error = ""
        try:
            for line in enclosed(work):
                said = from_line(line)
                if isinstance(said, str):
                    notes.append(said)
                else:
                    steps.append(said)
        except (PkgtoolsError, OSError) as ended:
            error = in_words(ended)
        if steps and (unread := root.unread()):
            notes.append(f"{order.root}: {unread}")
    return replace(trial, steps=tuple(steps), notes=tuple(notes), error=error)


class _Life:
    """Steps, each between two looks."""

    def __init__(self, parts: _Parts, order: TrialOrder, modules: ModuleList) -> None:
        self._order = order
        self._fence = Fence(limits=order.limits, network=order.network)
        self._modules = modules
        self._manager = _MANAGERS[parts.package.kind](self._fence, parts.package, parts.old, order, parts.interpreters)

    def play(self) -> Iterator[StepResult | str]:
        """Yield notes and results."""
        self._manager.prepare()
        limit_disk(self._order.limits.disk)
        if self._modules.left_out:
            yield f"{self._modules.left_out} modules were not imported: {len(self._modules.names)} are tried"
        before = look(TOP)
        memory = Memory(start=before)
        for step in (one for one in LifeStep if one in self._order.steps):
            try:
                if self._manager.make_ready(step):
                    before = look(TOP)
                result, before = self._step(step, memory, before)
            except StepSkipped as skipped:
                result = StepResult(step=step, status=StepStatus.SKIPPED, reason=str(skipped))
            yield result

    def _step(self, step: LifeStep, memory: Memory, before: Sight) -> tuple[StepResult, Sight]:
        runs: list[Ran] = []
        faults: list[TrialFault] = []
        try:
            self._manager.play(step, runs)
        except StepEnded as ended:
            check = TrialCheck.OVER_LIMIT if ended.is_limit else TrialCheck.STEP_FAILED
            faults.append(TrialFault(check=check.value, severity=Severity.ERROR, text=str(ended)))
        after = look(TOP)
        imports: tuple[ImportTrial, ...] = ()
        if step in _INSTALLED and not faults and self._modules.names:
            imports = import_each(self._fence, self._modules)
        output = "".join(one.output for one in runs)
        remember(step, memory, before, after)
        seen = [*faults, *warnings_of(self._manager.unexpected(step, output))]
        seen += judge_step(step, memory, before, after, imports)
        told = memory.new(iter(seen))
        failed = any(one.severity.rank >= self._order.fail_on.rank for one in told)
        fresh = [one for path, one in after.pycs().items() if path not in memory.start.files]
        result = StepResult(
            step=step,
            status=StepStatus.FAILED if failed else StepStatus.PASSED,
            exit=runs[-1].exit if runs else 0,
            seconds=round(sum(one.seconds for one in runs), 3),
            bytes_used=after.bytes_used - memory.start.bytes_used,
            pyc_files=len(fresh),
            pyc_bytes=sum(one.size for one in fresh),
            changes=changes_of(before, after),
            imports=imports,
            faults=told,
            output=output,
        )
        return result, after


def _keep(descriptor: int) -> None:
    """Write an archive of the system, as it is now, with the owners that it knows; holes in files take no room."""
    argv = ["tar", "--create", "--sparse", "--numeric-owner", f"--directory={TOP}", "."]
    done = subprocess.run(argv, check=False, stdout=descriptor, stderr=subprocess.PIPE)
    if done.returncode:
        raise EnvironmentFault(f"--keep: tar: {done.stderr.decode('utf-8', 'replace').strip()[:_LONGEST]}")
