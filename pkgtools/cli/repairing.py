# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Repairs of `audit --fix`: planned file by file from findings, carried out by interpreters of this machine alone.

No program of the system is started: it is what is judged. Where only one could compile, the report has the command.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.caches import Sources
from pkgtools.check.expected_bytecode import expected_bytecode
from pkgtools.check.repairs import CLEAN, COMPILE
from pkgtools.check.subject import arrange
from pkgtools.model.finding import Repair, RepairResult
from pkgtools.readers.system.installed_pythons import python_of
from pkgtools.readers.system.mounts import mount_points
from pkgtools.runtime.clean.perform import perform_clean
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.facts import CacheDirectory, CleanPlan, InstalledPath, Policy, Reason, Removal, Status
from pkgtools.runtime.policy.admin import read_admin_policy
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, parse_pyc_name, parse_temporary_name
from pkgtools.runtime.policy.sources import is_below, is_source
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.access import Access, distrust_bytecode
from pkgtools.runtime.system.temporaries import token_of
from pkgtools.runtime.system.trust import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pkgtools.bytecode.compiling import Compilers
    from pkgtools.check.expected_bytecode import ExpectedBytecode
    from pkgtools.model.finding import CheckVerdict, Finding, Severity
    from pkgtools.model.package import File, Package
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
    MEND = "repair"
    """Put owner and mode of a cache directory right, and remove what killed compilers left in it."""
    REMOVE = "remove"
    LEAVE = "leave"


_ORDER = (Deed.REMOVE, Deed.COMPILE, Deed.MEND, Deed.LEAVE)
"""Of several deeds to one file, the first is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One file to repair."""

    deed: Deed
    """What is done to the file."""
    path: InstalledPath
    """A pyc, a temporary file or a cache directory."""
    text: str
    """Why it is done, or why it is left."""
    command: str
    """What people could run instead."""
    wanted: Wanted | None = None
    """What the runtime is asked to compile or put right; None where a file is removed or left."""
    source: InstalledPath | None = None
    """The source whose absence makes a pyc go."""
    prefix: InstalledPath | None = None
    """The central cache that the pyc lies in."""
    as_owner: bool = False
    """Work as the directory's owner, who is not root."""
    place: InstalledPath | None = None
    """The directory that the finding is about, where modules have no pycs: one of several steps for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which findings are repaired, and where."""

    fail_on: Severity
    """The least severity."""
    crosses: bool = False
    """Other file systems that are mounted below the root directory are repaired, too."""


def plan_repairs(system: Package, verdict: CheckVerdict, compilers: Compilers, scope: Scope) -> tuple[Step, ...]:
    """Plan the repairs of bytecode, at most one for each file, for findings that are severe enough."""
    planner = _Planner(system, compilers)
    mounts = frozenset() if scope.crosses else mount_points(Path(system.origin))
    steps: dict[InstalledPath, Step] = {}
    for finding in verdict.findings:
        words = shlex.split(finding.repair) if finding.severity.rank >= scope.fail_on.rank else []
        if not {COMPILE, CLEAN}.intersection(words):
            continue
        path = InstalledPath(finding.path)
        if words[0] not in {COMPILE, CLEAN}:
            text = f"others can write to a directory above, so nothing is done below it: {finding.text}"
            steps.setdefault(path, Step(deed=Deed.LEAVE, path=path, text=text, command=finding.repair))
            continue
        if text := _other_file_system(path, mounts):
            steps.setdefault(path, Step(deed=Deed.LEAVE, path=path, text=text, command=finding.repair))
            continue
        for step in planner.steps_of(finding, words):
            text = _other_file_system(step.path, mounts)
            possible = replace(step, deed=Deed.LEAVE, text=text, wanted=None) if text else step
            steps[step.path] = min(steps.get(step.path, possible), possible, key=lambda one: _ORDER.index(one.deed))
    return (*steps.values(), *_emptied(system, steps))


def _emptied(system: Package, steps: Mapping[InstalledPath, Step]) -> Iterator[Step]:
    """Remove the cache directories in which nothing is left, unless a package owns them."""
    doomed = [one for one in steps.values() if one.deed is Deed.REMOVE]
    caches = {InstalledPath(dirname(one.path)): one for one in doomed}
    files: dict[str, set[InstalledPath]] = {}
    for file in system.files:
        files.setdefault(dirname(file.path), set()).add(file.path)
    owned = {file.path for file in system.files if file.is_directory and file.package}
    gone = {one.path for one in doomed}
    for cache, step in caches.items():
        if basename(cache) == CACHE_DIRECTORY and cache not in steps.keys() | owned and files.get(cache, set()) <= gone:
            yield replace(step, path=cache, text="nothing is left in it", source=None)


