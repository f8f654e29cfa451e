# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: rules applied to a package, and what a maintainer wants ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import CheckVerdict, Finding
from pkgtools.model.package import Kind

from .contents import count_files, owners_of
from .ignoring import ignore_findings
from .subject import arrange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pkgtools.model.ignore import Ignore
    from pkgtools.model.package import Package

    from .rule import Hit, Rule
    from .subject import Subject


def judge_package(
    package: Package,
    rules: Iterable[Rule],
    ignores: Sequence[Ignore] = (),
    *,
    unsure: frozenset[str] = frozenset(),
    hold: Callable[[Finding], None] | None = None,
) -> CheckVerdict:
    """Apply rules to a package, worst findings first; `hold` gets each finding before there is one more.

    The rules in `unsure` may have findings in what was not looked at.
    """
    subject = arrange(package)
    findings: list[Finding] = []
    for finding in _findings(subject, rules):
        if hold is not None:
            hold(finding)
        findings.append(finding)
    findings.sort(key=lambda one: (-one.severity.rank, one.rule.id, one.path, one.script, one.line or 0))
    verdict = CheckVerdict(
        origin=package.origin,
        name=package.name,
        version=package.version,
        kind=package.kind,
        findings=tuple(findings),
        counts=count_files(package.files),
    )
    return ignore_findings(verdict, ignores, unsure=unsure)


def _findings(subject: Subject, rules: Iterable[Rule]) -> Iterator[Finding]:
    package = subject.package
    owners = owners_of(subject)
    for rule in rules:
        if package.kind in rule.kinds:
            for hit in rule.find(subject):
                yield _finding(rule, hit, owners.get(hit.path, ""), is_tree=package.kind is Kind.TREE)


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
