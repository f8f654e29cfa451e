# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as JSON, version 1: `report.schema.json` is its schema, docs/reference/check-report.md its manual."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools import __version__

from .status import exit_status, summarize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import Finding, Report, RuleFacts, Verdict

    from .formats import Look

VERSION = 1
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
        "summary": {
            "packages": summary.packages,
            "unreadable": summary.unreadable,
            "findings": counts,
            "ignored": summary.ignored,
        },
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
        "counts": {what: {"files": files, "bytes": size} for what, files, size in verdict.counts},
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
