# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`audit --fix --dry-run`: what would be done, and what would be left, as far as it can be told without doing it."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.check.coverage import coverage_of
from pkgtools.check.repairs import CLEAN, COMPILE
from pkgtools.model.finding import Repair, RepairResult
from pkgtools.model.package import CodeMatch, PycFacts
from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import Status
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY
from pkgtools.runtime.policy.sources import absolute, is_below, problem
from pkgtools.runtime.system.trust import Tree

from .repairing import Deed, compile_steps, directory_of, left, told_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.finding import CheckVerdict, Finding
    from pkgtools.model.package import File, Package
    from pkgtools.runtime.facts import Outcome

    from .repairing import Scope, Step

_NEW = PycFacts(size=0, header=b"", first=b"", body_digest="", names_itself=True, filename="")
"""Facts of a pyc that is yet to be compiled."""


def foretell(system: Package, verdict: CheckVerdict, steps: Iterable[Step], scope: Scope) -> CheckVerdict:
    """Return the verdict as it would be after the repairs, with what would be done and left. Raises OSError."""
    root = Path(system.origin)
    steps = tuple(steps)
    tree = Tree(str(root.absolute()), frozenset({0, os.geteuid()}))
    try:
        outcomes = [*compile_steps(tree, steps, 1, dry_run=True), *_not_removed(tree, steps)]
    finally:
        tree.close()
    refused = tuple(dict.fromkeys(told_of(outcomes, steps, (RepairResult.LEFT,))))  # a directory once
    planned = [step for step in steps if step.deed is not Deed.LEAVE and not any(_is_of(one, step) for one in refused)]
    repairs = (
        *map(_planned, planned),
        *(left(step, step.text) for step in steps if step.deed is Deed.LEAVE),
        *refused,
    )
    done = frozenset(step.path for step in planned)
    done |= {one.place for one in planned if one.place} - {one.place for one in steps if one.path not in done}
    replaced = _replaced(system.files, planned) | _rewritten(system.files, outcomes) & done
    findings = tuple(
        one
        for one in verdict.findings
        if one.path not in replaced and not (one.path in done and _is_repaired(one, scope))
    )
    after = replace(system, files=tuple(_after(system.files, planned)))
    is_compared = verdict.coverage is not None and bool(verdict.matches)
    coverage = coverage_of(after, is_required=True) if is_compared else verdict.coverage
    return replace(verdict, findings=findings, repairs=repairs, coverage=coverage)


def _replaced(files: Iterable[File], planned: Iterable[Step]) -> frozenset[str]:
    """Return the files that go, and what a pyc comes in the place of: nothing that was said of them holds then."""
    others = {file.path for file in files if not (file.is_regular or file.is_directory)}
    return frozenset(
        step.path for step in planned if step.deed is Deed.REMOVE or (step.deed is Deed.COMPILE and step.path in others)
    )


def _rewritten(files: Iterable[File], outcomes: Iterable[Outcome]) -> frozenset[str]:
    """Return the pycs that would get other content: what was said of the old one does not hold then."""
    statuses = {one.path: one.status for one in outcomes}
    differing = {
        one.path for one in files if isinstance(one.facts, PycFacts) and one.facts.match is CodeMatch.DIFFERENT
    }
    return frozenset(
        path
        for path, status in statuses.items()
        if status is Status.COMPILED or (status is Status.UNDECIDED and path in differing)
    )


def _after(files: Iterable[File], planned: Iterable[Step]) -> Iterator[File]:
    """Yield the files that would be there: those that are compiled have the code of their sources."""
    deeds = {step.path: step.deed for step in planned}
    for file in files:
        match deeds.get(file.path):
            case Deed.REMOVE:
                pass
            case Deed.COMPILE:
                facts = file.facts if isinstance(file.facts, PycFacts) else _NEW
                yield replace(file, facts=replace(facts, match=CodeMatch.IDENTICAL, obstacle=None))
            case _:
                yield file


def _not_removed(tree: Tree, steps: Iterable[Step]) -> Iterator[Outcome]:
    """Yield why files are not removed from cache directories: these can't be got at safely."""
    for step in steps:
        directory = directory_of(step)
        if step.deed is Deed.REMOVE and CACHE_DIRECTORY in step.path.split("/"):
            try:
                tree.open(directory, directory)
            except (Refused, OSError) as error:
                yield problem(step.path, error)


def _is_of(repair: Repair, step: Step) -> bool:
    """Whether what is left is a step's file, its source, or a directory in which nothing is done."""
    names = [step.path]
    if step.wanted is not None:
        directory = step.wanted.directory
        names += [directory, *(absolute(f"{directory}/{name}") for name in step.wanted.names)]
    return any(name == repair.path or is_below(name, absolute(repair.path)) for name in names)


def _is_repaired(finding: Finding, scope: Scope) -> bool:
    words = shlex.split(finding.repair)
    return finding.severity.rank >= scope.fail_on.rank and bool(words) and words[0] in {COMPILE, CLEAN}


def _planned(step: Step) -> Repair:
    interpreters = step.wanted.interpreters if step.wanted else ()
    by = f" with {interpreters[0].path}" if interpreters else ""
    return Repair(result=RepairResult.PLANNED, path=step.path, text=f"{step.deed.value}{by}: {step.text}")
