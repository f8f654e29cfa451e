# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Reports of `pkgtools try`: every format has what was seen, and nothing that a package says writes to a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from pkgtools.model.finding import Severity
from pkgtools.model.trial import (
    ImportTrial,
    LifeStep,
    PycChange,
    StepResult,
    StepStatus,
    Trial,
    TrialFault,
    TrialReport,
)
from pkgtools.report.trial_json import trial_status, write_trials
from pkgtools.report.trial_junit import write_cases
from pkgtools.report.trial_page import write_page
from pkgtools.report.trial_text import summary_of, trial_lines
from pkgtools.runtime.errors import EnvironmentFault
from pkgtools.trial.wire import from_line, to_line

HOSTILE = "\x1b]0;evil\x07<script>alert(1)</script>\u202e\udcff&\n"
PYC = "/usr/lib/python3/dist-packages/a/__pycache__/m.cpython-311.pyc"
INSTALL = StepResult(
    step=LifeStep.INSTALL,
    status=StepStatus.FAILED,
    seconds=0.25,
    bytes_used=2048,
    pyc_files=1,
    pyc_bytes=100,
    changes=(PycChange(change="new", path=PYC, by="scripts", mode="0600", owner="0:0", mtime=1),),
    imports=(
        ImportTrial(module="a", error="", has_cache=True, from_cache=True, seconds=0.01, seconds_without=0.05),
        ImportTrial(module="a.m", error=HOSTILE, has_cache=False, from_cache=False, seconds=0, seconds_without=0),
    ),
    faults=(
        TrialFault(check="wrong-cache-mode", severity=Severity.ERROR, text=HOSTILE, path=PYC + HOSTILE),
        TrialFault(check="warned", severity=Severity.WARNING, text="a warning"),
    ),
    output=HOSTILE,
)
SKIPPED = StepResult(step=LifeStep.UPGRADE, status=StepStatus.SKIPPED, reason="--with names no old version")
PURGE = StepResult(step=LifeStep.PURGE, status=StepStatus.PASSED)
LIFE = Trial(origin="a.deb", name="a" + HOSTILE, version="1", notes=(HOSTILE,), steps=(INSTALL, SKIPPED, PURGE))
LOST = Trial(origin="b.deb" + HOSTILE, error="no root: " + HOSTILE)
REPORT = TrialReport(trials=(LIFE, LOST), fail_on=Severity.ERROR)


def texts() -> dict[str, str]:
    lines = [line for trial in REPORT.trials for line in trial_lines(trial)]
    return {
        "text": "".join([*lines, summary_of(REPORT)]),
        "json": "".join(write_trials(REPORT)),
        "junit": "".join(write_cases(REPORT)),
        "html": "".join(write_page(REPORT)),
    }


@pytest.mark.parametrize("form", ["text", "json", "junit", "html"])
def test_what_packages_say_is_escaped(form: str) -> None:
    text = texts()[form]
    assert text.encode("utf-8")
    assert [one for one in text if not one.isprintable() and one != "\n"] == []
    assert "<script>" not in text or form in {"text", "json"}
    assert "evil" in text


def test_text_has_a_line_for_each_step() -> None:
    lines = texts()["text"].splitlines()
    (install,) = (line for line in lines if " 1. install " in line)
    assert install.startswith("✗")
    assert "1 pyc, 1 new by scripts, imports 1/2, 10 ms (50 without)" in install
    assert "-  2. upgrade             skipped: --with names no old version" in lines
    assert lines[-1] == "2 packages, 2 steps played, 1 skipped, 2 faults, 1 could not be tried"


def test_text_lists_five_faults_of_a_step_unless_all_are_asked_for() -> None:
    many = replace(INSTALL, faults=tuple(replace(INSTALL.faults[1], text=str(number)) for number in range(7)))
    life = replace(LIFE, steps=(many,))
    assert "      and 2 more (--all lists them)\n" in list(trial_lines(life))
    assert sum("warned" in line for line in trial_lines(life, every=True)) == 7


def test_junit_is_a_suite_a_package_and_a_case_a_step() -> None:
    suites = list(ET.fromstring(texts()["junit"]))
    counts = [tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped")) for suite in suites]
    assert counts == [("3", "1", "0", "1"), ("1", "0", "1", "0")]
    cases = suites[0].findall("testcase")
    assert [case.get("name") for case in cases] == ["install", "upgrade", "purge"]
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "1 fault"


def test_page_is_a_table_of_steps_by_checks_that_runs_no_script() -> None:
    page = texts()["html"]
    assert page.count('<tr class="') == 3
    assert 'class="n check">wrong-cache-mode</th>' in page
    assert "script-src" not in page
    assert "default-src 'none'; style-src 'sha256-" in page
    assert '<rect class="time" width="100.0" height="8">' in page


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (TrialReport(trials=(replace(LIFE, steps=(PURGE, SKIPPED)),), fail_on=Severity.ERROR), 0),
        (TrialReport(trials=(LIFE,), fail_on=Severity.ERROR), 1),
        (TrialReport(trials=(LIFE,), fail_on=Severity.ERROR, asked=(LifeStep.UPGRADE,)), 2),
        (REPORT, 2),
    ],
    ids=["clean", "fault", "asked and skipped", "not tried"],
)
def test_exit_status(report: TrialReport, status: int) -> None:
    assert trial_status(report) == status
    assert json.loads("".join(write_trials(report)))["exit"] == status


@pytest.mark.parametrize("line", [b"", b"1", b"[]", b"{}", b'{"step": "x"}', b"[" * 9999, b"\xff"])
def test_what_else_the_enclosed_process_says_is_refused(line: bytes) -> None:
    with pytest.raises(EnvironmentFault, match="no report that can be read"):
        from_line(line)


@pytest.mark.parametrize("said", [INSTALL, SKIPPED, "a note\n" + HOSTILE], ids=["install", "skipped", "note"])
def test_what_the_enclosed_process_says_is_one_line_and_comes_back(said: StepResult | str) -> None:
    line = to_line(said)
    assert (line.count(b"\n"), line[-1:]) == (1, b"\n")
    assert from_line(line) == said
