# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is told: JSON that any reader takes, one safe line an outcome, and the exit status."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime.complaints import line
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.report import Report, to_json
from tests.runtime.sandbox import APP, Sandbox, pyc_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(codec=None) | st.sampled_from('\udc80\udcff"\\\n\x7f\u2028\U0001f40d'))
VALUES = st.recursive(SCALARS | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)


@given(value=VALUES)
def test_json_is_read_back_as_it_was(value: object) -> None:
    text = to_json(value)
    assert text.isascii()
    assert _same(json.loads(text), value)


def _same(read: object, value: object) -> bool:
    if isinstance(value, float) and isinstance(read, (int, float)):
        return math.isclose(read, value, rel_tol=0, abs_tol=0)
    if isinstance(value, list):
        return isinstance(read, list) and len(read) == len(value) and all(map(_same, read, value))
    if isinstance(value, dict):
        return isinstance(read, dict) and read.keys() == value.keys() and all(_same(read[k], value[k]) for k in value)
    if isinstance(value, str):
        return isinstance(read, str) and read.encode("utf-16", "surrogatepass") == value.encode(
            "utf-16", "surrogatepass"
        )
    return type(read) is type(value) and read == value


@given(name=st.text(st.characters(exclude_characters="\0/", codec=None), min_size=1), detail=TEXTS)
def test_outcome_is_one_line_without_control_characters(name: str, detail: str) -> None:
    text = line(Outcome(Status.FAILED, Reason.SYNTAX_ERROR, InstalledPath(f"/opt/{name}"), detail=detail))
    assert [c for c in text if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029"] == []


def _report(*pairs: tuple[Status, Reason]) -> Report:
    report = Report("compile")
    for number, (status, reason) in enumerate(pairs):
        report.add(Outcome(status, reason, InstalledPath(f"/opt/{number}.py")))
    return report


HARMLESS = set(Status) - {Status.FAILED, Status.ERROR, Status.REFUSED}


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
@pytest.mark.parametrize("status", list(Status), ids=lambda s: s.value)
def test_t5_exit_status_of_each_outcome(status: Status, strict: bool) -> None:
    expected = 0 if status in HARMLESS else int(strict) if status is Status.FAILED else 2
    report = _report((Status.COMPILED, Reason.MISSING), (status, Reason.IO_ERROR))
    assert report.exit_code(strict=strict) == expected


def test_exit_status_of_nothing_is_0() -> None:
    assert _report().exit_code(strict=True) == 0


LOUD = [Reason.NOT_A_REGULAR_FILE, Reason.NO_INTERPRETER, Reason.BROKEN_INTERPRETER, Reason.BAD_DROP_IN]


@pytest.mark.parametrize("reason", [*LOUD, Reason.SOURCE_CHANGED, Reason.NAME_TOO_LONG], ids=lambda r: r.value)
def test_t5_skip_that_somebody_should_look_at_is_said(reason: Reason) -> None:
    assert len(_report((Status.SKIPPED, reason)).complaints()) == 1


def test_summary_counts_by_status() -> None:
    report = _report(
        (Status.COMPILED, Reason.MISSING), (Status.COMPILED, Reason.FORCED), (Status.KEPT, Reason.PACKAGED)
    )
    report.add_fresh(5)
    assert report.summary() == {"compiled": 2, "fresh": 5, "kept": 1}


SCHEMA = {"version", "command", "dry_run", "exit", "seconds", "summary", "outcomes"}
OUTCOME = {"status", "reason", "path", "source", "interpreter", "level", "mode", "detail"}


def test_report_has_the_fields_of_version_1(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    ran = sandbox.compile("--json", "-", APP)
    report = json.loads(ran.output)
    assert report.keys() == SCHEMA
    assert (report["version"], report["command"], report["exit"], report["dry_run"]) == (1, "compile", 0, False)
    assert report["summary"] == {"compiled": 1}
    assert [one.keys() for one in report["outcomes"]] == [OUTCOME]
    one = report["outcomes"][0]
    assert (one["path"], one["source"], one["mode"], one["level"]) == (pyc_of(source), source, "0644", 0)


def test_reasons_and_statuses_are_words_of_the_interface() -> None:
    codes = [member.value for kind in (Status, Reason) for member in kind]
    assert [code for code in codes if not code.replace("-", "").isalpha() or code != code.lower()] == []
    assert len({reason.value for reason in Reason}) == len(list(Reason))


VERBOSITY = [((), False, True), (("-q",), False, False), (("-v",), True, None)]


@pytest.mark.parametrize(("options", "speaks", "complains"), VERBOSITY, ids=["plain", "quiet", "verbose"])
def test_success_is_silent_and_talk_goes_to_standard_error(
    options: tuple[str, ...], speaks: bool, complains: bool | None, sandbox: Sandbox
) -> None:
    sandbox.write(f"{APP}/m.py")
    ran = sandbox.compile(*options, APP)
    assert (bool(ran.output), ran.talk) == (speaks, "")
    sandbox.write(f"{APP}/bad.py", "print 1\n")
    ran = sandbox.compile(*options, APP)
    assert bool(ran.output) is speaks
    if complains is not None:
        assert bool(ran.talk) is complains


def test_report_that_cannot_be_written_ends_with_2(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    ran = sandbox.compile("--json", "/nonexistent/report", APP)
    assert (ran.status, ran.talk.count("\n"), sandbox.exists(pyc_of(source))) == (2, 1, True)
