# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.model.finding import CheckReport, CheckVerdict, Finding, Severity
from pkgtools.report.formats import Format, write
from pkgtools.report.wording import visible
from tests.lab.work import examples
from tests.report.sample import ACME, BROKEN, HASH, HOSTILE, HOSTILE_ONE, SAMPLE, finding, report
from tests.report.test_formats import reports

Command = tuple[str, dict[str, str], str]


def commands(some: CheckReport) -> list[Command]:
    """Read as the runner does: a command is a line; properties are split at `,` and `=`, and then unescaped."""
    found = []
    for line in "".join(write(some, Format.GITHUB)).splitlines():
        if match := re.fullmatch(r"::([a-z-]+)(?: (.*?))?::(.*)", line):
            pairs = (pair.partition("=") for pair in (match[2] or "").split(","))
            found.append((match[1], {key: unescaped(value) for key, _, value in pairs}, unescaped(match[3])))
    return found


def unescaped(text: str) -> str:
    signs = {"%3A": ":", "%2C": ",", "%0D": "\r", "%0A": "\n", "%25": "%"}
    return re.sub("%3A|%2C|%0D|%0A|%25", lambda match: signs[match[0]], text)


def test_the_worst_come_first() -> None:
    """Only the first ten of a step are shown."""
    assert [command for command, _, _ in commands(SAMPLE)] == ["error"] * 10 + ["warning"] * 8 + ["notice"] * 2


def test_names_come_back() -> None:
    properties = [one for _, one, _ in commands(report(HOSTILE_ONE))]
    assert [one["file"] for one in properties] == [f"{visible(HOSTILE_ONE.origin)}!{visible(name)}" for name in HOSTILE]
    assert {one["line"] for one in properties} == {"1"}


@pytest.mark.parametrize("sign", ["%", ":", ",", "::", "%0A", "%25", "=", "100%3A"])
def test_signs_of_the_runner_are_text(sign: str) -> None:
    ((command, properties, message),) = commands(
        report(CheckVerdict(origin=sign, findings=(finding(HASH, sign, sign),)))
    )
    assert command == "notice"
    assert properties == {"file": f"{sign}!/{sign}", "title": f"{HASH.id}: {HASH.title}"}
    assert message == f"{sign} {sign}: {sign}"


def test_unreadable_packages_are_errors() -> None:
    assert commands(report(BROKEN)) == [
        (
            "error",
            {"file": "build/torn.deb", "title": "pkgtools: could not be read"},
            f"build/torn.deb could not be read: {BROKEN.error}",
        )
    ]


def test_the_repair_is_a_line_of_the_message() -> None:
    assert commands(report(ACME))[0][2].splitlines()[1:] == ["Repair: chmod 0644 /usr/share/acme/plugins/loader.py"]


@settings(max_examples=examples(100))
@given(some=reports)
def test_no_name_makes_a_command(some: CheckReport) -> None:
    expected = sum(bool(verdict.error) + len(verdict.findings) for verdict in some.verdicts)
    text = "".join(write(some, Format.GITHUB))
    assert len(commands(some)) == expected
    assert len(text.splitlines()) == expected + 1  # the summary


@given(path=st.text(min_size=1), severity=st.sampled_from(Severity))
def test_any_file_is_the_one_property(path: str, severity: Severity) -> None:
    one = Finding(rule=HASH, severity=severity, text="t", path=path)
    ((_, properties, _),) = commands(report(CheckVerdict(origin="o", findings=(one,))))
    assert properties.keys() == {"file", "title"}
