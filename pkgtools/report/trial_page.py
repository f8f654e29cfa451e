# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools try` saw, as one page of HTML: a table of steps by checks, with bars for time and bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from pkgtools import __version__
from pkgtools.model.trial import LifeStep, StepStatus

from .html import digest, pieces_of, read_part
from .trial_json import trial_status
from .trial_text import seen_in, summary_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pkgtools.model.trial import StepResult, Trial, TrialFault, TrialReport

_MOST_FAULTS = 2000
_SAID = 4000
"""Characters of output that are shown of a step, from its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A step as a line of the table."""

    step: StepResult
    seen: str
    cells: Sequence[int]
    """How many faults of each check, in the order of the head."""
    time: float
    """Per cent of the longest step."""
    bytes: float
    """Per cent of the largest one."""
    said: str
    """The end of what the commands said; empty where nothing was wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The life of one package."""

    trial: Trial
    label: str
    checks: Sequence[str]
    rows: Sequence[_Shown]
    faults: Sequence[tuple[LifeStep, TrialFault]]
    more: int


def write_page(report: TrialReport) -> Iterator[str]:
    """Yield the page in pieces."""
    css = read_part("report.css") + read_part("try.css")
    yield from pieces_of(
        "try.html.j2",
        {
            "version": __version__,
            "title": _title(report),
            "exit": trial_status(report),
            "outcome": summary_of(report).strip(),
            "tables": [_table(one) for one in report.trials],
            "marks": {StepStatus.PASSED: "✓", StepStatus.FAILED: "✗", StepStatus.SKIPPED: "-"},
            "css": Markup(css),  # noqa: S704 # ours, and the policy has its digest
            "css_hash": Markup(digest(css)),  # noqa: S704
        },
    )


def _title(report: TrialReport) -> str:
    return _label(report.trials[0]) if len(report.trials) == 1 else f"{len(report.trials)} packages"


def _label(trial: Trial) -> str:
    return f"{trial.name} {trial.version}".strip() or trial.origin


def _table(trial: Trial) -> _Table:
    checks = sorted({fault.check for step in trial.steps for fault in step.faults})
    longest = max((step.seconds for step in trial.steps), default=0) or 1
    largest = max((abs(step.bytes_used) for step in trial.steps), default=0) or 1
    faults = [(step.step, fault) for step in trial.steps for fault in step.faults]
    return _Table(
        trial=trial,
        label=_label(trial),
        checks=checks,
        rows=[_row(step, checks, longest, largest) for step in trial.steps],
        faults=faults[:_MOST_FAULTS],
        more=max(0, len(faults) - _MOST_FAULTS),
    )


def _row(step: StepResult, checks: Sequence[str], longest: float, largest: int) -> _Shown:
    names = [fault.check for fault in step.faults]
    return _Shown(
        step=step,
        seen=step.reason if step.status is StepStatus.SKIPPED else seen_in(step),
        cells=[names.count(check) for check in checks],
        time=round(100 * step.seconds / longest, 2),
        bytes=round(100 * max(0, step.bytes_used) / largest, 2),
        said=step.output[-_SAID:] if step.faults else "",
    )
