# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what a report comes to, which no format changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.model.finding import Report, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How much there is of what."""

    packages: int
    """All that were given, those that could not be read included."""
    unreadable: int
    findings: Mapping[Severity, int]
    """Worst first; each severity is there."""
    ignored: int


def exit_status(report: Report) -> int:
    """Return 0 clean, 1 findings at or above `fail_on`, 2 something could not be read.

    A 2 wins over a 1: what was not looked at may be worse than what was found, and nobody should take a
    half-done job for a whole one.
    """
    if any(verdict.error for verdict in report.verdicts):
        return 2
    found = (finding for verdict in report.verdicts for finding in verdict.findings)
    return int(any(finding.severity.rank >= report.fail_on.rank for finding in found))


def summarize(verdicts: Iterable[Verdict]) -> Summary:
    """Count packages and findings."""
    verdicts = tuple(verdicts)
    found = Counter(finding.severity for verdict in verdicts for finding in verdict.findings)
    return Summary(
        packages=len(verdicts),
        unreadable=sum(bool(verdict.error) for verdict in verdicts),
        findings={severity: found[severity] for severity in reversed(Severity)},
        ignored=sum(len(verdict.ignored) for verdict in verdicts),
    )
