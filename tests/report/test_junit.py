# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from pkgtools.model.finding import CheckReport, Severity
from pkgtools.report.formats import Format, write
from tests.lab.needs import need_tools
from tests.lab.work import examples
from tests.report.sample import ACME, AUDIT, BROKEN, CLEAN, HASH, HOSTILE_ONE, RULES, SAMPLE, SYNTAX, report
from tests.report.schemas import JUNIT, fetch_schema
from tests.report.test_formats import reports

Element = ET.Element


def parsed(some: CheckReport) -> Element:
    return ET.fromstring("".join(write(some, Format.JUNIT)))


def cases(some: CheckReport, element: str) -> list[tuple[str, str]]:
    return [
        (case.get("classname", ""), case.get("name", ""))
        for case in parsed(some).iter("testcase")
        if case.find(element) is not None
    ]


@pytest.mark.slow
@pytest.mark.parametrize("some", [SAMPLE, AUDIT, report()], ids=["check", "audit", "nothing"])
def test_reports_fit_the_schema_of_jenkins(some: CheckReport, tmp_path: Path) -> None:
    need_tools(["xmllint"], root=False)
    document = tmp_path / "report.xml"
    document.write_text("".join(write(some, Format.JUNIT)), "utf-8")
    argv = ["xmllint", "--nonet", "--noout", "--schema", str(fetch_schema(JUNIT)), str(document)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, f"{document} validates\n")


@settings(max_examples=examples(100))
@given(some=reports)
def test_every_report_is_xml(some: CheckReport) -> None:
    assert [suite.tag for suite in parsed(some)] == ["testsuite"] * len(some.verdicts)


def test_a_package_is_a_suite_and_a_rule_a_case() -> None:
    suites = parsed(report(ACME, CLEAN)).findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["acme 1.4-2", "clean"]
    for suite, last in zip(suites, (["compared"], []), strict=True):
        assert [case.get("name") for case in suite.findall("testcase")] == [*(rule.id for rule in RULES), *last]


@pytest.mark.parametrize("fail_on", Severity)
def test_a_case_fails_from_the_limit_on(fail_on: Severity) -> None:
    expected = {one.rule.id for one in ACME.findings if one.severity.rank >= fail_on.rank}
    assert {name for _, name in cases(report(ACME, fail_on=fail_on), "failure")} == expected


def test_findings_below_the_limit_are_output() -> None:
    case = next(one for one in parsed(report(ACME)).iter("testcase") if one.get("name") == HASH.id)
    assert [(one.tag, one.text) for one in case] == [
        ("system-out", "info: /usr/share/acme/__pycache__/core.cpython-311.pyc: unchecked-hash")
    ]


def test_what_is_ignored_alone_is_skipped() -> None:
    assert cases(report(HOSTILE_ONE), "skipped") == [("b&d", HASH.id)]
    assert cases(report(ACME), "skipped") == []  # it fails as well


def test_unreadable_packages_are_errors() -> None:
    assert cases(SAMPLE, "error") == [("build/torn.deb", "readable")]


def test_suites_count_their_cases() -> None:
    elements = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    for suite in parsed(SAMPLE):
        inside = suite.findall("testcase")
        assert suite.get("tests") == str(len(inside))
        for attribute, element in elements.items():
            assert suite.get(attribute) == str(sum(case.find(element) is not None for case in inside))


def test_no_character_is_outside_of_xml() -> None:
    failure = parsed(report(HOSTILE_ONE)).find("testsuite/testcase/failure")
    assert failure is not None
    assert failure.get("type") == SYNTAX.id
    assert (
        (failure.text or "")
        .splitlines()[1]
        .startswith(r"error: /usr/share/acme/[red]bold[/red] \x1b[31mx\x07\n::error")
    )
    assert BROKEN.error in "".join(write(SAMPLE, Format.JUNIT))
