# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What holds for every format: any name can be written, none is obeyed, and nothing too much is imported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.model.finding import CheckReport, CheckVerdict, Finding, Ignored, Severity
from pkgtools.model.package import Kind
from pkgtools.report.formats import Format, ReportOptions, write
from tests.lab.work import examples
from tests.report.sample import ACME, RULES, SAMPLE, large, report

names = st.text(st.characters(), max_size=8) | st.text(
    st.sampled_from("\x00\x1b\r\n\x85\u2028\udc80\ud800\ufffe\U0001f600<>&'\"[]/:%,`]"), max_size=8
)
findings = st.builds(
    Finding,
    rule=st.sampled_from(RULES),
    severity=st.sampled_from(Severity),
    text=names,
    path=names,
    script=names,
    line=st.none() | st.integers(1, 1 << 40),
    package=names,
    repair=names,
)
verdicts = st.builds(
    CheckVerdict,
    origin=names,
    name=names,
    version=names,
    kind=st.none() | st.sampled_from(Kind),
    findings=st.lists(findings, max_size=3).map(tuple),
    ignored=st.lists(st.builds(Ignored, finding=findings, reason=names), max_size=2).map(tuple),
    error=names,
    notes=st.lists(names, max_size=2).map(tuple),
    counts=st.lists(
        st.tuples(st.sampled_from(["sources", "pycs", "other"]), st.integers(0), st.integers(0)), max_size=3
    ).map(tuple),
)
reports = st.builds(
    CheckReport,
    command=st.sampled_from(["check", "audit"]),
    verdicts=st.lists(verdicts, max_size=3).map(tuple),
    rules=st.just(RULES),
    fail_on=st.sampled_from(Severity),
)


@pytest.mark.parametrize("form", Format)
@settings(max_examples=examples(50))
@given(some=reports, every=st.booleans())
def test_any_name_can_be_written(form: Format, some: CheckReport, every: bool) -> None:
    text = "".join(write(some, form, ReportOptions(every=every)))
    text.encode("utf-8")
    assert [c for c in text if not (c.isprintable() or c == "\n")] == []


@pytest.mark.parametrize("form", Format)
def test_no_package_at_all_is_a_report(form: Format) -> None:
    assert "".join(write(report(), form)).endswith("\n")


@pytest.mark.parametrize("form", [one for one in Format if one is not Format.PROMETHEUS])
def test_order_of_packages_is_that_of_the_report(form: Format) -> None:
    first, second = replace(ACME, name="zzz"), replace(ACME, name="aaa")
    text = "".join(write(report(first, second), form))
    assert text.index("zzz") < text.index("aaa")


@pytest.mark.parametrize(
    ("form", "foreign"),
    [
        (Format.TEXT, {"jinja2", "json"}),
        (Format.JSON, {"jinja2", "rich"}),
        (Format.SARIF, {"jinja2", "rich"}),
        (Format.JUNIT, {"jinja2", "json", "rich"}),
        (Format.GITHUB, {"jinja2", "json", "rich"}),
        (Format.HTML, {"rich"}),
        (Format.PROMETHEUS, {"jinja2", "json", "rich"}),
    ],
    ids=lambda value: value.value if isinstance(value, Format) else "",
)
def test_a_format_pays_for_itself_alone(form: Format, foreign: set[str]) -> None:
    code = (
        "import sys; from pkgtools.report.formats import Format, write; from tests.report.sample import SAMPLE; "
        f"before = set(sys.modules); list(write(SAMPLE, Format({form.value!r}))); print(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert f"pkgtools.report.{form.value}" in done.stdout.split()
    assert loaded & foreign == set()


@pytest.mark.parametrize("form", [Format.JSON, Format.SARIF, Format.HTML, Format.TEXT, Format.JUNIT])
def test_a_large_report_comes_in_pieces(form: Format) -> None:
    pieces = list(write(large(10_000), form))
    assert max(map(len, pieces)) < sum(map(len, pieces)) / 10


def test_sample_has_all_that_reports_have() -> None:
    assert {finding.severity for verdict in SAMPLE.verdicts for finding in verdict.findings} == set(Severity)
    assert any(verdict.error for verdict in SAMPLE.verdicts)
    assert any(verdict.ignored for verdict in SAMPLE.verdicts)
    assert any(verdict.notes for verdict in SAMPLE.verdicts)
