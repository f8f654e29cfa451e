# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A run over an archive in some lines, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools import __version__
from pkgtools.report.wording import counted, visible

from .package_done import PackageOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .tally import RunTally

RUN_VERSION = 1
"""It changes when a key goes or changes its meaning."""
_KEPT = [one for one in PackageOutcome if one is not PackageOutcome.OTHER_JUDGE]


def run_lines(tally: RunTally, new: int) -> Iterator[str]:
    """Yield the lines of a run; `new` is how many packages this call did."""
    run = tally.run
    signed = f"signed by {run.signed_by}" if run.signed_by else "NOT SIGNED: nothing vouches for what was read"
    where = f"{run.key.mirror} {run.key.suite}".rstrip()
    yield f"{visible(where)}: index of {run.date or 'an unknown date'}, {signed}\n"
    members = run.listed - run.passed_over
    yield f"  {counted(run.listed, 'package')} listed, {members} of them may have to do with Python"
    yield f"; {run.passed_over} passed over: by the index they have no file of Python's\n" if run.passed_over else "\n"
    yield f"  {new} done now, {members - new - tally.undone} known from before\n"
    yield f"  findings: {', '.join(f'{severity.value} {number}' for severity, number in tally.findings)}\n"
    if tally.pycs:
        yield f"  compared {tally.compared} of {tally.pycs} pycs\n"
    for rule, findings, packages in tally.rules:
        yield f"    {rule}: {counted(findings, 'finding')} in {counted(packages, 'package')}\n"
    for note in run.notes:
        yield f"  note: {visible(note)}\n"
    for package, reason in tally.left:
        yield f"  not done: {visible(package.name)} {visible(package.version)}: {visible(reason)}\n"
    if tally.failed > len(tally.left):
        yield f"  not done: {tally.failed - len(tally.left)} more\n"


def run_as_dict(tally: RunTally, new: int) -> dict[str, object]:
    """Return a run for `--json`."""
    run = tally.run
    return {
        "version": RUN_VERSION,
        "pkgtools": __version__,
        "command": f"archive {run.key.job}",
        "exit": tally.status,
        "run": run.number,
        "ended": run.is_ended,
        "mirror": run.key.mirror,
        "suite": run.key.suite or None,
        "components": run.key.components.split(),
        "architectures": run.key.architectures.split(),
        "index": {"sha256": run.key.indexed, "date": run.date or None, "signed_by": run.signed_by or None},
        "packages": {
            "listed": run.listed,
            "passed_over": run.passed_over,
            "new": new,
            "undone": tally.undone,
            **{outcome.value: dict(tally.outcomes).get(outcome, 0) for outcome in _KEPT},
        },
        "findings": {severity.value: number for severity, number in tally.findings},
        "pycs": {"total": tally.pycs, "compared": tally.compared},
        "rules": [{"id": rule, "findings": findings, "packages": packages} for rule, findings, packages in tally.rules],
        "not_done": [
            {"name": package.name, "version": package.version, "architecture": package.architecture, "reason": reason}
            for package, reason in tally.left
        ],
        "notes": list(run.notes),
    }
