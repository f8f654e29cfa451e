# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pkgtools.model.finding import CheckVerdict, Coverage, Severity
from pkgtools.report.formats import Format, write
from pkgtools.report.totals import exit_status, summarize
from tests.report.sample import ACME, BROKEN, CLEAN, HASH, SAMPLE, finding, gap, report

ONLY_INFO = CheckVerdict(origin="a.deb", name="a", findings=(finding(HASH, "unchecked-hash"),))
PARTLY = replace(CLEAN, coverage=Coverage(is_required=True, pycs=2, compared=1, gaps=(gap(1, "cpython-39"),)))
"""What was asked for could not be compared."""
ASKED_FOR_LESS = replace(CLEAN, coverage=Coverage(is_required=False, pycs=2, compared=1, gaps=(gap(1, "cpython-39"),)))
WHOLLY = replace(CLEAN, coverage=Coverage(is_required=True, pycs=2, compared=2))
ONLY_IGNORED = CheckVerdict(origin="a.deb", name="a", ignored=ACME.ignored)


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
        ((PARTLY,), Severity.DANGER, 2),
        ((ACME, PARTLY), Severity.INFO, 2),
        ((ASKED_FOR_LESS,), Severity.INFO, 0),
        ((WHOLLY,), Severity.INFO, 0),
    ],
    ids="""
        nothing clean at below danger one-of-two ignored unreadable unreadable-wins uncompared uncompared-wins
        not-asked compared
    """.split(),
)
def test_exit_status(verdicts: tuple[CheckVerdict, ...], fail_on: Severity, status: int) -> None:
    assert exit_status(report(*verdicts, fail_on=fail_on)) == status


def test_what_could_not_be_compared_can_be_allowed() -> None:
    assert exit_status(replace(report(PARTLY), allow_unchecked=True)) == 0
    assert exit_status(replace(report(PARTLY, ACME), allow_unchecked=True)) == 1
    assert exit_status(replace(report(PARTLY, BROKEN), allow_unchecked=True)) == 2


@pytest.mark.parametrize("form", [one for one in Format if one is not Format.PROMETHEUS], ids=lambda form: form.value)
@pytest.mark.parametrize("verdict", [PARTLY, ASKED_FOR_LESS], ids=["asked", "not-asked"])
def test_every_format_says_how_much_was_compared_and_what_to_do(form: Format, verdict: CheckVerdict) -> None:
    text = "".join(write(report(verdict), form))
    assert re.search(r"""compared 1 of 2 pycs|"pycs": \{\s*"total": 2,\s*"compared": 1""", text, re.IGNORECASE)
    assert "cpython-39" in text
    assert "name one" in text


def test_summary_counts_worst_first() -> None:
    summary = summarize(SAMPLE.verdicts)
    assert (summary.packages, summary.unreadable, summary.ignored) == (4, 1, 2)
    assert list(summary.findings.items()) == [
        (Severity.DANGER, 1),
        (Severity.ERROR, 8),
        (Severity.WARNING, 8),
        (Severity.INFO, 1),
    ]
