# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a package or system consists of, in numbers: its packages, how its bytecode compares, classes of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from pkgtools.model.finding import BytecodeClass, Holding
from pkgtools.model.package import CodeMatch, Kind, ProgramFacts, PycFacts, SourceFacts

from .subject import arrange, sourceless_modules, unchecked_hash_pycs
from .verification import unread_pycs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.model.finding import CheckVerdict
    from pkgtools.model.package import File, Package

    from .subject import Subject


def with_contents(verdict: CheckVerdict, package: Package, *, compared: bool) -> CheckVerdict:
    """Add to a verdict what a reviewer wants counted of the package or system that it is about.

    `compared`: its bytecode was to be compared with its sources.
    """
    subject = arrange(package)
    return replace(
        verdict,
        holdings=_holdings(subject) if package.kind is Kind.ROOT else (),
        matches=_matches(package) if compared else (),
        classes=_classes(subject),
    )


def count_files(files: Iterable[File]) -> tuple[tuple[str, int, int], ...]:
    """Count files and bytes by what they are: sort, number and bytes of each."""
    totals = {"sources": [0, 0], "pycs": [0, 0], "programs": [0, 0], "other": [0, 0]}
    for file in files:
        if file.is_regular:
            total = totals[_sort_of(file)]
            total[0] += 1
            total[1] += file.size
    return tuple((name, number, size) for name, (number, size) in totals.items())


def owners_of(subject: Subject) -> dict[str, str]:
    """Return the packages that files of a system belong to; a pyc that none owns is that of its source's package."""
    owners: dict[str, str] = {file.path: file.package for file in subject.package.files if file.package}
    for pyc in subject.cached:
        if pyc.source is not None and pyc.source.package:
            owners.setdefault(pyc.file.path, pyc.source.package)
    return owners


def _sort_of(file: File) -> str:
    match file.facts:
        case SourceFacts():
            return "sources"
        case PycFacts():
            return "pycs"
        case ProgramFacts():
            return "programs"
        case _:
            return "other"


def _holdings(subject: Subject) -> tuple[Holding, ...]:
    owners = owners_of(subject)
    files: dict[str, list[File]] = defaultdict(list)
    for file in subject.package.files:
        if file.is_regular:
            files[owners.get(file.path, "")].append(file)
    return tuple(Holding(package=name, counts=count_files(files[name])) for name in sorted(files))


def _matches(package: Package) -> tuple[tuple[CodeMatch, int], ...]:
    facts = [file.facts for file in package.files if isinstance(file.facts, PycFacts)]
    counts = Counter(one.match for one in facts if one.match is not None)
    counts[CodeMatch.UNCHECKED] += sum(1 for _ in unread_pycs(package))
    return tuple((match, counts[match]) for match in CodeMatch if counts[match])


def _classes(subject: Subject) -> tuple[tuple[BytecodeClass, int], ...]:
    pycs = (*subject.cached, *subject.loose)
    return (
        (BytecodeClass.UNCHECKED_HASH, sum(1 for _ in unchecked_hash_pycs(subject))),
        (BytecodeClass.SOURCELESS, sum(1 for _ in sourceless_modules(subject))),
        (BytecodeClass.TRAILING, sum(bool(one.facts and one.facts.trailing) for one in pycs)),
    )
