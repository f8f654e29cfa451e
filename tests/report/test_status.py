# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import pytest

from pkgtools.model.finding import Severity, Verdict
from pkgtools.report.status import exit_status, summarize
from tests.report.sample import ACME, BROKEN, CLEAN, HASH, SAMPLE, finding, report

ONLY_INFO = Verdict(origin="a.deb", name="a", findings=(finding(HASH, "unchecked-hash"),))
ONLY_IGNORED = Verdict(origin="a.deb", name="a", ignored=ACME.ignored)


@pytest.mark.parametrize(
    ("verdicts", "fail_on", "status"),
    [
        ((), Severity.INFO, 0),
        ((CLEAN,), Severity.INFO, 0),
        ((ONLY_INFO,), Severity.INFO, 1),
        ((ONLY_INFO,), Severity.WARNING, 0),
        ((ACME,), Severity.DANGER, 1),
        ((CLEAN, ACME), Severity.ERROR, 1),
        ((ONLY_IGNORED,), Severity.INFO, 0),
        ((BROKEN,), Severity.DANGER, 2),
        ((ACME, BROKEN), Severity.INFO, 2),
    ],
    ids=["nothing", "clean", "at", "below", "danger", "one-of-two", "ignored", "unreadable", "unreadable-wins"],
)
def test_exit_status(verdicts: tuple[Verdict, ...], fail_on: Severity, status: int) -> None:
    assert exit_status(report(*verdicts, fail_on=fail_on)) == status


def test_summary_counts_worst_first() -> None:
    summary = summarize(SAMPLE.verdicts)
    assert (summary.packages, summary.unreadable, summary.ignored) == (4, 1, 2)
    assert list(summary.findings.items()) == [
        (Severity.DANGER, 1),
        (Severity.ERROR, 8),
        (Severity.WARNING, 8),
        (Severity.INFO, 1),
    ]
