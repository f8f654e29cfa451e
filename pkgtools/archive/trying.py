# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The life of one package of an archive: played as `pkgtools try` does, its faults kept like findings."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.model.trial import LifeStep, StepStatus
from pkgtools.trial.life import try_package

from .package_done import Done, PackageOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from pkgtools.model.trial import Trial
    from pkgtools.trial.order import TrialOrder


def judge_of_trial(order: TrialOrder) -> str:
    """Return a digest of all that a result depends on beside the package: version, steps, limits, all that is named."""
    named = [order.root, *order.needs, *order.runtime, *order.interpreters]
    said = (__version__, [step.value for step in order.steps], order.network, order.limits, [_digest(p) for p in named])
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file; of a directory, which may change within, what is seen of it."""
    if path.is_dir():
        found = path.stat()
        return f"{path} {found.st_ino} {found.st_mtime_ns}"
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tried(path: Path, order: TrialOrder, name: str) -> Done:
    """Play the life of a package, which reports call by its name in the mirror."""
    trial = try_package(path, order)
    if trial.error:
        return Done(outcome=PackageOutcome.UNREADABLE, reason=trial.error.replace(str(path), name))
    return Done(
        outcome=PackageOutcome.CHECKED,
        findings=tuple(_findings(trial)),
        notes=tuple(note.replace(str(path), name) for note in (*trial.notes, *_skipped(trial))),
    )


def _findings(trial: Trial) -> list[dict[str, object]]:
    return [
        {
            "rule": fault.check,
            "severity": fault.severity.value,
            "text": f"{result.step.value}: {fault.text}",
            "path": fault.path or None,
            "script": None,
            "line": None,
            "package": None,
            "repair": None,
        }
        for result in trial.steps
        for fault in result.faults
    ]


def _skipped(trial: Trial) -> list[str]:
    """Say which steps were not played, those with the same reason together."""
    reasons: dict[str, list[LifeStep]] = {}
    for result in trial.steps:
        if result.status is StepStatus.SKIPPED:
            reasons.setdefault(result.reason, []).append(result.step)
    return [f"not played: {', '.join(step.value for step in steps)}: {reason}" for reason, steps in reasons.items()]
