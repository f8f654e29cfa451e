# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools try` saw, as JUnit XML: a package is a suite, a step a test case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pkgtools.model.trial import StepStatus

from .junit import xml_attributes
from .wording import counted, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.trial import StepResult, Trial, TrialFault, TrialReport


def write_cases(report: TrialReport) -> Iterator[str]:
    """Yield one suite for each package, between the lines that enclose them."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuites{xml_attributes(name='pkgtools try')}>\n"
    for trial in report.trials:
        yield _suite(trial, report)
    yield "</testsuites>\n"


def _suite(trial: Trial, report: TrialReport) -> str:
    name = visible(f"{trial.name} {trial.version}".strip() or trial.origin)
    cases = [_case(step, name, report) for step in trial.steps]
    if trial.error:
        error = visible(trial.error)
        inner = f"<error{xml_attributes(type='tried', message=error)}>{escape(error)}</error>"
        cases.append(f"<testcase{xml_attributes(classname=name, name='tried', time='0')}>{inner}</testcase>\n")
    statuses = [step.status for step in trial.steps]
    head = xml_attributes(
        name=name,
        tests=str(len(cases)),
        failures=str(statuses.count(StepStatus.FAILED)),
        errors=str(int(bool(trial.error))),
        skipped=str(statuses.count(StepStatus.SKIPPED)),
        time=f"{sum(step.seconds for step in trial.steps):.3f}",
    )
    notes = escape("; ".join(map(visible, trial.notes)))
    said = f"<system-out>{notes}</system-out>\n" if notes else ""
    return f"<testsuite{head}>\n{''.join(cases)}{said}</testsuite>\n"


def _case(step: StepResult, package: str, report: TrialReport) -> str:
    head = xml_attributes(classname=package, name=step.step.value, time=f"{step.seconds:.3f}")
    if step.status is StepStatus.SKIPPED:
        return f"<testcase{head}><skipped{xml_attributes(message=visible(step.reason))}/></testcase>\n"
    text = escape("\n".join(map(_line, step.faults)))
    if step.status is StepStatus.FAILED:
        loud = [one for one in step.faults if one.severity.rank >= report.fail_on.rank]
        message = xml_attributes(type=step.step.value, message=counted(len(loud), "fault"))
        return f"<testcase{head}><failure{message}>{text}</failure></testcase>\n"
    inner = f"<system-out>{text}</system-out>" if text else ""
    return f"<testcase{head}>{inner}</testcase>\n" if inner else f"<testcase{head}/>\n"


def _line(fault: TrialFault) -> str:
    where = f"{visible(fault.path)}: " if fault.path else ""
    return f"{fault.severity.value}: {fault.check}: {where}{visible(fault.text)}"
