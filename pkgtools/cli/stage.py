# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`pkgtools stage`: a staged tree becomes what its package shall ship."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.build.build_root import read_epoch
from pkgtools.build.stage import compile_staged, write_payload
from pkgtools.render.compilations import plan_compilations
from pkgtools.render.generate import TARGETS, payload_of
from pkgtools.report.wording import visible
from pkgtools.runtime.errors import UsageError

from . import completing
from .manifest_options import choose_packages, make_job, manifest_option, open_manifest
from .running import ends_with_status

if TYPE_CHECKING:
    from pkgtools.model.manifest import DeclaredPackage, Manifest
    from pkgtools.render.generated import Job
    from pkgtools.render.packaging_target import PackagingTarget

_EPILOG = """\b
Examples:
  pkgtools stage --target deb build/acme
      before dpkg-deb packs it
  pkgtools stage -t rpm -p acme-web "%{buildroot}"
      in %install
  pkgtools stage -t nfpm --dry-run build/acme
      what would it do?

Exit status: 0 done; 2 it could not be done, or sources don't compile and
bad-source is 'fail'.
"""


@click.command("stage", epilog=_EPILOG)
@click.argument("tree", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--target", "-t", type=click.Choice(list(TARGETS)), required=True, help="Packaging tool.")
@manifest_option
@click.option(
    "--package",
    "-p",
    "only",
    shell_complete=completing.package_keys,
    metavar="KEY",
    help="The package (default: the manifest's only one).",
)
@click.option("--templates", metavar="DIR", help="Templates of your own, instead of those of the same name.")
@click.option("--dry-run", "-n", is_flag=True, help="Change nothing; show what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@ends_with_status
def stage(
    tree: Path,
    target: str,
    manifest: str | None,
    only: str | None,
    templates: str | None,
    **flags: bool,
) -> None:
    """Put the generated files into TREE and, for the strategies shipped and sourceless, compile its modules."""
    read = open_manifest(manifest)
    job = make_job(read, str(tree), templates)
    done = _stage(job, TARGETS[target], _one_package(read, only), tree, dry_run=flags["dry_run"])
    if flags["as_json"]:
        click.echo(json.dumps({"version": 1, "tree": str(tree), "steps": done}, indent=1))
        return
    would = "would " if flags["dry_run"] else ""
    for step in done:
        click.echo(visible(f"{would}{step['step']} {step['path']}"))
    if not done:
        click.echo(f"{tree}: nothing to write or to compile for {target}", err=True)


def _one_package(manifest: Manifest, key: str | None) -> DeclaredPackage:
    packages = choose_packages(manifest, [key] if key else [])
    if len(packages) > 1:
        keys = ", ".join(package.key for package in packages)
        raise UsageError(f"{manifest.origin} has several packages: say with --package which of {keys} the tree is of")
    return packages[0]


def _stage(
    job: Job, target: PackagingTarget, package: DeclaredPackage, tree: Path, *, dry_run: bool
) -> list[dict[str, str]]:
    plan, payload = payload_of(job, target, package)
    works = plan_compilations(plan, tree)
    steps: list[tuple[str, str]] = [("write", path) for path, _ in payload]
    steps += [("compile", path) for work in works for path in work.paths]
    if not dry_run:
        epoch = read_epoch(os.environ.get("SOURCE_DATE_EPOCH"))
        write_payload(tree, ((path, file.content, file.mode) for path, file in payload))
        for work in works:
            staged = compile_staged(tree, work, epoch)
            for message in staged.messages:
                click.echo(visible(message), err=True)
            steps += [("drop", source) for source in staged.dropped]
    return [{"step": step, "path": path} for step, path in steps]


COMMAND = stage
