# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as workflow commands of GitHub Actions, which become annotations of a run and of a pull request's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity

from .locations import file_name
from .totals import is_incomplete, summarize
from .wording import classed, covered, label, notes_of, outcome, place, subjects, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.finding import CheckReport, CheckVerdict, Finding

    from .formats import ReportOptions

_COMMANDS = {Severity.DANGER: "error", Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def write(report: CheckReport, _look: ReportOptions) -> Iterator[str]:
    """Yield a line for each package that could not be read and each finding, worst first, then the summary.

    The order matters: GitHub shows the first ten errors, warnings and notices of a step, and drops the others.
    """
    for verdict in report.verdicts:
        if verdict.error:
            message = f"{visible(verdict.origin)} could not be read: {visible(verdict.error)}"
            yield _command("error", message, file=visible(verdict.origin), title="pkgtools: could not be read")
    incomplete = () if report.allow_unchecked else tuple(filter(is_incomplete, report.verdicts))
    yield from _uncompared("error", incomplete)
    found = [(finding, verdict) for verdict in report.verdicts for finding in verdict.findings]
    for finding, verdict in sorted(found, key=lambda pair: -pair[0].severity.rank):
        yield _annotation(finding, verdict)
    yield from _uncompared("notice", (one for one in report.verdicts if one not in incomplete))
    summary = summarize(report.verdicts)
    yield f"{subjects(report.verdicts, summary.packages)}{outcome(summary)}"
    yield f"; {summary.ignored:,} ignored; {summary.unreadable:,} could not be read"
    yield "".join(f"; {one}" for verdict in report.verdicts for one in classed(verdict))
    yield f"; {compared}\n" if (compared := covered(summary)) else "\n"
    yield from (f"{visible(note)}\n" for note in report.notes)


def _uncompared(command: str, verdicts: Iterable[CheckVerdict]) -> Iterator[str]:
    """Yield a line for each cache tag of which pycs could not be compared."""
    for verdict in verdicts:
        gaps = verdict.coverage.gaps if verdict.coverage is not None else ()
        for note in notes_of(verdict)[: len(gaps)]:
            message = f"{label(verdict)}: {visible(note)}"
            yield _command(command, message, file=visible(verdict.origin), title="pkgtools: not compared")


def _annotation(finding: Finding, verdict: CheckVerdict) -> str:
    where = " ".join(part for part in (visible(finding.package) or label(verdict), place(finding)) if part)
    repair = f"\nRepair: {visible(finding.repair)}" if finding.repair else ""
    properties = {
        "file": visible(file_name(finding, verdict)),
        "line": str(finding.line or ""),
        "title": f"{finding.rule.id}: {visible(finding.rule.title)}",
    }
    return _command(_COMMANDS[finding.severity], f"{where}: {visible(finding.text)}{repair}", **properties)


def _command(command: str, message: str, **properties: str) -> str:
    """Write a command as the runner reads it: `,` and `:` end properties, line ends end the command."""
    pairs = (f"{name}={_value(value)}" for name, value in properties.items() if value)
    return f"::{command} {','.join(pairs)}::{_message(message)}\n"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
