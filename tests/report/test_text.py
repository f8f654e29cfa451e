# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

from __future__ import annotations

import re

import pytest

from pkgtools.model.finding import CheckVerdict, Severity
from pkgtools.report.formats import Format, ReportOptions, write
from pkgtools.report.text import FEW, one_line
from tests.report.sample import ACME, AUDIT, BROKEN, CLEAN, HASH, HOSTILE_ONE, SAMPLE, SHIPPED, finding, pycs, report


def text_of(*verdicts: CheckVerdict, look: ReportOptions | None = None) -> list[str]:
    return "".join(write(report(*verdicts), Format.TEXT, look)).splitlines()


def test_worst_comes_first() -> None:
    words = re.findall(r"^  . (danger|error|warning|info) ", "\n".join(text_of(ACME)), re.MULTILINE)
    assert words == ["danger", "error", "error", "warning", "warning", "info"]


def test_few_places_of_a_rule_are_listed() -> None:
    lines = text_of(CheckVerdict(origin="a", name="a", findings=pycs(345)))
    assert [line for line in lines if ".pyc: " in line] == [line for line in lines if re.search(r"/m000[0-4]\.", line)]
    assert f"      and {345 - FEW} more" in lines


def test_every_place_is_listed_on_demand() -> None:
    lines = text_of(CheckVerdict(origin="a", name="a", findings=pycs(345)), look=ReportOptions(every=True))
    assert sum(".pyc: " in line for line in lines) == 345
    assert [line for line in lines if "more" in line] == []


def test_repairs_are_said_once() -> None:
    many = tuple(finding(SHIPPED, "x", f"/{number}", repair="pkgtools-clean a") for number in range(3))
    assert [line for line in text_of(CheckVerdict(origin="a", name="a", findings=many)) if "repair" in line] == [
        "      repair: pkgtools-clean a"
    ]


def test_no_line_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    path = "/usr/" + "long name/" * 100 + "x.py"
    for look in (ReportOptions(), ReportOptions(terminal=True)):
        lines = text_of(CheckVerdict(origin="a", name="a", findings=(finding(HASH, "t", path),)), look=look)
        assert any(path in line for line in lines)


def test_no_colour_but_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" not in "\n".join(text_of(ACME))
    assert "\x1b[1;31m✗ error" in "\n".join(text_of(ACME, look=ReportOptions(terminal=True)))


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    codes = set(re.findall(r"\x1b\[([\d;]*)m", "\n".join(text_of(ACME, look=ReportOptions(terminal=True)))))
    assert codes <= {"", "0", "1", "2"}  # bold and dim alone


def test_colour_changes_no_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    plain, coloured = (text_of(*SAMPLE.verdicts, look=ReportOptions(terminal=terminal)) for terminal in (False, True))
    assert [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured] == plain


def test_markup_in_names_is_text() -> None:
    lines = text_of(HOSTILE_ONE, look=ReportOptions(every=True))
    assert any(r"/[red]bold[/red] \x1b[31mx\x07\n::error::owned.py:1: " in line for line in lines)


def test_clean_packages_are_not_listed() -> None:
    assert text_of(CLEAN) == ["1 package: no findings"]


@pytest.mark.parametrize(
    ("verdicts", "summary"),
    [
        ([BROKEN], "1 package, 1 could not be read"),
        ([BROKEN, CLEAN], "2 packages, 1 could not be read"),
        ([BROKEN, CheckVerdict(origin="a", findings=(finding(HASH, "t"),))], "2 packages, 1 could not be read: 1 info"),
    ],
)
def test_nothing_is_said_to_be_clean_that_could_not_be_read(verdicts: list[CheckVerdict], summary: str) -> None:
    assert summary in text_of(*verdicts)
    last = "".join(write(report(*verdicts), Format.GITHUB)).splitlines()[-1]
    assert last == summary.replace(", 1 could not be read", "") + "; 0 ignored; 1 could not be read"


def test_a_system_is_no_package() -> None:
    lines = "".join(write(AUDIT, Format.TEXT)).splitlines()
    assert "1 system: 1 error, 1 info; compared 9,000 of 9,000 pycs" in lines
    assert any(line.endswith("b.cpython-311.pyc (python3-b): unchecked-hash") for line in lines)


def test_findings_below_the_limit_are_said_to_be() -> None:
    some = CheckVerdict(origin="a", name="a", findings=(finding(HASH, "t"),))
    assert text_of(some)[-1] == "Nothing of it is at or above error (--fail-on)."


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        (CLEAN, "ok  clean"),
        (HOSTILE_ONE, "6 errors  b&d 0:1~rc1-1: source-does-not-compile"),
        (
            CheckVerdict(origin="a", name="a", version="1\x1b", findings=(finding(SHIPPED, "x"), finding(HASH, "y"))),
            r"1 warning, 1 info  a 1\x1b: pyc-in-payload, unchecked-hash",
        ),
        (BROKEN, f"unreadable  build/torn.deb: {BROKEN.error}"),
    ],
    ids=["clean", "findings", "several", "unreadable"],
)
def test_one_line(verdict: CheckVerdict, line: str) -> None:
    assert one_line(verdict) == line


def test_severity_is_a_word_and_a_shape() -> None:
    heads = {line.split()[0]: line.split()[1] for line in text_of(ACME) if line.startswith("  ") and line[2] in "◆✗▲•"}
    assert sorted(heads.values()) == sorted(severity.value for severity in Severity)
