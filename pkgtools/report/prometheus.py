# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A report as metrics in Prometheus's text format, for the textfile collector of node exporter.

The names and labels are stable. Systems that one machine looks at have series of their own, told apart by `root`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pkgtools.model.finding import BytecodeClass

from .totals import exit_status, summarize
from .wording import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.finding import CheckReport

    from .formats import ReportOptions

    Labels = dict[str, str]
    Sample = tuple[Labels, int]

_OF_SYSTEMS = frozenset({"audit", "verify"})
"""Commands whose files may stand beside one another, one of each system."""


def write(report: CheckReport, _look: ReportOptions) -> Iterator[str]:
    """Yield the lines of each metric, in the order of their names."""
    summary = summarize(report.verdicts)
    roots = sorted({visible(verdict.origin) for verdict in report.verdicts})
    common = {"root": roots[0]} if report.command in _OF_SYSTEMS and len(roots) == 1 else {}
    rules = Counter((one.rule.id, one.severity) for verdict in report.verdicts for one in verdict.findings)
    severities = [({**common, "severity": one.value}, number) for one, number in summary.findings.items()]
    by_rule = [
        ({**common, "rule": rule, "severity": severity.value}, number)
        for (rule, severity), number in sorted(rules.items(), key=lambda one: (one[0][0], one[0][1].rank))
    ]
    classes = [({**common, "class": one.value}, number) for one, number in _classes(report)]
    metrics: dict[str, tuple[str, Iterable[Sample]]] = {
        "compared_pycs": ("Pycs that were compared with their sources.", [(common, summary.compared)]),
        "exit_status": ("0 clean, 1 findings, 2 not all could be looked at.", [(common, exit_status(report))]),
        "findings": ("Findings that count.", severities),
        "ignored_findings": ("Accepted findings.", [(common, summary.ignored)]),
        "pyc_classes": ("Pycs of classes that a reviewer looks at.", classes),
        "pycs": ("Pycs that were to be compared.", [(common, summary.pycs)]),
        "rule_findings": ("Findings that count, of rules that have any.", by_rule),
        "unreadable": ("Packages or systems that could not be read.", [(common, summary.unreadable)]),
    }
    for name, (text, samples) in metrics.items():
        full = f"pkgtools_{report.command}_{name}"
        yield f"# HELP {full} {text}\n# TYPE {full} gauge\n"
        for labels, number in samples:
            yield f"{full}{_written(labels)} {number}\n"


def _classes(report: CheckReport) -> Iterator[tuple[BytecodeClass, int]]:
    counts = Counter[BytecodeClass]()
    for verdict in report.verdicts:
        counts.update(dict(verdict.classes))
    yield from ((one, counts[one]) for one in BytecodeClass if one in counts)


def _written(labels: Labels) -> str:
    written = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{written}}}" if written else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
