# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as JSON, version 2: `report.schema.json` is its schema, docs/reference/check-report.md its manual."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools import __version__

from .status import exit_status, summarize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import Coverage, Finding, Repair, Report, RuleFacts, Verdict

    from .formats import Look

VERSION = 2
"""It changes when a key goes or changes its meaning."""

SCHEMA = Path(__file__).parent / "report.schema.json"


def write(report: Report, _look: Look) -> Iterator[str]:
    r"""Yield the head, then one line for each package, so that no more than one is in memory as JSON.

    All is ASCII: bytes of a name that are not UTF-8 are lone surrogates, `\udc80` to `\udcff` (PEP 383).
    """
    head = json.dumps(_head(report), indent=1).removesuffix("\n}")
    yield f'{head},\n "verdicts": ['
    for number, verdict in enumerate(report.verdicts):
        yield f"{',' if number else ''}\n  {json.dumps(_verdict(verdict))}"
    yield "\n ]\n}\n" if report.verdicts else "]\n}\n"


def _head(report: Report) -> dict[str, object]:
    summary = summarize(report.verdicts)
    counts = {severity.value: number for severity, number in summary.findings.items()}
    return {
        "version": VERSION,
        "pkgtools": __version__,
        "command": report.command,
        "exit": exit_status(report),
        "fail_on": report.fail_on.value,
        "allow_unchecked": report.allow_unchecked,
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


def _rule(rule: RuleFacts) -> dict[str, object]:
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "persona": rule.persona.value,
        "page": asdict(rule.page),
    }


def _verdict(verdict: Verdict) -> dict[str, object]:
    return {
        "origin": verdict.origin,
        "kind": verdict.kind.value if verdict.kind else None,
        "name": verdict.name or None,
        "version": verdict.version or None,
        "error": verdict.error or None,
        "findings": [_finding(finding) for finding in verdict.findings],
        "ignored": [{**_finding(one.finding), "reason": one.reason} for one in verdict.ignored],
        "notes": list(verdict.notes),
        "coverage": coverage_as_dict(verdict.coverage),
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
    }


def _finding(finding: Finding) -> dict[str, object]:
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
