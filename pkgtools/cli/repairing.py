# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Repairs of `audit --fix`: planned file by file from findings, carried out by interpreters of this machine alone.

The programs of the system are not started: it is what is being judged. Where only they could compile, the command
that does it is told.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.finding import Repair, RepairResult
from pkgtools.readers.caches import Sources
from pkgtools.readers.compiling import release_of
from pkgtools.readers.mounts import mount_points
from pkgtools.readers.programs import python_of
from pkgtools.rules.repairs import CLEAN, COMPILE
from pkgtools.runtime.admin import read_admin_policy
from pkgtools.runtime.clean import perform_clean
from pkgtools.runtime.compile_job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.facts import (
    CacheDirectory,
    CleanPlan,
    InstalledPath,
    Policy,
    Reason,
    Removal,
    Status,
)
from pkgtools.runtime.filelist import is_below
from pkgtools.runtime.layout import CACHE_DIRECTORY, parse_pyc_name
from pkgtools.runtime.observe import Wanted
from pkgtools.runtime.report import Report
from pkgtools.runtime.trust import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.finding import Finding, Severity, Verdict
    from pkgtools.model.package import File, Package
    from pkgtools.readers.compiling import Compilers
    from pkgtools.runtime.facts import Interpreter, Outcome

_LEVELS = {"": 0, "1": 1, "2": 2}
_DONE = {
    Status.COMPILED: RepairResult.COMPILED,
    Status.LINKED: RepairResult.COMPILED,
    Status.REPAIRED: RepairResult.REPAIRED,
    Status.REMOVED: RepairResult.REMOVED,
}
_NOT_DONE = frozenset({Status.FAILED, Status.ERROR, Status.REFUSED, Status.SKIPPED, Status.KEPT})


class Deed(Enum):
    """What is done to one file."""

    COMPILE = "compile"
    """Compile the source of a pyc, and write it if it is another; owner and mode are put right."""
    MEND = "mend"
    """Put owner and mode of a cache directory right, and remove what killed compilers left in it."""
    REMOVE = "remove"
    LEAVE = "leave"


_ORDER = (Deed.REMOVE, Deed.COMPILE, Deed.MEND, Deed.LEAVE)
"""Of several deeds to one file, the first is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One file to repair."""

    deed: Deed
    path: InstalledPath
    """A pyc, a temporary file or a cache directory."""
    text: str
    """Why it is done, or why it is left."""
    command: str
    """What people could run instead."""
    wanted: Wanted | None = None
    source: InstalledPath | None = None
    """The source whose absence makes a pyc go."""
    prefix: InstalledPath | None = None
    """The central cache that the pyc lies in."""
    as_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which findings are repaired, and where."""

    fail_on: Severity
    """The least severity."""
    crosses: bool = False
    """Other file systems that are mounted below the root directory are repaired, too."""


def plan_repairs(system: Package, verdict: Verdict, compilers: Compilers, scope: Scope) -> tuple[Step, ...]:
    """Plan the repairs of bytecode, at most one for each file, for findings that are severe enough."""
    planner = _Planner(system, compilers)
    mounts = frozenset() if scope.crosses else mount_points(Path(system.origin))
    steps: dict[InstalledPath, Step] = {}
    for finding in verdict.findings:
        words = shlex.split(finding.repair) if finding.severity.rank >= scope.fail_on.rank else []
        if not words or words[0] not in {COMPILE, CLEAN}:
            continue
        path = InstalledPath(finding.path)
        mount = next((one for one in mounts if path == one or is_below(path, one)), None)
        if mount is not None:
            text = f"{mount} is another file system: --cross-file-systems repairs it, too"
            steps.setdefault(path, Step(deed=Deed.LEAVE, path=path, text=text, command=finding.repair))
            continue
        for step in planner.steps_of(finding, words):
            steps[step.path] = min(steps.get(step.path, step), step, key=lambda one: _ORDER.index(one.deed))
    return tuple(steps.values())


class _Planner:
    """What is known of a system while its repairs are planned."""

    def __init__(self, system: Package, compilers: Compilers) -> None:
        self._system = system
        self._compilers = compilers
        self._files = {file.path: file for file in system.files}
        self._pairs = Sources(system)

    def steps_of(self, finding: Finding, words: list[str]) -> Iterator[Step]:
        path = InstalledPath(finding.path)
        if words[0] == CLEAN:
            source = self._pairs.path_of(path) if "--orphans" in words else None
            yield Step(deed=Deed.REMOVE, path=path, text=finding.text, command=finding.repair, source=source)
            return
        file = self._files.get(path)
        if file is not None and self._pairs.path_of(path) is not None and not file.is_directory:
            yield self._compiled(file, finding, as_owner="--as-owner" in words)
            return
        cache = path if basename(path) == CACHE_DIRECTORY else InstalledPath(dirname(path))
        directory = InstalledPath(dirname(cache))
        empty = Wanted(directory, directory, (), (), ())
        yield Step(deed=Deed.MEND, path=path, text=finding.text, command=finding.repair, wanted=empty)
        if path == cache:  # others could write there, so nothing in it is to be believed
            for one in self._files.values():
                if dirname(one.path) == cache and self._pairs.file_of(one.path) is not None and not one.package:
                    yield self._compiled(one, finding, as_owner=False)

    def _compiled(self, pyc: File, finding: Finding, *, as_owner: bool) -> Step:
        name = parse_pyc_name(basename(pyc.path))
        source = self._pairs.path_of(pyc.path)
        level = _LEVELS.get(name.level) if name else None
        step = Step(deed=Deed.LEAVE, path=pyc.path, text="", command=finding.repair)
        if name is None or source is None or level is None:
            return replace(step, text="no pyc of an optimization level that pkgtools-compile makes")
        interpreter, missing = self._interpreter(pyc.path, name.tag)
        if interpreter is None:
            return replace(step, text=missing)
        directory = InstalledPath(dirname(source))
        prefix = self._pairs.central_cache_of(pyc.path) if basename(dirname(pyc.path)) != CACHE_DIRECTORY else ""
        return replace(
            step,
            deed=Deed.COMPILE,
            text=finding.text,
            wanted=Wanted(directory, directory, (basename(source),), (interpreter,), (level,)),
            prefix=InstalledPath(prefix) if prefix else None,
            as_owner=as_owner,
        )

    def _interpreter(self, pyc: InstalledPath, tag: str) -> tuple[Interpreter | None, str]:
        """Return the interpreter of this machine that writes what the system's would, or what is missing."""
        of_system = python_of(self._system.pythons, pyc, tag)
        release = of_system.release if of_system else ""
        fitting = [one for one in self._compilers.interpreters if one.cache_tag == tag]
        same = [one for one in fitting if not release or release_of(one) == release]
        if same:
            return same[0]._replace(inside=False), ""
        return None, f"it takes {'Python ' + release if release else tag}, which this machine doesn't have in /usr/bin"


