# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools inspect`: what a package or system has of modules and bytecode, who compiles and who cleans."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.report.wording import visible
from pkgtools.rules.profile import Profile, profile

from .output import print_table
from .running import ends_with_status
from .systems import read_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from pkgtools.model.package import Package

_EPILOG = """\b
Examples:
  pkgtools inspect acme_1.0_all.deb      a table at a terminal, JSON elsewhere
  pkgtools inspect --json acme-1.0.rpm | jq .strategy
  pkgtools inspect debian/acme           a staged tree
  pkgtools inspect --root /srv/image     an installed system; an image's tar needs no --root

\b
Exit status: 0 done, 2 it could not be read.
"""


@click.command("inspect", epilog=_EPILOG)
@click.argument("path", metavar="FILE|TREE|ROOT")
@click.option("--root", "is_root", is_flag=True, help="The directory is an installed system, not a staged tree.")
@click.option("--json/--no-json", "as_json", default=None, help="JSON or a table (JSON unless it's a terminal).")
@ends_with_status
def inspect(path: str, *, is_root: bool, as_json: bool | None) -> None:
    """Show modules, bytecode, who compiles, who cleans, scripts, triggers, modes and interpreters served."""
    package = read_any(Path(path), is_root=is_root or path == "/")
    found = profile(package)
    if as_json or (as_json is None and not sys.stdout.isatty()):
        click.echo(json.dumps(_as_dict(package, found), indent=1))
        return
    print_table(_table(package, found))


def _as_dict(package: Package, found: Profile) -> dict[str, object]:
    values = {key: value for key, value in asdict(found).items() if key != "strategy"}
    return {
        "version": 1,
        "kind": package.kind.value,
        "name": package.name,
        "package_version": package.version,
        "architecture": package.architecture,
        "files": len(package.files),
        "strategy": found.strategy.value,
        **values,
    }


def _table(package: Package, found: Profile) -> Table:
    from rich.table import Table  # noqa: PLC0415 - 40 ms, for those who see it
    from rich.text import Text  # noqa: PLC0415 - as above

    table = Table(title=Text(visible(f"{package.label} ({package.kind.value})")), show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, lines in _rows(found):
        table.add_row(name, Text("\n".join(visible(line) for line in lines) or "-"))
    return table


def _rows(found: Profile) -> Iterator[tuple[str, list[str]]]:
    yield "strategy", [found.strategy.value]
    yield "versions of Python", [found.python or "any"]
    places = [
        f"{one.path}: {one.modules} modules, {'public' if one.is_public else 'private'}, for {one.served}"
        for one in found.places
    ]
    yield "modules", places
    bytecode = [
        f"{one.tag or 'in the place of sources'}{' level ' + one.level if one.level else ''}:"
        f" {one.pycs} pycs, {one.size:,} bytes, {one.mode or 'header unknown'}"
        for one in found.bytecode
    ]
    yield "bytecode", bytecode
    yield "compiled by", list(found.compiles)
    yield "cleaned by", list(found.cleans)
    yield "scripts", list(found.scripts)
    yield "triggers", list(found.triggers)
    yield "modes", list(found.modes)


COMMAND = inspect
