# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `pkgtools try` saw, as JSON: schemas/try.schema.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from pkgtools.model.trial import StepStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.model.trial import StepResult, Trial, TrialFault, TrialReport

_VERSION = 1


def trial_status(report: TrialReport) -> int:
    """Return the exit status: 2 where something could not be tried that was asked for, 1 for faults, else 0."""
    steps = [step for trial in report.trials for step in trial.steps]
    missed = any(step.status is StepStatus.SKIPPED and step.step in report.asked for step in steps)
    if missed or any(trial.error for trial in report.trials):
        return 2
    return int(any(step.status is StepStatus.FAILED for step in steps))


def write_trials(report: TrialReport) -> Iterator[str]:
    """Yield the document in pieces."""
    document = {
        "version": _VERSION,
        "exit": trial_status(report),
        "fail_on": report.fail_on.value,
        "packages": [_trial(one) for one in report.trials],
    }
    yield json.dumps(document, indent=1) + "\n"


def _trial(trial: Trial) -> dict[str, object]:
    return {
        "path": trial.origin,
        "name": trial.name or None,
        "package_version": trial.version or None,
        "old_version": trial.old_version or None,
        "error": trial.error or None,
        "notes": list(trial.notes),
        "steps": [_step(one) for one in trial.steps],
    }


def _step(step: StepResult) -> dict[str, object]:
    return {
        "step": step.step.value,
        "status": step.status.value,
        "reason": step.reason or None,
        "exit": step.exit,
        "seconds": step.seconds,
        "bytes": step.bytes_used,
        "pycs": step.pyc_files,
        "pyc_bytes": step.pyc_bytes,
        "changes": [asdict(one) for one in step.changes],
        "imports": [asdict(one) for one in step.imports],
        "faults": [_fault(one) for one in step.faults],
        "output": step.output,
    }


def _fault(fault: TrialFault) -> dict[str, object]:
    return {
        "check": fault.check,
        "severity": fault.severity.value,
        "text": fault.text,
        "path": fault.path or None,
    }