def _other_file_system(path: InstalledPath, mounts: Iterable[InstalledPath]) -> str:
    """Say that a path lies on another file system than the root directory; empty if it does not."""
    mount = next((one for one in mounts if path == one or is_below(path, one)), None)
    return f"{mount} is another file system: --cross-file-systems repairs it, too" if mount is not None else ""


class _Planner:
    """What is known of a system while its repairs are planned."""

    def __init__(self, system: Package, compilers: Compilers) -> None:
        self._system = system
        self._compilers = compilers
        self._files = {file.path: file for file in system.files}
        self._pairs = Sources(system)

    @cached_property
    def _expected(self) -> dict[InstalledPath, ExpectedBytecode]:
        return {one.path: one for one in expected_bytecode(arrange(self._system))}

    def steps_of(self, finding: Finding, words: list[str]) -> Iterator[Step]:
        path = InstalledPath(finding.path)
        if words[0] == CLEAN:
            yield from self._removed(path, finding, has_source="--orphans" not in words)
            return
        file = self._files.get(path)
        if file is not None and self._pairs.path_of(path) is not None and not file.is_directory:
            yield self._compiled(file, finding, as_owner="--as-owner" in words)
            return
        if file is not None and file.is_directory and path in self._expected:
            yield from self._missing(self._expected[path], finding)
            return
        cache = path if basename(path) == CACHE_DIRECTORY else InstalledPath(dirname(path))
        directory = InstalledPath(dirname(cache))
        # a source makes the directory one to mend; without an interpreter nothing is compiled
        sources = [one for one in self._in(directory) if one.is_regular and is_source(basename(one.path))]
        names = tuple(basename(one.path) for one in sources[:1]) if path == cache else ()
        empty = Wanted(directory, directory, names, (), ())
        yield Step(deed=Deed.MEND, path=path, text=finding.text, command=finding.repair, wanted=empty)
        if path == cache and _is_distrusted(self._files[cache]):  # then nothing in it is to be believed
            yield from self._judged_in(cache, finding)

    def _in(self, directory: InstalledPath) -> list[File]:
        return [one for one in self._files.values() if dirname(one.path) == directory]

    def _removed(self, path: InstalledPath, finding: Finding, *, has_source: bool) -> Iterator[Step]:
        """Remove a file, or a cache directory beside which no source is with all that it holds."""
        gone = Step(deed=Deed.REMOVE, path=path, text=finding.text, command=finding.repair)
        if basename(path) != CACHE_DIRECTORY:
            yield replace(gone, source=None if has_source else self._pairs.path_of(path))
            return
        files = self._in(path)
        if others := [one for one in files if one.package or not _is_bytecode(one)]:
            text = f"it holds what isn't a cache, or a package's: {basename(others[0].path)}"
            yield replace(gone, deed=Deed.LEAVE, text=text)
            return
        for one in files:
            yield replace(gone, path=one.path, source=self._pairs.path_of(one.path))
        yield gone

    def _judged_in(self, cache: InstalledPath, finding: Finding) -> Iterator[Step]:
        """Compile all pycs of a cache directory; those that can't be go where others could write them."""
        for one in self._in(cache):
            if one.package or parse_pyc_name(basename(one.path)) is None:
                continue
            step = self._compiled(one, finding, as_owner=False) if self._pairs.file_of(one.path) is not None else None
            if (step is None or step.deed is Deed.LEAVE) and any(map(_is_distrusted, (self._files[cache], one))):
                step = Step(deed=Deed.REMOVE, path=one.path, text=finding.text, command=finding.repair)
            if step is not None:
                yield step

    def _missing(self, expected: ExpectedBytecode, finding: Finding) -> Iterator[Step]:
        """Compile the modules of a directory that have no pyc, each with an interpreter of the same release."""
        place = expected.path
        for target in expected.missing:
            interpreter, missing = self._interpreter(target.path, target.interpreter.cache_tag)
            if interpreter is None:
                yield Step(deed=Deed.LEAVE, path=place, text=missing, command=finding.repair, place=place)
                continue
            source = target.source
            yield Step(
                deed=Deed.COMPILE,
                path=target.path,
                text="the module has no pyc",
                command=finding.repair,
                wanted=Wanted(source.base, source.directory, (source.name,), (interpreter,), (target.level,)),
                place=place,
            )

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
        if found := self._compilers.of_tag(tag, release):
            return found._replace(inside=False), ""
        needed = f"Python {release}" if release else f"a release with {tag}"
        return None, f"it takes {needed}, which this machine doesn't have in /usr/bin"


def _is_bytecode(file: File) -> bool:
    name = basename(file.path)
    return not file.is_directory and bool(parse_pyc_name(name) or parse_temporary_name(name) or token_of(name))


