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
from .output import chosen_format, write_out
from .running import ends_with_status
from .systems import read_any
from .usage import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.difference import Change

_EPILOG = """\b
Examples:
  pkgtools diff acme_1.0_all.deb acme_1.1_all.deb
  pkgtools diff acme_1.0_all.deb acme-1.0-1.noarch.rpm
      the same program in two formats
  pkgtools diff --json old/ new/
      staged trees
  pkgtools diff -f html -o diff.html old.deb new.deb
      side by side

Exit status: 0 nothing differs, 1 something does, 2 a package could not be
read.
"""
_FEW = 10
_FORMATS = ("text", "json", "html")


@click.command("diff", epilog=_EPILOG)
@click.argument("old", metavar="OLD", shell_complete=completing.paths)
@click.argument("new", metavar="NEW", shell_complete=completing.paths)
@click.option("--all", "every", is_flag=True, help="List every change, not the first ten of each aspect.")
@click.option("--format", "-f", "form", type=click.Choice(_FORMATS), help="Format of the output (text).")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--output", "-o", "output", metavar="FILE", default="", help="Write to FILE.")
@ends_with_status
def diff(old: str, new: str, *, every: bool, form: str | None, as_json: bool, output: str) -> int:
    """Compare two packages or staged trees, across formats too."""
    form = chosen_format(form, as_json=as_json)
    packages = read_any(local_path(old)), read_any(local_path(new))
    changes = list(differences(*packages))
    if form == "html":
        from pkgtools.report.difference_page import write_difference  # noqa: PLC0415 - with jinja2

        pieces = write_difference(*packages, changes, every=every)
    elif form == "json":
        document = {"version": 1, "changes": [_as_dict(one) for one in changes]}
        pieces = iter([json.dumps(document, indent=1) + "\n"])
    else:
        pieces = (f"{line}\n" for line in _lines(changes, every=every))
    write_out(pieces, output)
    return int(bool(changes))


def _lines(changes: list[Change], *, every: bool) -> Iterator[str]:
    for aspect, group in groupby(changes, key=lambda one: one.aspect):
        found = list(group)
        yield f"{aspect.value}:"
        for one in found if every else found[:_FEW]:
            yield f"  {visible(one.where)}"
            for sign, text in (("-", one.old), ("+", one.new)):
                yield from (f"    {sign} {visible(line)}" for line in (text.split("\n") if text else ()))
        if not every and len(found) > _FEW:
            yield f"  and {len(found) - _FEW} more (--all lists them)"


def _as_dict(one: Change) -> dict[str, str]:
    return {"aspect": one.aspect.value, "where": one.where, "old": one.old, "new": one.new}


COMMAND = diff
