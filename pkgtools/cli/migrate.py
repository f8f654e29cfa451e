# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools migrate`: have a source package use dh_pkgtools instead of dh_python3, and back."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.build.migration import CONTROL, MANIFEST, OURS, RULES, THEIRS, plan_migration
from pkgtools.model.manifest import Strategy
from pkgtools.render.generated import TEXT
from pkgtools.render.output_directory import write_whole
from pkgtools.report.wording import visible
from pkgtools.runtime.errors import UsageError

from . import completing
from .running import ends_with_status
from .usage import local_path

if TYPE_CHECKING:
    from pkgtools.build.migration import FileMigration, Helper, Migration

_LARGEST = 1 << 20
"""Bytes of a file in debian/ that is read."""
_EPILOG = """\b
Examples:
  pkgtools migrate
      the source package here: what would change, as a diff
  pkgtools migrate --write
      change it
  pkgtools migrate --strategy native --write
      for a distribution's archive: py3compile and py3clean compile
  pkgtools migrate --back
      use dh_python3 again

Exit status: 0 done; 1 something is left to do by hand; 2 it could not be
done.
"""


@click.command(epilog=_EPILOG)
@click.argument("directory", default=".", metavar="[DIR]", shell_complete=completing.paths)
@click.option("--write", is_flag=True, help="Change the files.")
@click.option("--back", is_flag=True, help="From dh_pkgtools to dh_python3.")
@click.option(
    "--strategy",
    type=click.Choice([one.value for one in Strategy]),
    metavar="STRATEGY",
    help="Write debian/pkgtools.toml with this strategy.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the diff.")
@ends_with_status
def migrate(directory: str, strategy: str | None, *, write: bool, back: bool, as_json: bool) -> int:
    """Have a source package use dh_pkgtools instead of dh_python3.

    DIR is the source package's top directory. What changes in debian/ is printed as a diff; nothing is changed without
    --write.
    """
    if back and strategy:
        raise UsageError("--strategy is for dh_pkgtools: leave it out with --back")
    top = Path(local_path(directory))
    plan = plan_migration(_texts(top), back=back, strategy=strategy or "")
    if write:
        for file in plan.files:
            _write(top, file)
    if as_json:
        click.echo(json.dumps(_as_dict(plan, write=write), indent=1))
    else:
        _print(plan, THEIRS if back else OURS, write=write)
    return int(bool(plan.remarks))


def _texts(top: Path) -> dict[str, str]:
    """Read the files of debian/ that may name a helper. Raises UsageError, OSError."""
    for name in (CONTROL, RULES):
        if not (top / name).is_file():
            raise UsageError(
                f"{visible(str(top / name))}: no such file; name or enter the top directory of a source package"
            )
    found = {}
    for entry in sorted(os.scandir(top / "debian"), key=lambda one: one.name):
        name = f"debian/{entry.name}"
        if not entry.is_file(follow_symlinks=False):
            if name in {CONTROL, RULES, MANIFEST}:
                raise UsageError(f"{name}: a link or not a regular file: it is not changed")
            continue
        if entry.stat().st_size <= _LARGEST:
            found[name] = Path(entry.path).read_bytes().decode("utf-8", "surrogateescape")
        elif name in {CONTROL, RULES}:
            raise UsageError(f"{name}: larger than {_LARGEST} bytes")
    return found


def _write(top: Path, file: FileMigration) -> None:
    """Write one file in the place of the old one, with its mode."""
    path = top / file.file
    if file.new is None:
        path.unlink()
        return
    mode = TEXT if file.old is None else stat.S_IMODE(path.stat().st_mode)
    write_whole(path, file.new.encode("utf-8", "surrogateescape"), mode)


def _print(plan: Migration, helper: Helper, *, write: bool) -> None:
    for file in plan.files:
        click.echo(file.diff().encode("utf-8", "surrogateescape"), nl=False)
    if not plan.files:
        click.echo(f"nothing to change: the package uses {helper.program} already", err=True)
    elif write:
        click.echo(f"changed {', '.join(one.file for one in plan.files)}", err=True)
    for one in plan.remarks:
        click.echo(f"{visible(one.file)}:{one.line}: {one.text}", err=True)


def _as_dict(plan: Migration, *, write: bool) -> dict[str, object]:
    return {
        "version": 1,
        "written": write,
        "files": [{"path": one.file, "diff": one.diff()} for one in plan.files],
        "remarks": [{"path": one.file, "line": one.line, "text": one.text} for one in plan.remarks],
    }


COMMAND = migrate
