# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report for people. At a terminal rich colours it, which is imported here alone (and by the progress of commands).

Names reach rich as `Text`, never as markup, and without anything that a terminal obeys. No line is broken: a path that
is broken can't be copied, and pipes have no width.
"""

from __future__ import annotations

from io import StringIO
from itertools import groupby
from typing import TYPE_CHECKING

from pkgtools.model.finding import RepairResult, Severity

from .totals import exit_status, is_incomplete, summarize
from .wording import SYMBOLS, classed, counted, covered, label, notes_of, outcome, place, severities, subjects, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.finding import CheckReport, CheckVerdict, Finding, Repair

    from .formats import ReportOptions

    Line = tuple[tuple[str, str], ...]
    """Parts of a line, each with its style in rich's words."""

FEW = 5
"""So many places of one rule are listed in one package, unless all are asked for."""

_STYLES = {
    Severity.DANGER: "bold magenta",
    Severity.ERROR: "bold red",
    Severity.WARNING: "yellow",
    Severity.INFO: "cyan",
}
_WIDTH = max(len(severity.value) for severity in Severity)


def write(report: CheckReport, look: ReportOptions) -> Iterator[str]:
    """Yield a block for each package that has something to say, then the summary."""
    for verdict in () if look.summary else report.verdicts:
        if block := list(_block(verdict, look)):
            yield _written([*block, ()], look)
    yield _written(_summary(report), look)


def one_line(verdict: CheckVerdict) -> str:
    """Say what became of one package in one line without its end, for pools of them."""
    if verdict.error:
        return f"unreadable  {visible(verdict.origin)}: {visible(verdict.error)}"
    summary = summarize([verdict])
    uncompared = [*(["incomplete"] if is_incomplete(verdict) else []), *filter(None, [covered(summary)])]
    told = f" ({', '.join(uncompared)})" if verdict.coverage is not None and verdict.coverage.gaps else ""
    if not verdict.findings:
        return f"ok  {label(verdict)}{told}"
    rules = dict.fromkeys(finding.rule.id for finding in verdict.findings)
    return f"{severities(summary.findings)}  {label(verdict)}: {', '.join(rules)}{told}"


def planned(verdict: CheckVerdict) -> str:
    """Write what `--fix` is about to do, before it does it."""
    lines: list[Line] = [((f"{label(verdict)}  {visible(verdict.origin)}", ""),)]
    for repair in verdict.repairs:
        lines += _of_repair(repair)
    return "".join("".join(text for text, _ in line) + "\n" for line in [*lines, ()]) if verdict.repairs else ""


def _written(lines: Iterable[Line], look: ReportOptions) -> str:
    if not look.terminal:
        return "".join("".join(text for text, _ in line) + "\n" for line in lines)
    from rich.console import Console  # noqa: PLC0415 - 30 ms, for those who see colours
    from rich.text import Text  # noqa: PLC0415 - as above

    file = StringIO()
    console = Console(
        file=file,
        force_terminal=True,
        color_system="standard" if look.colour else "auto",
        highlight=False,
        soft_wrap=True,
    )
    for line in lines:
        console.print(Text.assemble(*line))
    return file.getvalue()


def _block(verdict: CheckVerdict, look: ReportOptions) -> Iterator[Line]:
    notes = notes_of(verdict)
    classes = classed(verdict)
    if not (verdict.error or verdict.findings or verdict.ignored or notes or verdict.repairs or classes):
        return
    told = f"  {visible(verdict.origin)}" if verdict.name and verdict.origin != verdict.name else ""
    yield (label(verdict), "bold"), (told, "dim")
    if verdict.error:
        yield ("  ", ""), ("✗ could not be read", "bold red"), (f": {visible(verdict.error)}", "")
    for _, group in groupby(sorted(verdict.findings, key=_order), key=_order):
        yield from _of_one_rule(list(group), look)
    if verdict.ignored:
        rules = dict.fromkeys(one.finding.rule.id for one in verdict.ignored)
        yield ((f"  {counted(len(verdict.ignored), 'finding')} ignored: {', '.join(rules)}", "dim"),)
    for repair in verdict.repairs:
        yield from _of_repair(repair)
    for one in classes:
        yield ((f"  {one}", ""),)
    for note in notes:
        yield ((f"  note: {visible(note)}", "dim"),)


def _of_repair(repair: Repair) -> Iterator[Line]:
    yield ((f"  {repair.result.value}: {visible(repair.path)}: {visible(repair.text)}", ""),)
    if repair.command:
        yield ("      repair: ", "dim"), (visible(repair.command), "")
    if repair.result is RepairResult.PLANNED:
        yield from ((("      ", ""), (visible(line), "")) for line in repair.diff.splitlines())


def _order(finding: Finding) -> tuple[int, str]:
    return -finding.severity.rank, finding.rule.id


def _of_one_rule(findings: list[Finding], look: ReportOptions) -> Iterator[Line]:
    """Yield the rule with its severity, the places, and what repairs them."""
    first = findings[0]
    word = f"{SYMBOLS[first.severity]} {first.severity.value:{_WIDTH}}"
    yield (
        ("  ", ""),
        (word, _STYLES[first.severity]),
        ("  ", ""),
        (first.rule.id, "bold"),
        (f"  {first.rule.title}", ""),
    )
    shown = findings if look.every else findings[:FEW]
    for finding in shown:
        where = " ".join(
            part for part in (place(finding), f"({visible(finding.package)})" if finding.package else "") if part
        )
        yield ((f"      {where}: {visible(finding.text)}" if where else f"      {visible(finding.text)}", ""),)
    if rest := findings[len(shown) :]:
        yield ((f"      and {len(rest):,} more", "dim"),)
    for repair in dict.fromkeys(finding.repair for finding in shown if finding.repair):
        yield ("      repair: ", "dim"), (visible(repair), "")


def _summary(report: CheckReport) -> Iterator[Line]:
    summary = summarize(report.verdicts)
    told = f", {summary.unreadable:,} could not be read" if summary.unreadable else ""
    told += outcome(summary)
    told += f"; {summary.ignored:,} ignored" if summary.ignored else ""
    told += f"; {compared}" if (compared := covered(summary)) else ""
    yield ((subjects(report.verdicts, summary.packages) + told, "bold"),)
    for note in report.notes:
        yield ((f"note: {visible(note)}", "dim"),)
    if not report.allow_unchecked and any(map(is_incomplete, report.verdicts)):
        yield (("Not all that was asked for could be compared: exit status 2 (--allow-unchecked).", ""),)
    found = [finding for verdict in report.verdicts for finding in verdict.findings]
    if found:
        worst = min(found, key=_order)
        yield ((f"What a rule is about and what to do: pkgtools explain {worst.rule.id}", ""),)
    if exit_status(report) == 0 and found:
        yield ((f"Nothing of it is at or above {report.fail_on.value} (--fail-on).", ""),)
