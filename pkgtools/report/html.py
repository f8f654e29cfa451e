# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as one page of HTML, without anything from elsewhere. Alone imports jinja2, with `render/templates.py`.

Values are escaped for HTML, and by `visible`, before they come into the page; the page's policy lets no other style and
script run than those whose digests are in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape

from pkgtools import __version__
from pkgtools.model.finding import Severity
from pkgtools.model.own_files import templates_root
from pkgtools.model.package import Kind

from .charts import MOST, bars_of, lines_of, matches_of, shares_of, size
from .pages import paragraphs, spans
from .totals import exit_status, summarize
from .wording import (
    MATCHES,
    SYMBOLS,
    classed,
    counted,
    covered,
    label,
    lines,
    notes_of,
    owner,
    place,
    repaired,
    subjects,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckReport, CheckVerdict, Finding, RuleFacts

    from .charts import Line
    from .formats import ReportOptions

_CHUNK = 500
_MOST_ROWS = 20_000
"""A browser goes on to scroll and filter a table of so many findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A line of a table of findings."""

    severity: Severity
    rule: str
    package: str
    where: str
    text: str
    repair: str
    reason: str = ""
    verdict: int = 0
    """The index of the verdict that it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Links:
    """Anchors of packages and of their findings, by index of the verdict and name of the owner."""

    lines: dict[tuple[int, str], int]
    """The number of the package's line."""
    firsts: dict[tuple[int, str], _Row]
    """The worst finding of the package."""

    def line(self, row: _Row) -> int:
        """Return the number of the line of a finding's package; 0 if it has none."""
        return self.lines.get((row.verdict, row.package), 0)

    def first(self, row: _Row) -> int:
        """Return that number if this is the package's first finding, else 0."""
        return self.line(row) if self.firsts.get((row.verdict, row.package)) is row else 0


def write(report: CheckReport, _look: ReportOptions) -> Iterator[str]:
    """Yield the page in pieces."""
    yield from pieces_of("report.html.j2", _values(report))


def pieces_of(template: str, values: dict[str, object]) -> Iterator[str]:
    """Yield a page in pieces; all values are escaped."""
    pieces = _environment().get_template(f"report/{template}").stream(values)
    pieces.enable_buffering(_CHUNK)
    yield from pieces


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_root()),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "paragraphs": paragraphs,
        "spans": spans,
        "block": _block,
        "number": "{:,}".format,
        "size": size,
    }
    return environment


def _shown(value: object) -> object:
    """Escape what can't be seen (jinja2 calls this for each expression, before it escapes for HTML)."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(text: str) -> Markup:
    return escape(lines(text.strip("\n")))


def _values(report: CheckReport) -> dict[str, object]:
    css, js = (read_part(name) for name in ("report.css", "report.js"))
    rows = _rows(report)
    ignored = [
        replace(_row(one.finding, verdict, index), reason=one.reason)
        for index, verdict in enumerate(report.verdicts)
        for one in verdict.ignored
    ][:_MOST_ROWS]
    packages = lines_of(report.verdicts)
    shown = rows[:_MOST_ROWS]
    tripped = _tripped(report)
    loud = {rule.id for rule, _ in tripped}
    quiet = [rule for rule in report.rules if rule.id not in loud]
    return {
        "report": report,
        "version": __version__,
        "title": _title(report),
        "exit": exit_status(report),
        "outcome": _outcome(report),
        "summary": summarize(report.verdicts),
        "symbols": SYMBOLS,
        "unreadable": [verdict for verdict in report.verdicts if verdict.error],
        "shares": shares_of(report.verdicts),
        "matches": matches_of(report.verdicts),
        "in_words": {match.value: text for match, text in MATCHES.items()},
        "classes": [one for verdict in report.verdicts for one in classed(verdict)],
        "lines": packages,
        "bars": bars_of(packages),
        "most": MOST,
        "links": _links(packages, shown),
        "rows": shown,
        "more_rows": len(rows) - len(shown),
        "ignored": ignored,
        "single": len({row.package for row in (*rows, *ignored)}) == 1,
        "notes": [(label(verdict), note) for verdict in report.verdicts for note in notes_of(verdict)]
        + [(label(verdict), repaired(one)) for verdict in report.verdicts for one in verdict.repairs]
        + [("", note) for note in report.notes],
        "tripped": tripped,
        "quiet": quiet,
        "quiet_title": f"{counted(len(quiet), 'rule')} found nothing",
        "css": Markup(css),  # noqa: S704 # ours, and the policy has its digest
        "js": Markup(js),  # noqa: S704
        "css_hash": Markup(digest(css)),  # noqa: S704
        "js_hash": Markup(digest(js)),  # noqa: S704
    }


def read_part(name: str) -> str:
    """Return a part of pages, a style or a script."""
    return (templates_root() / "report" / name).read_text("utf-8")


def digest(text: str) -> str:
    """Return the digest that lets a style or script run (Content Security Policy, hash-source)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _title(report: CheckReport) -> str:
    if len(report.verdicts) == 1:
        only = report.verdicts[0]
        return f"System {label(only)}" if only.kind is Kind.ROOT else label(only)
    return subjects(report.verdicts, len(report.verdicts))