def _is_distrusted(file: File) -> bool:
    """Whether the runtime, claiming a directory, takes this one for written by others."""
    access = Access(file.mode, -1 if file.uid is None else file.uid, file.gid or 0, file.has_acl)
    return distrust_bytecode(access, frozenset({0, os.geteuid()})) is not None


def left(step: Step, text: str) -> Repair:
    """Say why a step is not done."""
    return Repair(result=RepairResult.LEFT, path=step.path, text=text, command=step.command)


def carry_out(steps: Iterable[Step], root: Path, workers: int) -> tuple[Repair, ...]:
    """Carry out a plan below a root directory, and return what was done and what was left. Raises OSError."""
    tree, steps = Tree(str(root.absolute()), frozenset({0, os.geteuid()})), tuple(steps)
    try:
        repairs = told_of([*compile_steps(tree, steps, workers), *_remove(tree, steps)], steps, tuple(RepairResult))
        gone = {step.path for step in steps if step.wanted and not step.place and not tree.exists(step.path)}
    finally:
        tree.close()
    # of a source that does not compile the runtime removes the pyc; what is distrusted goes before it is compiled
    made = [replace(one, result=RepairResult.REMOVED, command="") if one.path in gone else one for one in repairs]
    compiled = {one.path for one in made if one.result is RepairResult.COMPILED}
    made = [one for one in made if one.result is not RepairResult.REMOVED or one.path not in compiled]
    return (*(left(step, step.text) for step in steps if step.deed is Deed.LEAVE), *made)


def told_of(outcomes: Iterable[Outcome], steps: Iterable[Step], results: tuple[RepairResult, ...]) -> list[Repair]:
    """Return the repairs with some results that the outcomes of a plan stand for."""
    by_path = {step.path: step for step in steps}
    told = []
    for outcome in outcomes:
        step = by_path.get(outcome.path) or by_path.get(outcome.source or outcome.path)
        text = ": ".join(part for part in (outcome.reason.value, outcome.detail) if part)
        if outcome.status in _DONE:
            told.append(Repair(result=_DONE[outcome.status], path=outcome.path, text=step.text if step else text))
        elif outcome.status in _NOT_DONE:
            command = step.command if step else ""
            told.append(Repair(result=RepairResult.LEFT, path=outcome.path, text=text, command=command))
    return [one for one in told if one.result in results]


def compile_steps(tree: Tree, steps: Iterable[Step], workers: int, *, dry_run: bool = False) -> list[Outcome]:
    """Compile and mend; `dry_run`: change nothing, return what would be done and what is refused."""
    groups: dict[tuple[InstalledPath | None, bool, bool], list[Wanted]] = {}
    for step in sorted(steps, key=lambda one: one.deed is not Deed.MEND):
        if step.wanted is not None:
            groups.setdefault((step.prefix, step.as_owner, step.deed is Deed.MEND), []).append(step.wanted)
    report = Report("compile")
    mode = read_admin_policy(tree).mode
    for (prefix, as_owner, sweep), wanted in groups.items():
        settings = CompileSettings(mode, workers, forks=False)
        run = CompileRun(Policy(mode, verify=True), settings, prefix, dry_run, as_owner, sweep)
        compile_wanted(tree, wanted if sweep else _together(wanted), run, report)
    return report.outcomes


def _together(wanted: Iterable[Wanted]) -> list[Wanted]:
    """Name each directory once for all of its sources that are for the same interpreter and level."""
    names: dict[Wanted, list[str]] = {}
    for one in wanted:
        names.setdefault(one._replace(names=()), []).extend(one.names)
    return [one._replace(names=tuple(dict.fromkeys(some))) for one, some in names.items()]


def _remove(tree: Tree, steps: Iterable[Step]) -> list[Outcome]:
    """Remove files, and cache directories that they leave empty; a source that came back meanwhile keeps its pyc."""
    doomed = [step for step in steps if step.deed is Deed.REMOVE]
    empty = [InstalledPath(step.path) for step in doomed if basename(step.path) == CACHE_DIRECTORY]
    removals = tuple(
        Removal(directory_of(step), InstalledPath(dirname(step.path)), basename(step.path), Reason.ORPHAN)
        for step in doomed
        if step.path not in empty and (step.source is None or not tree.exists(step.source))
    )
    directories = tuple(CacheDirectory(InstalledPath(dirname(cache)), cache) for cache in empty)
    outcomes: list[Outcome] = []
    perform_clean(tree, CleanPlan(removals, directories, ()), outcomes.append)
    return outcomes


def directory_of(step: Step) -> InstalledPath:
    """Return the directory up to which links are followed when a file is removed: that of the cache directory."""
    above = dirname(step.path) if basename(step.path) == CACHE_DIRECTORY else dirname(dirname(step.path))
    return InstalledPath(above)
