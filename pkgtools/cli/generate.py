# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools generate`: what packages need to have their bytecode made and removed, from one manifest."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import click

from pkgtools.render.generate import Target, generate, names_of
from pkgtools.render.output import Action, Change, find_generated, perform, plan_changes, require_ours
from pkgtools.report.wording import visible

from .manifests import choose_packages, make_job, open_manifest
from .running import ends_with_status

_EPILOG = """\b
Examples:
  pkgtools generate --target deb -o build/deb          maintainer scripts for dpkg-deb
  pkgtools generate --target debhelper -o debian       files for debian/
  pkgtools generate --target rpm -o rpm --check        in CI: are they what the manifest says?
  pkgtools generate --target nfpm -o packaging --diff  how do they differ?

\b
Exit status: 0 done, or nothing differs; 1 --check or --diff found differences; 2 it could not be done.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked for."""

    target: Target
    output: str
    manifest: str | None
    only: tuple[str, ...]
    templates: str | None
    check: bool
    diff: bool
    dry_run: bool
    force: bool
    as_json: bool


@click.command("generate", epilog=_EPILOG)
@click.option("--target", "-t", type=click.Choice([t.value for t in Target]), required=True, help="Packaging tool.")
@click.option("--output", "-o", metavar="DIR", required=True, help="Where the files go.")
@click.option("--manifest", "-m", metavar="FILE", help="The manifest (default: the one of this directory).")
@click.option("--package", "-p", "only", metavar="KEY", multiple=True, help="Only this package of the manifest.")
@click.option("--templates", metavar="DIR", help="Templates of your own, in the place of those of the same name.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file differs.")
@click.option("--diff", is_flag=True, help="Write nothing; show how files differ, and exit with 1 if one does.")
@click.option("--dry-run", "-n", is_flag=True, help="Write nothing; show what would be done.")
@click.option("--force", "-f", is_flag=True, help="Overwrite files that pkgtools didn't generate.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@ends_with_status
def generate_command(target: str, **options: object) -> int:
    """Generate maintainer scripts, scriptlets and triggers from a manifest."""
    request = Request(target=Target(target), **options)  # type: ignore[arg-type] # click has checked them, by the names above
    changes = _plan(request)
    if not (request.check or request.diff or request.force):
        require_ours(changes, Path(request.output))
    if not (request.check or request.diff or request.dry_run):
        perform(changes, Path(request.output))
    _tell(request, changes)
    differs = any(change.action is not Action.KEEP for change in changes)
    return int(differs and (request.check or request.diff))


def _plan(request: Request) -> tuple[Change, ...]:
    manifest = open_manifest(request.manifest)
    packages = choose_packages(manifest, request.only)
    files = generate(make_job(manifest, request.output, request.templates), request.target, packages)
    keys = [package.key for package in packages]
    former = find_generated(Path(request.output), names_of(request.target, packages), keys)
    return plan_changes(files, Path(request.output), former)


def _tell(request: Request, changes: tuple[Change, ...]) -> None:
    if request.as_json:
        click.echo(json.dumps(_report(request, changes), indent=1))
        return
    for change in changes:
        if request.diff:
            if change.action is not Action.KEEP:
                click.echo("".join(change.diff()), nl=False)
        elif change.action is not Action.KEEP:
            click.echo(f"{change.action.value} {visible(request.output)}/{visible(change.path)}")
    kept = sum(change.action is Action.KEEP for change in changes)
    if not request.diff:
        click.echo(f"{len(changes)} files, {kept} of them as they should be already", err=True)


def _report(request: Request, changes: tuple[Change, ...]) -> dict[str, object]:
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
    return {"version": 1, "target": request.target.value, "output": request.output, "files": files}


COMMAND = generate_command
