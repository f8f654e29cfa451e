# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as SARIF 2.1.0 (OASIS), so that GitHub's code scanning and editors show most of it.

A finding inside of a package has the address `PACKAGE!/path`, as files in a jar have: viewers that know only files show
that, group by it, and distinguish findings of one package. The path proper is the logical location.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.model.finding import Confidence, Severity

from .addresses import address_of
from .locations import file_name, fingerprints, uri
from .pages import as_markdown, as_text
from .totals import exit_status, is_incomplete, summarize
from .wording import classed, covered, label, notes_of, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckReport, CheckVerdict, Finding, RuleFacts

    from .formats import ReportOptions

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Severity.DANGER: "error", Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {**_LEVELS, Severity.INFO: "recommendation"}
_PRECISIONS = {Confidence.LOW: "low", Confidence.MEDIUM: "medium", Confidence.HIGH: "high"}


def write(report: CheckReport, _look: ReportOptions) -> Iterator[str]:
    """Yield the run's head, then one line for each result, so that no more than one is in memory as JSON."""
    rules = {rule.id: number for number, rule in enumerate(report.rules)}
    head = json.dumps(_run(report), indent=1).removesuffix("\n}")
    yield f'{{"version": "2.1.0", "$schema": "{SCHEMA}", "runs": [{head},\n "results": ['
    comma = ""
    artifacts = _artifacts(report)
    for verdict in report.verdicts:
        for result in _results(verdict, artifacts, rules):
            yield f"{comma}\n  {json.dumps(result)}"
            comma = ","
    yield "\n ]\n}]}\n"


def _run(report: CheckReport) -> dict[str, object]:
    rules = [_rule(rule) for rule in report.rules]
    return {
        "tool": {"driver": {"name": "pkgtools", "version": __version__, "rules": rules}},
        "automationDetails": {"id": f"pkgtools-{report.command}/"},
        "invocations": [
            {
                "executionSuccessful": exit_status(report) != 2,
                "exitCode": exit_status(report),
                "toolExecutionNotifications": list(_notifications(report)),
            }
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "compared": covered(summarize(report.verdicts)),
            "classes": [one for verdict in report.verdicts for one in classed(verdict)],
        },
        "artifacts": [{"location": {"uri": address}, "roles": ["analysisTarget"]} for address in _artifacts(report)],
    }


def _artifacts(report: CheckReport) -> dict[str, int]:
    """Count the files that were read, each once: no two artifacts may be alike, though a package be given twice."""
    addresses = dict.fromkeys(uri(verdict.origin) for verdict in report.verdicts)
    return {address: index for index, address in enumerate(addresses)}


def _rule(rule: RuleFacts) -> dict[str, object]:
    properties: dict[str, object] = {
        "precision": _PRECISIONS[rule.confidence],
        "problem.severity": _PROBLEMS[rule.severity],
        "tags": ["packaging", "python", rule.persona.value],
    }
    if rule.severity is Severity.DANGER:  # what GitHub sorts by, on CVSS's scale
        properties["security-severity"] = "8.0"
        properties["tags"] = ["packaging", "python", "security", rule.persona.value]
    return {
        "id": rule.id,
        "shortDescription": {"text": visible(rule.title)},
        "fullDescription": {"text": visible(" ".join(rule.page.what.split()))},
        "helpUri": address_of(rule),
        "help": {"text": as_text(rule), "markdown": as_markdown(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": properties,
    }


def _notifications(report: CheckReport) -> Iterator[dict[str, object]]:
    artifacts = _artifacts(report)
    for verdict in report.verdicts:
        address = uri(verdict.origin)
        place = [{"physicalLocation": {"artifactLocation": {"uri": address, "index": artifacts[address]}}}]
        if verdict.error:
            text = f"{_said(verdict.origin)} could not be read: {_said(verdict.error)}"
            yield {"level": "error", "message": {"text": text}, "locations": place}
        gaps = len(verdict.coverage.gaps) if verdict.coverage is not None else 0
        level = "warning" if is_incomplete(verdict) and not report.allow_unchecked else "note"
        for number, note in enumerate(notes_of(verdict)):
            yield {
                "level": level if number < gaps else "note",
                "message": {"text": _said(f"{label(verdict)}: {note}")},
                "locations": place,
            }


def _results(verdict: CheckVerdict, artifacts: dict[str, int], rules: dict[str, int]) -> Iterator[dict[str, object]]:
    findings = (*verdict.findings, *(one.finding for one in verdict.ignored))
    reasons = (*(None for _ in verdict.findings), *(one.reason for one in verdict.ignored))
    for finding, reason, mark in zip(findings, reasons, fingerprints(verdict, findings), strict=True):
        repair = f"\nRepair: {_said(finding.repair)}" if finding.repair else ""
        result = {
            "ruleId": finding.rule.id,
            "ruleIndex": rules[finding.rule.id],
            "level": _LEVELS[finding.severity],
            "message": {"text": f"{_said(finding.text)}{repair}"},
            "locations": [_location(finding, verdict, artifacts)],
            "partialFingerprints": {"primaryLocationLineHash": mark},  # the one that GitHub looks at
        }
        if reason is not None:
            result["suppressions"] = [{"kind": "external", "justification": visible(reason)}]
        yield result


def _said(text: str) -> str:
    """Return text for a message, where `[text](address)` would be a link (3.11.6)."""
    return visible(text).replace("](", "] (")


def _location(finding: Finding, verdict: CheckVerdict, artifacts: dict[str, int]) -> dict[str, object]:
    address = uri(file_name(finding, verdict))
    artifact: dict[str, object] = {"uri": address}
    if address in artifacts:
        artifact["index"] = artifacts[address]
    # GitHub shows no result that has no line
    physical = {"artifactLocation": artifact, "region": {"startLine": finding.line or 1}}
    inside = finding.path or finding.script
    logical = {
        "name": visible(inside.rpartition("/")[2] or inside or label(verdict)),
        "fullyQualifiedName": visible(f"{finding.package or verdict.name}:{inside}" if inside else label(verdict)),
        "kind": "function" if finding.script and not finding.path else "resource" if inside else "package",
    }
    return {"physicalLocation": physical, "logicalLocations": [logical]}
