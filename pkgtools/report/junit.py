# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as JUnit XML, in the dialect of Jenkins and pytest: a package is a suite, a rule a test case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from .totals import is_incomplete, summarize
from .wording import classed, counted, covered, label, notes_of, place, repaired, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.finding import CheckReport, CheckVerdict, Finding, RuleFacts

    from .formats import ReportOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One rule in one package."""

    name: str
    element: str
    """`failure`, `error` or `skipped`; empty if it passed."""
    message: str
    text: str
    """For the element; with a passed test case, what it said."""


def write(report: CheckReport, _look: ReportOptions) -> Iterator[str]:
    r"""Yield one suite for each package, between the lines that enclose them.

    A rule fails where it found something at or above `fail_on`, so that red means the exit status 1; what is below
    stands in the output of a test case that passed. All that isn't XML 1.0 is escaped as `\x1b`.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{xml_attributes(name=f'pkgtools {report.command}')}>\n"
    for verdict in report.verdicts:
        yield _suite(verdict, report)
    yield "</testsuites>\n"


def _suite(verdict: CheckVerdict, report: CheckReport) -> str:
    cases = [_unreadable(verdict)] if verdict.error else [_case(rule, verdict, report) for rule in report.rules]
    cases += [_covered(verdict, report)] if verdict.coverage is not None else []
    counts = {what: sum(case.element == what for case in cases) for what in ("failure", "error", "skipped")}
    attributes = xml_attributes(
        name=label(verdict),
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors=str(counts["error"]),
        skipped=str(counts["skipped"]),
        time="0",
    )
    package = visible(verdict.name or verdict.origin)
    notes = [*classed(verdict), *notes_of(verdict), *map(repaired, verdict.repairs)]
    said = f"<system-out>{escape('; '.join(map(visible, notes)))}</system-out>\n" if notes else ""
    return f"<testsuite{attributes}>\n{''.join(_written(case, package) for case in cases)}{said}</testsuite>\n"


def _unreadable(verdict: CheckVerdict) -> _Case:
    error = visible(verdict.error)
    return _Case(name="readable", element="error", message=error, text=f"{visible(verdict.origin)}: {error}")


def _covered(verdict: CheckVerdict, report: CheckReport) -> _Case:
    """Return a case for what was to be compared: an error where not all was that had been asked for."""
    text = covered(summarize([verdict]))
    failed = is_incomplete(verdict) and not report.allow_unchecked
    return _Case(name="compared", element="error" if failed else "", message=text if failed else "", text=text)


def _case(rule: RuleFacts, verdict: CheckVerdict, report: CheckReport) -> _Case:
    found = [finding for finding in verdict.findings if finding.rule.id == rule.id]
    ignored = [one for one in verdict.ignored if one.finding.rule.id == rule.id]
    failed = [finding for finding in found if finding.severity.rank >= report.fail_on.rank]
    text = "\n".join(
        [*map(_line, found), *(f"ignored ({visible(one.reason)}): {_line(one.finding)}" for one in ignored)]
    )
    if failed:
        message = f"{visible(rule.title)}: {counted(len(failed), 'finding')}"
        return _Case(name=rule.id, element="failure", message=message, text=text)
    if ignored and not found:
        reasons = "; ".join(dict.fromkeys(visible(one.reason) for one in ignored))
        return _Case(name=rule.id, element="skipped", message=reasons, text=text)
    return _Case(name=rule.id, element="", message="", text=text)


def _line(finding: Finding) -> str:
    where = ": ".join(part for part in (visible(finding.package), place(finding)) if part)
    text = f"{finding.severity.value}: {where}: {visible(finding.text)}" if where else visible(finding.text)
    return f"{text} (repair: {visible(finding.repair)})" if finding.repair else text


def _written(case: _Case, package: str) -> str:
    attributes = xml_attributes(classname=package, name=case.name, time="0")
    if case.element:
        why = xml_attributes(type=case.name, message=case.message)
        inner = f"<{case.element}{why}>{escape(case.text)}</{case.element}>"
    elif case.text:
        inner = f"<system-out>{escape(case.text)}</system-out>"
    else:
        return f"<testcase{attributes}/>\n"
    return f"<testcase{attributes}>{inner}</testcase>\n"


def xml_attributes(**values: str) -> str:
    """Return the attributes of an element, each behind a blank."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())
