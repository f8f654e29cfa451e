# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Options that several commands have."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.model.finding import RepairResult
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.pythons import CPYTHON_STEM

from . import completing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.finding import CheckReport
    from pkgtools.runtime.facts import InstalledPath

python_option = click.option(
    "--python",
    "pythons",
    multiple=True,
    metavar="PATH",
    help="An interpreter beside those in /usr/bin, or a directory.",
)
rule_option = click.option(
    "--rule",
    "-r",
    "only",
    metavar="ID",
    multiple=True,
    shell_complete=completing.rule_ids,
    help="Only this rule; may be given several times.",
)


def texts(values: object) -> tuple[str, ...]:
    """Return what was given for an option that may be given several times."""
    return tuple(map(str, values)) if isinstance(values, tuple) else ()


def require_fix(*, fix: bool, dry_run: bool) -> None:
    """Raise UsageError for --dry-run without --fix."""
    if dry_run and not fix:
        raise UsageError("--dry-run goes with --fix: without it nothing is changed")


def with_note_of_dry_run(report: CheckReport, *, dry_run: bool) -> CheckReport:
    """Return a report of `--fix` that says, after a dry run, of what its findings are."""
    if not dry_run:
        return report
    is_planned = any(one.result is RepairResult.PLANNED for verdict in report.verdicts for one in verdict.repairs)
    what = "the findings are those that would be left" if is_planned else "nothing would be repaired"
    return replace(report, notes=(*report.notes, what))


def named_pythons(given: Iterable[str]) -> Iterator[InstalledPath]:
    """Yield the absolute paths of what was named by --python. Raises UsageError for a name that names none."""
    for one in given:
        if "/" not in one and not Path(one).exists():
            found = shutil.which(one) or shutil.which(CPYTHON_STEM + one)
            near = f"; did you mean {found}?" if found else "; --python takes a path, as /usr/bin/python3.11"
            raise UsageError(f"{one}: no such interpreter{near}")
        yield absolute(one)