def _outcome(report: CheckReport) -> str:
    summary = summarize(report.verdicts)
    compared = f" {covered(summary).capitalize()}." if covered(summary) else ""
    if summary.unreadable:
        unread = subjects(report.verdicts, summary.unreadable)
        return f"{unread} could not be read, so the job could not be done: exit status 2.{compared}"
    if exit_status(report) == 2:
        return f"Not all that was asked for could be compared: exit status 2.{compared}"
    failed = sum(n for severity, n in summary.findings.items() if severity.rank >= report.fail_on.rank)
    if failed:
        return f"{counted(failed, 'finding')} at or above {report.fail_on.value}: exit status 1.{compared}"
    return f"Nothing at or above {report.fail_on.value}: exit status 0.{compared}"


def _rows(report: CheckReport) -> list[_Row]:
    """Return the findings of all packages, worst first."""
    rows = [
        _row(finding, verdict, index) for index, verdict in enumerate(report.verdicts) for finding in verdict.findings
    ]
    return sorted(rows, key=lambda row: -row.severity.rank)


def _links(packages: tuple[Line, ...], rows: list[_Row]) -> _Links:
    numbers = {(line.verdict, line.owner): number for number, line in enumerate(packages, 1)}
    firsts: dict[tuple[int, str], _Row] = {}
    for row in rows:
        firsts.setdefault((row.verdict, row.package), row)
    return _Links(lines=numbers if len(packages) > 1 else {}, firsts=firsts)


def _row(finding: Finding, verdict: CheckVerdict, index: int) -> _Row:
    return _Row(
        severity=finding.severity,
        rule=finding.rule.id,
        package=owner(finding, verdict),
        where=place(finding),
        text=finding.text,
        repair=finding.repair,
        verdict=index,
    )


def _tripped(report: CheckReport) -> list[tuple[RuleFacts, str]]:
    """Return the rules that found something, as severe as the worst of it, the worst first, with how much."""
    findings = [finding for verdict in report.verdicts for finding in verdict.findings]
    found = Counter(finding.rule.id for finding in findings)
    ignored = Counter(one.finding.rule.id for verdict in report.verdicts for one in verdict.ignored)
    worst = {finding.rule.id: finding.severity for finding in sorted(findings, key=lambda one: one.severity.rank)}
    rules = [
        replace(rule, severity=worst.get(rule.id, rule.severity))
        for rule in report.rules
        if found[rule.id] or ignored[rule.id]
    ]
    rules.sort(key=lambda rule: (-rule.severity.rank, -found[rule.id]))
    return [(rule, _number(found[rule.id], ignored[rule.id])) for rule in rules]


def _number(found: int, ignored: int) -> str:
    parts = [counted(found, "finding")] if found else []
    return ", ".join([*parts, f"{ignored:,} ignored"] if ignored else parts)
