# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The page in headless Chromium: its script runs, no other one does, and the console stays silent."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

import pytest

from pkgtools.report.formats import Format, write
from pkgtools.report.wording import visible
from tests.lab.browser import Browser
from tests.lab.needs import need_tools
from tests.report.sample import AUDIT, HOSTILE, SAMPLE, large

pytestmark = [pytest.mark.slow, pytest.mark.system]


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    need_tools(["chromium"], root=False)
    return Browser(tmp_path)


def rows(document: str, *, hidden: bool = False) -> list[list[str]]:
    """Return the cells of the findings that are shown, or of all."""
    body = re.search(r'<table class="found.*?<tbody>(.*?)</tbody>', document, re.DOTALL)
    assert body is not None
    found = re.findall(r"<tr([^>]*)>(.*?)</tr>", body[1], re.DOTALL)
    return [
        [html.unescape(re.sub(r"<[^>]*>", "", cell)) for cell in re.findall(r"<td.*?>(.*?)</td>", row)]
        for attributes, row in found
        if hidden or "hidden" not in attributes
    ]


def test_the_script_runs_and_no_other_does(browser: Browser) -> None:
    document = browser.load(SAMPLE)
    assert re.search(r'<html[^>]* data-ready="yes"', document)
    assert "<title>4 packages - pkgtools check</title>" in document
    assert document.count("<script") == 1
    assert document.count("<img") == 0
    assert '<form id="tools">' in document
    assert len(rows(document)) == 18
    assert {f"{visible(name)}:1" for name in HOSTILE} <= {row[3] for row in rows(document)}


@pytest.mark.parametrize(
    "foreign",
    [
        "<script>document.title = 'owned'</script>",
        '<b onclick="x" id="b">b</b><img src="x.png" onerror="document.title=1">',
    ],
    ids=["script", "attribute"],
)
def test_what_is_not_ours_is_kept_from_running(browser: Browser, foreign: str) -> None:
    """Even if something came into the page; and the console says so, which is what other tests rely on."""
    text = "".join(write(SAMPLE, Format.HTML)).replace("</main>", f"{foreign}</main>")
    document, console = browser.visit(text)
    assert "<title>4 packages - pkgtools check</title>" in document
    assert any("Content Security Policy" in line for line in console)


@pytest.mark.parametrize(
    ("state", "column", "down"),
    [("#sort=where", 3, False), ("#sort=where&down=1", 3, True), ("#sort=rule", 1, False)],
    ids=["where", "where-down", "rule"],
)
def test_the_address_sorts(browser: Browser, state: str, column: int, down: bool) -> None:
    document = browser.load(SAMPLE, state)
    values = [
        row[column]
        for row in rows(document)
        if row[column].replace("/", "").replace("-", "").replace(".", "").isalnum()
    ]
    assert values == sorted(values, key=lambda value: value.replace("_", " "), reverse=down)
    direction = "descending" if down else "ascending"
    assert re.findall(r'aria-sort="(\w+)"', document) == [direction]


def test_the_address_filters(browser: Browser) -> None:
    document = browser.load(SAMPLE, "#severity=error&package=acme&q=OLD.py")
    assert [row[:4] for row in rows(document)] == [
        ["✗ error", "source-does-not-compile", "acme", "/usr/share/acme/old.py:3"]
    ]
    assert len(rows(document, hidden=True)) == 18


def test_an_address_that_says_nonsense_filters_nothing(browser: Browser) -> None:
    document = browser.load(SAMPLE, "#rule=%3Cimg%20src=x%20onerror=alert(1)%3E&sort=__proto__&package=nosuch")
    assert len(rows(document)) == 18


def test_a_link_to_a_rule_opens_its_page(browser: Browser) -> None:
    document = browser.load(SAMPLE, "#rule-world-writable-source")
    assert re.findall(r'<details class="(\w+)" open="">', document) == ["danger"]


def test_a_package_in_the_list_shows_its_findings(browser: Browser) -> None:
    """The script follows the link as a click does."""
    page = "".join(write(large(1_000), Format.HTML))
    click = "document.querySelector('[data-package=p042]').click()"
    digest = base64.b64encode(hashlib.sha256(click.encode()).digest()).decode()
    page = page.replace("script-src '", f"script-src 'sha256-{digest}' '")
    document, console = browser.visit(page.replace("</body>", f"<script>{click}</script></body>"))
    assert console == []
    assert {row[2] for row in rows(document)} == {"p042"}
    assert len(rows(document)) == 10


def test_a_link_to_a_package_unfolds_the_list(browser: Browser) -> None:
    document = browser.load(large(1_000), "#package-77")
    assert re.search(r'<section id="packages">.*?<details open="">', document, re.DOTALL)


def test_a_system_without_many_packages(browser: Browser) -> None:
    assert [row[2] for row in rows(browser.load(AUDIT))] == ["/", "python3-b"]


def test_ten_thousand_findings_are_filtered(browser: Browser) -> None:
    document = browser.load(large(10_000), "#q=m0099&sort=package&down=1")
    assert [row[2] for row in rows(document)] == [f"p{number:03}" for number in range(99, -1, -1)]
