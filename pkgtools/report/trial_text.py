# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools try` saw, as text: a line for each step, and below it what was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.trial import StepStatus

from .charts import size
from .wording import SYMBOLS, counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.trial import ImportTrial, StepResult, Trial, TrialReport

_FEW = 5
_MARKS = {StepStatus.PASSED: "✓", StepStatus.FAILED: "✗", StepStatus.SKIPPED: "-"}


def trial_lines(trial: Trial, *, every: bool = False) -> Iterator[str]:
    """Yield the lines of one package, each with its end."""
    name = f"{trial.name} {trial.version}".strip() or trial.origin
    yield f"{visible(name)}\n"
    if trial.error:
        yield f"    could not be tried: {visible(trial.error)}\n"
    for number, step in enumerate(trial.steps, 1):
        yield from _step(number, step, every=every)
    yield from (f"    note: {visible(note)}\n" for note in trial.notes)


def summary_of(report: TrialReport) -> str:
    """Return the last line: how many packages, steps and faults."""
    steps = [step for trial in report.trials for step in trial.steps]
    faults = sum(len(step.faults) for step in steps)
    skipped = sum(step.status is StepStatus.SKIPPED for step in steps)
    errors = sum(bool(trial.error) for trial in report.trials)
    parts = [f"{counted(len(report.trials), 'package')}, {len(steps) - skipped} steps played, {skipped} skipped"]
    parts += [f"{faults} fault{'s' if faults != 1 else ''}"] if faults else ["no faults"]
    parts += [f"{errors} could not be tried"] if errors else []
    return ", ".join(parts) + "\n"


def _step(number: int, step: StepResult, *, every: bool) -> Iterator[str]:
    head = f"{_MARKS[step.status]} {number:2}. {step.step.value:<20}"
    if step.status is StepStatus.SKIPPED:
        yield f"{head}skipped: {visible(step.reason)}\n"
        return
    yield f"{head}{seen_in(step):<72}{size(step.bytes_used):>9}{step.seconds:7.1f} s\n"
    shown = step.faults if every else step.faults[:_FEW]
    for fault in shown:
        where = f"{visible(fault.path)}: " if fault.path else ""
        yield f"      {SYMBOLS[fault.severity]} {fault.severity.value}: {fault.check}: {where}{visible(fault.text)}\n"
    if len(step.faults) > len(shown):
        yield f"      and {len(step.faults) - len(shown)} more (--all lists them)\n"


def _times(imports: list[ImportTrial]) -> tuple[list[float], list[float]]:
    return [one.seconds for one in imports], [one.seconds_without for one in imports]


def seen_in(step: StepResult) -> str:
    """Say in a few words what a step did to the bytecode, who did it, and how the imports went."""
    parts = [counted(step.pyc_files, "pyc")]
    for change in ("new", "changed", "gone"):
        found = [one for one in step.changes if one.change == change]
        if found:
            by = ", ".join(sorted({one.by for one in found}))
            parts.append(f"{len(found)} {change} by {by}" if change != "gone" else f"{len(found)} gone")
    if step.imports:
        good = [one for one in step.imports if not one.error]
        took, without = (round(1000 * sum(times)) for times in _times(good))
        parts.append(f"imports {len(good)}/{len(step.imports)}, {took} ms ({without} without)")
    return ", ".join(parts)
