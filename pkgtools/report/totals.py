# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a report comes to, which no format changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.finding import RepairResult, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.model.finding import CheckReport, CheckVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How much there is of what."""

    packages: int
    """All that were given, those that could not be read included."""
    unreadable: int
    """How many of them could not be read."""
    findings: Mapping[Severity, int]
    """Worst first; each severity is there."""
    ignored: int
    """How many findings the manifest says to ignore."""
    pycs: int
    """All that were to be compared with their sources."""
    compared: int
    """Those of them with a result that holds."""
    sources: int
    """All that were to be compiled."""
    compiled: int
    """How many of them an interpreter that they are for has tried to compile."""


def exit_status(report: CheckReport) -> int:
    """Return 0 clean, 1 findings at or above `fail_on`, 2 something could not be read or compared.

    A 2 wins over a 1: what was not looked at may be worse than what was found, and no one should take a
    half-done job for a whole one.
    """
    if any(verdict.error for verdict in report.verdicts):
        return 2
    if not report.allow_unchecked and any(is_incomplete(verdict) for verdict in report.verdicts):
        return 2
    found = (finding for verdict in report.verdicts for finding in verdict.findings)
    return int(any(finding.severity.rank >= report.fail_on.rank for finding in found))


def has_changed(report: CheckReport) -> bool:
    """Whether `--fix` changed a file; what it left or only planned changed nothing."""
    unchanged = {RepairResult.LEFT, RepairResult.PLANNED}
    return any(repair.result not in unchanged for verdict in report.verdicts for repair in verdict.repairs)


def is_incomplete(verdict: CheckVerdict) -> bool:
    """Whether something could not be looked at that was asked for."""
    return verdict.coverage is not None and verdict.coverage.is_required and bool(verdict.coverage.gaps)


def summarize(verdicts: Iterable[CheckVerdict]) -> Summary:
    """Count packages and findings."""
    verdicts = tuple(verdicts)
    found = Counter(finding.severity for verdict in verdicts for finding in verdict.findings)
    covered = [verdict.coverage for verdict in verdicts if verdict.coverage is not None]
    return Summary(
        packages=len(verdicts),
        unreadable=sum(bool(verdict.error) for verdict in verdicts),
        findings={severity: found[severity] for severity in reversed(Severity)},
        ignored=sum(len(verdict.ignored) for verdict in verdicts),
        pycs=sum(one.pycs for one in covered),
        compared=sum(one.compared for one in covered),
        sources=sum(one.sources or 0 for one in covered),
        compiled=sum(one.compiled for one in covered if one.sources is not None),
    )
