# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: rules applied to a package, and what a maintainer wants ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import CheckVerdict, Finding
from pkgtools.model.package import Kind, ProgramFacts, PycFacts, SourceFacts

from .ignoring import ignore_findings
from .subject import arrange

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pkgtools.model.ignore import Ignore
    from pkgtools.model.package import File, Package

    from .rule import Hit, Rule
    from .subject import Subject


def judge_package(package: Package, rules: Iterable[Rule], ignores: Sequence[Ignore] = ()) -> CheckVerdict:
    """Apply rules to a package, worst findings first."""
    subject = arrange(package)
    owners = _owners(subject)
    findings = [
        _finding(rule, hit, owners.get(hit.path, ""), is_tree=package.kind is Kind.TREE)
        for rule in rules
        if package.kind in rule.kinds
        for hit in rule.find(subject)
    ]
    findings.sort(key=lambda one: (-one.severity.rank, one.rule.id, one.path, one.script, one.line or 0))
    verdict = CheckVerdict(
        origin=package.origin,
        name=package.name,
        version=package.version,
        kind=package.kind,
        findings=tuple(findings),
        counts=_counts(package.files),
    )
    return ignore_findings(verdict, ignores)


def _owners(subject: Subject) -> dict[str, str]:
    """Return the packages that files of a system belong to; a pyc that none owns is that of its source's package."""
    owners: dict[str, str] = {file.path: file.package for file in subject.package.files if file.package}
    for pyc in subject.cached:
        if pyc.source is not None and pyc.source.package:
            owners.setdefault(pyc.file.path, pyc.source.package)
    return owners


def _finding(rule: Rule, hit: Hit, package: str, *, is_tree: bool) -> Finding:
    return Finding(
        rule=rule.facts,
        severity=hit.severity or rule.facts.severity,
        text=hit.text,
        path=hit.path,
        script=hit.script,
        line=hit.line,
        package=package,
        repair=hit.repair,
        edits=hit.edits if is_tree else (),
    )


def _counts(files: Iterable[File]) -> tuple[tuple[str, int, int], ...]:
    """Count files and bytes by what they are."""
    totals = {"sources": [0, 0], "pycs": [0, 0], "programs": [0, 0], "other": [0, 0]}
    for file in files:
        if file.is_regular:
            total = totals[_sort_of(file)]
            total[0] += 1
            total[1] += file.size
    return tuple((name, number, size) for name, (number, size) in totals.items())


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