def foretell(steps: Iterable[Step]) -> tuple[Repair, ...]:
    """Return what would be done."""
    return tuple(_planned(step) for step in steps)


def _planned(step: Step) -> Repair:
    if step.deed is Deed.LEAVE:
        return _left(step, step.text)
    interpreters = step.wanted.interpreters if step.wanted else ()
    by = f" with {interpreters[0].path}" if interpreters else ""
    return Repair(result=RepairResult.PLANNED, path=step.path, text=f"{step.deed.value}{by}: {step.text}")


def _left(step: Step, text: str) -> Repair:
    return Repair(result=RepairResult.LEFT, path=step.path, text=text, command=step.command)


def carry_out(steps: Iterable[Step], root: Path, workers: int) -> tuple[Repair, ...]:
    """Carry out a plan below a root directory, and return what was done and what was left. Raises OSError."""
    steps = tuple(steps)
    tree = Tree(str(root.absolute()), frozenset({0, os.geteuid()}))
    try:
        outcomes = [*_compile(tree, steps, workers), *_remove(tree, steps)]
    finally:
        tree.close()
    by_path = {step.path: step for step in steps}
    told = [_left(step, step.text) for step in steps if step.deed is Deed.LEAVE]
    for outcome in outcomes:
        step = by_path.get(outcome.path) or by_path.get(outcome.source or outcome.path)
        text = ": ".join(part for part in (outcome.reason.value, outcome.detail) if part)
        if outcome.status in _DONE:
            told.append(Repair(result=_DONE[outcome.status], path=outcome.path, text=step.text if step else text))
        elif outcome.status in _NOT_DONE:
            command = step.command if step else ""
            told.append(Repair(result=RepairResult.LEFT, path=outcome.path, text=text, command=command))
    return tuple(told)


def _compile(tree: Tree, steps: Iterable[Step], workers: int) -> list[Outcome]:
    groups: dict[tuple[InstalledPath | None, bool, bool], list[Wanted]] = {}
    for step in sorted(steps, key=lambda one: one.deed is not Deed.MEND):
        if step.wanted is not None:
            groups.setdefault((step.prefix, step.as_owner, step.deed is Deed.MEND), []).append(step.wanted)
    report = Report("compile")
    mode = read_admin_policy(tree).mode
    for (prefix, as_owner, sweep), wanted in groups.items():
        settings = CompileSettings(mode, workers)
        run = CompileRun(Policy(mode, verify=True), settings, prefix, as_owner=as_owner, sweep=sweep)
        compile_wanted(tree, wanted, run, report)
    return report.outcomes


def _remove(tree: Tree, steps: Iterable[Step]) -> list[Outcome]:
    """Remove files, and cache directories that they leave empty; a source that came back meanwhile keeps its pyc."""
    doomed = [step for step in steps if step.deed is Deed.REMOVE]
    removals = tuple(
        Removal(_directory_of(step), InstalledPath(dirname(step.path)), basename(step.path), Reason.ORPHAN)
        for step in doomed
        if step.source is None or not tree.exists(step.source)
    )
    caches = {one.directory: one.base for one in removals if basename(one.directory) == CACHE_DIRECTORY}
    directories = tuple(CacheDirectory(base, cache) for cache, base in caches.items())
    outcomes: list[Outcome] = []
    perform_clean(tree, CleanPlan(removals, directories, ()), outcomes.append)
    return outcomes


def _directory_of(step: Step) -> InstalledPath:
    return InstalledPath(dirname(dirname(step.path)))
