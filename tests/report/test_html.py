# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The page without a browser: what is in it, that nothing in it comes from a name, that it needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pkgtools.model.finding import CheckReport, Severity
from pkgtools.model.own_files import templates_root
from pkgtools.report.formats import Format, write
from pkgtools.report.wording import place, visible
from tests.lab.work import calls
from tests.report.sample import ACME, AUDIT, CLEAN, HOSTILE, RULES, SAMPLE, large, report

ELEMENTS = frozenset(
    """a b body code dd details div dl dt fieldset footer form h1 h2 h4 head header html input label legend li link main
    meta option output p pre rect script section select span style summary svg table tbody td th thead title tr ul
    """.split()
)
VOID = frozenset({"input", "link", "meta"})


class Page(HTMLParser):
    """Keeps what a browser would make of it, as far as tests ask."""

    def __init__(self, some: CheckReport | str) -> None:
        super().__init__()
        self.source = some if isinstance(some, str) else "".join(write(some, Format.HTML))
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.cells: list[str] = []
        self.inside: dict[str, str] = {}
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.inside[self.open[-1]] = self.inside.get(self.open[-1], "") + data
        if "td" in self.open:
            self.cells[-1] += data

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


REPORTS = {"check": SAMPLE, "audit": AUDIT, "one": report(ACME), "clean": report(CLEAN), "nothing": report()}


@pytest.fixture(params=REPORTS, ids=str)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(REPORTS[request.param])


def test_elements_are_ours_and_closed(page: Page) -> None:
    assert {tag for tag, _ in page.elements} <= ELEMENTS
    assert page.open == []
    assert [tag for tag, _ in page.elements if tag in {"script", "style"}] == ["style", "script"]


def test_nothing_comes_from_elsewhere(page: Page) -> None:
    assert page.attributes("src") == []
    assert [one for one in page.attributes("href") if not re.match(r"#(rule|package|of)-", one)] == ["data:,"]
    assert re.findall(r"url\(|@import|fetch\(|XMLHttp|import\(", page.source) == []


def test_nothing_runs_from_attributes(page: Page) -> None:
    names = {name for _, attributes in page.elements for name in attributes}
    assert {name for name in names if name.startswith("on") or name == "style"} == set()


