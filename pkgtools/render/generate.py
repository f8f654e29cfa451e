# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A manifest -> the files that a packaging tool needs: pure, the same bytes for the same manifest and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .script_plan import plan_scripts
from .targets import alpm, apk, deb, debhelper, fpm, nfpm, rpm
from .templates import Templates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pkgtools.model.manifest import DeclaredPackage
    from pkgtools.runtime.facts import InstalledPath

    from .generated import GeneratedFile, Job
    from .packaging_target import PackagingTarget
    from .script_plan import ScriptPlan


TARGETS = {
    target.name: target
    for target in (
        deb.TARGET,
        debhelper.TARGET,
        rpm.TARGET,
        rpm.RPM_OSTREE,
        rpm.ZYPPER_CLASSIC,
        nfpm.TARGET,
        fpm.TARGET,
        alpm.TARGET,
        apk.TARGET,
    )
}
"""All targets, by what `--target` calls them."""


def open_templates(directory: Path | None = None) -> Templates:
    """Return the templates of all targets, those of a packager's directory first. Raises UsageError as Templates."""
    return Templates(directory, dict(one for target in TARGETS.values() for one in target.stand_ins()))


def generate(job: Job, target: PackagingTarget, packages: Iterable[DeclaredPackage]) -> tuple[GeneratedFile, ...]:
    """Make all files of a target for some packages of the job's manifest, by name.

    Raises UsageError for what a target can't do, or a template of the packager that is wrong.
    """
    return tuple(sorted(target.files(job, tuple(packages)), key=lambda file: file.path))


def payload_of(
    job: Job, target: PackagingTarget, package: DeclaredPackage
) -> tuple[ScriptPlan, tuple[tuple[InstalledPath, GeneratedFile], ...]]:
    """Return the plan for a package's scripts, and what it has to ship: where, and the file."""
    plan = plan_scripts(package, target.family)
    return plan, tuple(job.payload(plan))
