# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools diff`: what changes for bytecode, scripts, triggers and modes between two packages."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING

import click

from pkgtools.check.difference import differences
from pkgtools.report.wording import visible

from . import completing
from .running import ends_with_status
from .systems import read_any
from .usage import local_path

if TYPE_CHECKING:
    from pkgtools.check.difference import Aspect, Change

_EPILOG = """\b
Examples:
  pkgtools diff acme_1.0_all.deb acme_1.1_all.deb
  pkgtools diff acme_1.0_all.deb acme-1.0-1.noarch.rpm   the same program in two formats
  pkgtools diff --json old/ new/                         staged trees

\b
Exit status: 0 nothing differs, 1 something does, 2 a package could not be read.
"""
_FEW = 10


@click.command("diff", epilog=_EPILOG)
@click.argument("old", metavar="OLD", shell_complete=completing.paths)
@click.argument("new", metavar="NEW", shell_complete=completing.paths)
@click.option("--all", "every", is_flag=True, help="List every change, not the first ten of each aspect.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@ends_with_status
def diff(old: str, new: str, *, every: bool, as_json: bool) -> int:
    """Compare two packages or staged trees, across formats too."""
    changes = list(differences(read_any(local_path(old)), read_any(local_path(new))))
    if as_json:
        click.echo(json.dumps({"version": 1, "changes": [_as_dict(one) for one in changes]}, indent=1))
    else:
        for aspect, group in groupby(changes, key=lambda one: one.aspect):
            _print(aspect, list(group), every=every)
    return int(bool(changes))


def _print(aspect: Aspect, changes: list[Change], *, every: bool) -> None:
    click.echo(f"{aspect.value}:")
    for one in changes if every else changes[:_FEW]:
        click.echo(f"  {visible(one.where)}")
        for sign, text in (("-", one.old), ("+", one.new)):
            for line in text.split("\n") if text else ():
                click.echo(f"    {sign} {visible(line)}")
    if not every and len(changes) > _FEW:
        click.echo(f"  and {len(changes) - _FEW} more (--all lists them)")


def _as_dict(one: Change) -> dict[str, str]:
    return {"aspect": one.aspect.value, "where": one.where, "old": one.old, "new": one.new}


COMMAND = diff