def test_the_policy_lets_run_what_is_there_and_nothing_else(page: Page) -> None:
    (policy,) = (one["content"] for tag, one in page.elements if tag == "meta" and "http-equiv" in one)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digests = {
        tag: f"'sha256-{base64.b64encode(hashlib.sha256(page.inside[tag].encode()).digest()).decode()}'"
        for tag in ("style", "script")
    }
    assert rules == {
        "default-src": "'none'",
        "style-src": digests["style"],
        "script-src": digests["script"],
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_identifiers_are_unique_and_links_lead_there(page: Page) -> None:
    identifiers = page.attributes("id")
    assert len(set(identifiers)) == len(identifiers)
    assert {one.removeprefix("#") for one in page.attributes("href") if one.startswith("#")} <= set(identifiers)


def test_headers_have_a_scope_and_fields_a_label(page: Page) -> None:
    assert [one for tag, one in page.elements if tag == "th" and "scope" not in one] == []
    assert page.source.count("<label") == sum(tag in {"input", "select"} for tag, _ in page.elements)
    assert [one for tag, one in page.elements if tag == "svg" and one.get("aria-hidden") != "true"] == []


def test_every_finding_is_there_without_a_script() -> None:
    page = Page(SAMPLE)
    for verdict in SAMPLE.verdicts:
        for finding in verdict.findings:
            assert place(finding) in page.cells
    assert all(any(visible(name) in cell for cell in page.cells) for name in HOSTILE)


def test_rules_that_found_something_have_their_page() -> None:
    page = Page(report(ACME))
    tripped = {one.rule.id for one in ACME.findings}
    assert {one.removeprefix("rule-") for one in page.attributes("id") if one.startswith("rule-")} == tripped


def test_rule_is_as_severe_as_the_worst_that_it_found() -> None:
    finding = replace(next(one for one in ACME.findings if one.severity is Severity.ERROR), severity=Severity.WARNING)
    page = Page(report(replace(ACME, findings=(finding,), ignored=())))
    shown = [attributes["class"] for tag, attributes in page.elements if tag == "details" and "class" in attributes]
    assert shown[0] == "warning"


def test_one_package_is_a_small_file() -> None:
    assert len(Page(report(ACME)).source.encode()) < 50_000


def _lines(page: Page) -> dict[str, str]:
    """Return what stands behind each package's anchor."""
    return dict(re.findall(r'<(?:tr|li) id="(package-\d+)">(.*?)</(?:tr|li)>', page.source))


def test_all_packages_of_a_system_are_listed_and_linked() -> None:
    lines = _lines(Page(AUDIT))
    names = [re.sub(r"<[^>]*>", "", line.partition("</th>")[0]) for line in lines.values()]
    assert names == ["no package (/)", "python3-b", "python3-&lt;i&gt;a\\x1b&lt;/i&gt;", "python3-c"]
    said = [re.findall(r'class="small">(.*?)<', line) for line in lines.values()]
    assert said == [["1 error", "500 B"], ["1 info", "1.5 kB"], ["no findings", "171 kB"], ["no findings", "9.8 kB"]]
    for number, owner in ((1, "/"), (2, "python3-b")):
        assert f'<a href="#of-{number}" data-package="{owner}">' in lines[f"package-{number}"]
        assert f'<a href="#package-{number}">{owner}</a>' in Page(AUDIT).source
    assert all("<a " not in lines[f"package-{number}"] for number in (3, 4))


def test_a_pool_lists_all_packages_and_gives_the_first_bars() -> None:
    page = Page(large(1_000))
    lines = _lines(page)
    assert len(lines) == 100
    assert sum("<svg" in line for line in lines.values()) == 20
    assert {re.findall(r'data-package="(p\d+)"', line)[0] for line in lines.values()} == {
        f"p{n:03}" for n in range(100)
    }
    assert sum(one.startswith("#of-") for one in page.attributes("href")) == 100


@pytest.mark.slow
def test_a_page_holds_so_many_findings_and_counts_the_others() -> None:
    page = Page(large(21_000))
    assert page.source.count('<td class="path">') == 20_000
    assert "And 1,000 more, none worse than these" in page.source
    identifiers = set(page.attributes("id"))
    assert {one[1:] for one in page.attributes("href") if one.startswith("#")} <= identifiers
    assert "21,000" in page.inside["b"]


def test_how_bytecode_compares_is_a_bar_with_its_numbers() -> None:
    page = Page(AUDIT)
    bar = page.source.partition('<section id="compared">')[2].partition("</section>")[0]
    assert re.findall(r'<rect class="(\S+)" x="(\S+)%" width="(\S+)%"', bar) == [
        ("identical", "0.0", "88.89"),
        ("equal", "88.89", "11.1"),
        ("different", "99.99", "0.01"),
    ]
    assert re.findall(r"<b>(.*?)</b>", bar) == ["8,000", "999", "1"]
    assert [one for one in re.findall(r'class="key (\S+)"', page.source) if f".key.{one} {{" not in page.source] == []


def test_classes_are_counted_in_every_format() -> None:
    for form in Format:
        text = "".join(write(AUDIT, form))
        if form in {Format.JSON, Format.PROMETHEUS}:
            assert re.search(r'trailing-bytes": 2\b|trailing-bytes"} 2\b', text), form
        else:
            assert "behind their code, which import doesn" in text, form


@pytest.mark.slow
def test_work_and_size_grow_with_the_findings() -> None:
    some, many = large(1_000), large(10_000)
    assert calls(lambda: list(write(many, Format.HTML))) < 11 * calls(lambda: list(write(some, Format.HTML)))
    assert sum(len(piece.encode()) for piece in write(many, Format.HTML)) < 4_000_000


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2)."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(scheme: str) -> None:
    css = (templates_root() / "report/report.css").read_text("utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    colours = _colours(light if scheme == "light" else dark.partition("* {")[0])
    for name in ("ink", "soft", "link", "danger", "error", "warning", "info", "ok"):
        for ground in ("paper", "card"):
            assert _contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("sources", "pycs", "programs", "other"):
        assert _contrast(colours[name], colours["paper"]) >= 1.9, name  # the legend says it in words, too


def test_every_rule_of_the_report_is_named() -> None:
    page = Page(report(CLEAN))
    assert [rule.id for rule in RULES if f"<code>{rule.id}</code>" not in page.source] == []
