# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as JSON, version 2: schemas/check.schema.json is its schema, docs/reference/check-report.md its manual."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools import __version__

from .totals import exit_status, has_changed, summarize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckReport, CheckVerdict, Coverage, Finding, Repair, RuleFacts

    from .formats import ReportOptions

VERSION = 2
SUMMARY_VERSION = 1
"""It changes when a key goes or changes its meaning."""

SCHEMA = Path(__file__).parent / "schemas" / "check.schema.json"


def write(report: CheckReport, look: ReportOptions) -> Iterator[str]:
    r"""Yield the head, then one line for each package, so that no more than one is in memory as JSON.

    All is ASCII: bytes of a name that are not UTF-8 are lone surrogates, `\udc80` to `\udcff` (PEP 383).
    """
    if look.summary:
        yield json.dumps(_summary(report), indent=1) + "\n"
        return
    head = json.dumps(_head(report), indent=1).removesuffix("\n}")
    yield f'{head},\n "verdicts": ['
    for number, verdict in enumerate(report.verdicts):
        yield f"{',' if number else ''}\n  {json.dumps(_verdict(verdict))}"
    yield "\n ]\n}\n" if report.verdicts else "]\n}\n"


def _head(report: CheckReport) -> dict[str, object]:
    summary = summarize(report.verdicts)
    counts = {severity.value: number for severity, number in summary.findings.items()}
    return {
        "version": VERSION,
        "pkgtools": __version__,
        "command": report.command,
        "exit": exit_status(report),
        "fail_on": report.fail_on.value,
        "allow_unchecked": report.allow_unchecked,
        "changed": has_changed(report),
        "summary": {
            "packages": summary.packages,
            "unreadable": summary.unreadable,
            "findings": counts,
            "ignored": summary.ignored,
            "pycs": {"total": summary.pycs, "compared": summary.compared},
            "sources": {"total": summary.sources, "compiled": summary.compiled},
        },
        "notes": list(report.notes),
        "rules": [_rule(rule) for rule in report.rules],
    }


def _summary(report: CheckReport) -> dict[str, object]:
    """Return what `--summary` leaves of a report: its numbers, and how many findings each rule has."""
    counts = Counter((one.rule.id, one.severity.value) for verdict in report.verdicts for one in verdict.findings)
    rules = [{"id": rule, "severity": severity, "findings": number} for (rule, severity), number in counts.items()]
    return {
        **_head(report),
        "version": SUMMARY_VERSION,
        "rules": sorted(rules, key=lambda one: (one["id"], one["severity"])),
    }


def _rule(rule: RuleFacts) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "persona": rule.persona.value,
        "fixed": rule.fixed or None,
        "page": asdict(rule.page),
    }


def _verdict(verdict: CheckVerdict) -> dict[str, object]:
    return {
        "origin": verdict.origin,
        "kind": verdict.kind.value if verdict.kind else None,
        "name": verdict.name or None,
        "version": verdict.version or None,
        "error": verdict.error or None,
        "findings": [finding_as_dict(finding) for finding in verdict.findings],
        "ignored": [{**finding_as_dict(one.finding), "reason": one.reason} for one in verdict.ignored],
        "notes": list(verdict.notes),
        "coverage": coverage_as_dict(verdict.coverage),
        "classes": {one.value: number for one, number in verdict.classes} or None,
        "repairs": [_repair(one) for one in verdict.repairs],
        "counts": {what: {"files": files, "bytes": size} for what, files, size in verdict.counts},
    }


def coverage_as_dict(coverage: Coverage | None) -> dict[str, object] | None:
    """Return how much was compared as JSON has it."""
    if coverage is None:
        return None
    return {
        "required": coverage.is_required,
        "pycs": {"total": coverage.pycs, "compared": coverage.compared},
        "sources": {"total": coverage.sources or 0, "compiled": coverage.compiled},
        "gaps": [
            {
                "what": gap.what,
                "tag": gap.tag or None,
                "number": gap.number,
                "obstacle": gap.obstacle.value,
                "reason": gap.reason,
                "remedy": gap.remedy,
            }
            for gap in coverage.gaps
        ],
    }


def _repair(repair: Repair) -> dict[str, object]:
    return {
        "result": repair.result.value,
        "path": repair.path,
        "text": repair.text,
        "command": repair.command or None,
        "diff": repair.diff or None,
    }


def finding_as_dict(finding: Finding) -> dict[str, object]:
    """Return a finding as JSON has it."""
    return {
        "rule": finding.rule.id,
        "severity": finding.severity.value,
        "text": finding.text,
        "path": finding.path or None,
        "script": finding.script or None,
        "line": finding.line,
        "package": finding.package or None,
        "repair": finding.repair or None,
    }
