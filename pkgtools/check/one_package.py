# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""One package through readers and rules: what every process of a check does, on one machine or on many."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.finding import CheckVerdict, Persona
from pkgtools.model.package import PycFacts
from pkgtools.readers.member_count import MemberCount
from pkgtools.readers.package import read_package, require_package
from pkgtools.runtime.errors import PkgtoolsError

from .apply import judge_package
from .registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pkgtools.bytecode.compiling import Compilers
    from pkgtools.model.finding import Coverage, Finding, RuleFacts
    from pkgtools.model.ignore import Ignore
    from pkgtools.model.package import Package
    from pkgtools.runtime.facts import InstalledPath

    from .rule import Rule

_BY_COMPILING = frozenset({"code-differs", "python2-leftover", "syntax-error"})
"""The rules that find more where all sources are compiled and all pycs compared."""
MOST_COMPARED = 20
"""Pycs of a package that are compared unless all are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTask:
    """What is asked of every package."""

    persona: Persona = Persona.MAINTAINER
    """For whom rules are chosen, unless `only` names them."""
    only: frozenset[str] = frozenset()
    """The ids of rules; empty: all."""
    compile_all: bool = False
    """Compile all sources and compare all bytecode, not only what looks suspicious and twenty pycs."""
    manifest: str = ""
    """Where the ignores are; empty: nowhere."""
    pythons: tuple[InstalledPath, ...] = ()
    """Interpreters of this machine beside those in /usr/bin, and directories with some."""


def rules_for(task: CheckTask) -> tuple[Rule, ...]:
    """Return the rules that a task applies, sorted by id."""
    wanted = (rule for rule in all_rules() if not task.only or rule.facts.id in task.only)
    return tuple(
        rule
        for rule in wanted
        if rule.facts.id in task.only or task.persona is Persona.AUDITOR or rule.facts.persona is Persona.MAINTAINER
    )


def of_applied(ignores: Iterable[Ignore], rules: Iterable[Rule]) -> tuple[Ignore, ...]:
    """Return the ignores of rules that are applied; of the others it isn't known whether they are of use."""
    applied = {rule.facts.id for rule in rules}
    return tuple(one for one in ignores if one.rule in applied)


def facts_of(rules: Iterable[Rule]) -> tuple[RuleFacts, ...]:
    """Return what reports need to know of rules."""
    return tuple(rule.facts for rule in rules)


def check_package(path: Path, *, task: CheckTask, grow: Callable[[int], None] | None = None) -> CheckVerdict:
    """Read a package and apply the rules; one that can't be read is a verdict, too. `grow`: see `ReadingOptions`."""
    try:
        package = read_checked(path, compile_all=task.compile_all, pythons=task.pythons, grow=grow)
        return judged(package, task, grow)
    except PkgtoolsError as error:
        return CheckVerdict(origin=str(path), error=str(error))


def judged(package: Package, task: CheckTask, grow: Callable[[int], None] | None = None) -> CheckVerdict:
    """Apply the rules of a task to a package. Raises UnreadablePackage for more findings than can be held."""
    held = MemberCount(Path(package.origin), grow)
    held.members(len(package.files))

    def hold(finding: Finding) -> None:
        held.finding(finding.text, finding.path, finding.repair)

    rules = rules_for(task)
    ignores = of_applied(ignores_of(task.manifest, package), rules)
    unsure = frozenset() if task.compile_all else _BY_COMPILING
    verdict = judge_package(package, rules, ignores, unsure=unsure, hold=hold)
    return replace(verdict, coverage=_coverage(package, task))


def read_checked(
    path: Path, *, compile_all: bool, pythons: tuple[InstalledPath, ...] = (), grow: Callable[[int], None] | None = None
) -> Package:
    """Read a package; sources that look suspicious are compiled, or all are; some bytecode is compared, or all."""
    from pkgtools.bytecode.syntax import SyntaxCheck  # noqa: PLC0415 - with the machinery of processes

    check = SyntaxCheck(partial(compilers_of, pythons), every=compile_all)
    package = check.told(read_package(path, ReadingOptions(sink=check.take, grow=grow)))
    require_package(path, package)
    if compile_all or any(isinstance(one.facts, PycFacts) for one in package.files):
        from .verification import fetch_from_package, verify_package  # noqa: PLC0415 - as above

        most = None if compile_all else MOST_COMPARED
        package = verify_package(package, compilers_of(pythons), fetch_from_package(path), most=most)
    return package


def _coverage(package: Package, task: CheckTask) -> Coverage | None:
    from .coverage import coverage_of  # noqa: PLC0415 - as above

    return coverage_of(package, is_required=task.compile_all, with_sources=task.compile_all)


@cache
def compilers_of(pythons: tuple[InstalledPath, ...]) -> Compilers:
    """Find the interpreters of this machine that compile, and those that were named. Raises UsageError."""
    from pkgtools.bytecode.compiling import find_compilers  # noqa: PLC0415 - as above

    return find_compilers(pythons)


def ignores_of_manifest(manifest: str) -> dict[str, tuple[Ignore, ...]]:
    """Return what a manifest says to ignore, by the names that its packages have in each family.

    It is read once for each place and time of change: a run checks many packages, a process may run twice.
    """
    if not manifest:
        return {}
    with suppress(OSError):  # who reads it says what is wrong with it
        found = Path(manifest).stat()
        return _ignores_of(manifest, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns))
    return _read_ignores(manifest)


@cache
def _ignores_of(manifest: str, _identity: tuple[int, ...]) -> dict[str, tuple[Ignore, ...]]:
    return _read_ignores(manifest)


def _read_ignores(manifest: str) -> dict[str, tuple[Ignore, ...]]:
    from pkgtools.config import read_manifest  # noqa: PLC0415 - few packages have one

    return {
        name: package.ignores
        for package in read_manifest(Path(manifest)).packages
        for name in {package.key, *(variant.name for variant in package.variants.values())}
    }


def ignores_of(manifest: str, package: Package) -> tuple[Ignore, ...]:
    """Return what a manifest says to ignore in one package."""
    found = ignores_of_manifest(manifest).get(package.name, ())
    return tuple(replace(one, origin=f"{manifest}: {one.origin}") for one in found)
