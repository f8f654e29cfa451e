# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The numbers of a run: what became of its packages, how many findings there are, and what that comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity

from .package_done import PackageOutcome

if TYPE_CHECKING:
    from .listed import ListedPackage
    from .store import Run, Store

_MOST_LEFT = 20
"""Packages that could not be done and are named in a report; the store has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTally:
    """The numbers of a run."""

    run: Run
    """The run as it stands in the store."""
    outcomes: tuple[tuple[PackageOutcome, int], ...]
    """How many packages had each outcome."""
    undone: int
    """Packages that no process was at yet."""
    findings: tuple[tuple[Severity, int], ...]
    """The worst first."""
    rules: tuple[tuple[str, int, int], ...]
    """Id of a rule, its findings, and the packages that have some; the most packages first."""
    pycs: int
    """All pycs that could be compared with a source."""
    compared: int
    """Those of them that were compared."""
    left: tuple[tuple[ListedPackage, str], ...]
    """Packages that could not be read or fetched, and why: the first of them."""
    status: int
    """Exit status: 2 where a package could not be done, or not all could be compared that `verify` asks for.

    Else 1 for findings at or above a severity, or 0.
    """

    @property
    def failed(self) -> int:
        """How many packages could not be done."""
        return self.undone + sum(number for outcome, number in self.outcomes if outcome is not PackageOutcome.CHECKED)


def tally_of(store: Store, run: Run, fail_on: Severity) -> RunTally:
    """Count what is in a store for a run."""
    outcomes: Counter[PackageOutcome] = Counter()
    severities: Counter[Severity] = Counter()
    rules: Counter[str] = Counter()
    packages: Counter[str] = Counter()
    pycs = compared = undone = unchecked = 0
    left: list[tuple[ListedPackage, str]] = []
    for one in store.kept(run):
        done = one.done
        if done is None:
            undone += 1
            continue
        outcomes[done.outcome] += 1
        if done.outcome is not PackageOutcome.CHECKED and len(left) < _MOST_LEFT:
            left.append((one.package, done.reason))
        pycs, compared = pycs + done.counts[0], compared + done.counts[1]
        unchecked += done.counts[0] - done.counts[1] + done.counts[2] - done.counts[3]
        severities.update(Severity(finding["severity"]) for finding in done.findings)
        rules.update(finding["rule"] for finding in done.findings)
        packages.update({finding["rule"] for finding in done.findings})
    is_whole = not undone and not any(
        number for outcome, number in outcomes.items() if outcome is not PackageOutcome.CHECKED
    )
    is_whole = is_whole and not (run.key.job == "verify" and unchecked)
    has_failed = any(severity.rank >= fail_on.rank for severity in severities)
    ranked = sorted(packages.items(), key=lambda row: (-row[1], row[0]))
    return RunTally(
        run=run,
        outcomes=tuple((outcome, outcomes[outcome]) for outcome in PackageOutcome if outcomes[outcome]),
        undone=undone,
        findings=tuple((one, severities[one]) for one in reversed(Severity)),
        rules=tuple((rule, rules[rule], number) for rule, number in ranked),
        pycs=pycs,
        compared=compared,
        left=tuple(left),
        status=2 if not is_whole else int(has_failed),
    )
