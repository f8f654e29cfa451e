# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools generate`: what packages need to have their bytecode made and removed, from one manifest."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.render.generate import TARGETS, generate
from pkgtools.render.output_directory import (
    OutputAction,
    OutputChange,
    find_generated,
    perform,
    plan_changes,
    require_ours,
)
from pkgtools.report.wording import counted, visible
from pkgtools.runtime.errors import UsageError

from . import completing
from .manifest_options import choose_packages, make_job, manifest_option, open_manifest
from .running import ends_with_status

if TYPE_CHECKING:
    from pkgtools.render.packaging_target import PackagingTarget

_EPILOG = """\b
Examples:
  pkgtools generate --target deb -o build/deb
      maintainer scripts for dpkg-deb
  pkgtools generate --target debhelper -o debian
      files for debian/
  pkgtools generate --target rpm -o rpm --check
      in CI: are they what the manifest says?
  pkgtools generate --target nfpm -o packaging --diff
      how do they differ?

Exit status: 0 done, or nothing differs; 1 --check or --diff found
differences; 2 it could not be done.
"""


_DONE = {OutputAction.CREATE: "created", OutputAction.UPDATE: "updated", OutputAction.REMOVE: "removed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateRequest:
    """What was asked for."""

    target: PackagingTarget
    """The packaging tool to generate files for."""
    output: str
    """The directory for the files, as given."""
    manifest: str | None
    """The manifest's file; None: the one of the working directory."""
    only: tuple[str, ...]
    """Keys of the packages to generate for; empty: all."""
    templates: str | None
    """A directory with the packager's own templates; None: ours alone."""
    check: bool
    """Write nothing, and exit with 1 if a file differs."""
    diff: bool
    """Write nothing, print the differences, and exit with 1 if there are any."""
    dry_run: bool
    """Write nothing and print what would be done."""
    force: bool
    """Overwrite files that pkgtools didn't generate."""
    as_json: bool
    """Print what was done as JSON instead of lines."""


@click.command("generate", epilog=_EPILOG)
@click.option("--target", "-t", type=click.Choice(list(TARGETS)), required=True, help="Packaging tool.")
@click.option("--output", "-o", metavar="DIR", required=True, help="Where the files go.")
@manifest_option
@click.option(
    "--package",
    "-p",
    "only",
    shell_complete=completing.package_keys,
    metavar="KEY",
    multiple=True,
    help="Only this package of the manifest.",
)
@click.option("--templates", metavar="DIR", help="Templates of your own, instead of those of the same name.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file differs.")
@click.option("--diff", is_flag=True, help="Write nothing; show how files differ, and exit with 1 if one does.")
@click.option("--dry-run", "-n", is_flag=True, help="Write nothing; show what would be done.")
@click.option("--force", "-f", is_flag=True, help="Overwrite files that pkgtools didn't generate.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@ends_with_status
def generate_command(target: str, **options: object) -> int:
    """Generate maintainer scripts, scriptlets and triggers from a manifest."""
    output = Path(str(options["output"]))
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file: --output names a directory")
    request = GenerateRequest(target=TARGETS[target], **options)  # type: ignore[arg-type] # click has checked them, by the names above
    changes = _plan(request)
    if not (request.check or request.diff or request.force):
        require_ours(changes, Path(request.output))
    if not (request.check or request.diff or request.dry_run):
        perform(changes, Path(request.output))
    _tell(request, changes)
    differs = any(change.action is not OutputAction.KEEP for change in changes)
    return int(differs and (request.check or request.diff))


def _plan(request: GenerateRequest) -> tuple[OutputChange, ...]:
    manifest = open_manifest(request.manifest)
    packages = choose_packages(manifest, request.only)
    files = generate(make_job(manifest, request.output, request.templates), request.target, packages)
    keys = [package.key for package in packages]
    names = [name for package in packages for name in request.target.names_of(package)]
    former = find_generated(Path(request.output), names, keys)
    return plan_changes(files, Path(request.output), former)


def _tell(request: GenerateRequest, changes: tuple[OutputChange, ...]) -> None:
    if request.as_json:
        click.echo(json.dumps(_report(request, changes), indent=1))
        return
    changed = [change for change in changes if change.action is not OutputAction.KEEP]
    if request.diff:
        for change in changed:
            click.echo("".join(change.diff()), nl=False)
        return
    is_done = not (request.check or request.dry_run)
    for change in changed:
        would = "" if is_done else "would "
        click.echo(f"{would}{change.action.value} {visible(request.output)}/{visible(change.path)}")
    counts = Counter(change.action for change in changes)
    parts = [f"{counts[one]} {'' if is_done else 'to be '}{text}" for one, text in _DONE.items() if counts[one]]
    if kept := counts[OutputAction.KEEP]:
        parts.append(f"{kept} unchanged")
    click.echo(f"{counted(len(changes), 'file')}: {', '.join(parts)}" if parts else "no files", err=True)


def _report(request: GenerateRequest, changes: tuple[OutputChange, ...]) -> dict[str, object]:
    files = [
        {
            "path": change.path,
            "action": change.action.value,
            "mode": f"{change.file.mode:04o}" if change.file else None,
            "bytes": len(change.file.content) if change.file else None,
            "template": change.file.template if change.file else None,
        }
        for change in changes
    ]
    return {"version": 1, "target": request.target.name, "output": request.output, "files": files}


COMMAND = generate_command
