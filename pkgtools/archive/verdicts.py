# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the store kept of packages as verdicts, which reports are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pkgtools.check.registry import rule_of
from pkgtools.model.finding import (
    CheckVerdict,
    Confidence,
    Coverage,
    Finding,
    Page,
    Persona,
    RuleFacts,
    Severity,
)
from pkgtools.model.trial import TrialCheck

from .package_done import PackageOutcome

if TYPE_CHECKING:
    from .store import Kept


def verdict_of(kept: Kept, facts: dict[str, RuleFacts]) -> CheckVerdict:
    """Return a package's verdict; the rules of its findings are added to `facts` by their ids."""
    package, done = kept.package, kept.done
    error = ""
    if done is None:
        error = f"{package.file.name}: not looked at yet"
    elif done.outcome is not PackageOutcome.CHECKED:
        error = done.reason
    pycs, compared, sources, compiled = done.counts if done else (0, 0, 0, 0)
    has_coverage = bool(pycs or sources)
    return CheckVerdict(
        origin=package.file.name,
        name=package.name,
        version=package.version,
        kind=None if error else package.kind,
        findings=tuple(_finding(one, facts) for one in done.findings) if done else (),
        error=error,
        notes=done.notes if done else (),
        coverage=Coverage(is_required=False, pycs=pycs, compared=compared, sources=sources, compiled=compiled)
        if has_coverage
        else None,
    )


def _finding(document: dict[str, Any], facts: dict[str, RuleFacts]) -> Finding:
    rule, severity = str(document["rule"]), Severity(document["severity"])
    if rule not in facts:
        known = rule_of(rule)
        facts[rule] = known.facts if known else _without_page(rule, severity)
    return Finding(
        rule=facts[rule],
        severity=severity,
        text=document["text"],
        path=document["path"] or "",
        script=document["script"] or "",
        line=document["line"],
        package=document["package"] or "",
        repair=document["repair"] or "",
    )


def _without_page(rule: str, severity: Severity) -> RuleFacts:
    """Return what stands for a check of `pkgtools try`, or for a rule that another version of pkgtools had."""
    is_of_try = rule in {check.value for check in TrialCheck}
    what = "`pkgtools try` looks for it after each step." if is_of_try else "A rule of another version of pkgtools."
    page = Page(what=what, why="", example="", fix="", references=())
    return RuleFacts(
        id=rule, title=rule, severity=severity, confidence=Confidence.LOW, persona=Persona.MAINTAINER, page=page
    )
