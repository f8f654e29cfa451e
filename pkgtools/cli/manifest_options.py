# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the commands that read a manifest have in common: finding it, choosing packages of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pkgtools.config import find_manifest, read_manifest
from pkgtools.render.generate import open_templates
from pkgtools.render.generated import Job
from pkgtools.runtime.errors import UsageError

from . import completing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pkgtools.model.manifest import DeclaredPackage, Manifest


manifest_option = click.option(
    "--manifest",
    "-m",
    metavar="FILE",
    shell_complete=completing.paths,
    help="The manifest (default: the one of this directory).",
)
"""The option of every command that reads one."""


def open_manifest(given: str | None) -> Manifest:
    """Read a manifest: the one that was named, else the one of the working directory's project."""
    return read_manifest(Path(given) if given else find_manifest(Path()))


def choose_packages(manifest: Manifest, keys: Sequence[str]) -> tuple[DeclaredPackage, ...]:
    """Return the packages with some keys; all for none. Raises UsageError for a key that isn't there."""
    known = {package.key: package for package in manifest.packages}
    if unknown := [key for key in keys if key not in known]:
        raise UsageError(f"{manifest.origin} has no package {', '.join(unknown)}: it has {', '.join(known)}")
    return tuple(known[key] for key in dict.fromkeys(keys)) if keys else manifest.packages


def make_job(manifest: Manifest, output: str, templates: str | None) -> Job:
    """Put together what generating needs; `output` is the directory that files which name others name."""
    relative = os.path.relpath(output, manifest.directory)
    return Job(manifest=manifest, templates=open_templates(Path(templates) if templates else None), output=relative)
