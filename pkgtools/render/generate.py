# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A manifest -> the files that a packaging tool needs: pure, the same bytes for the same manifest and templates."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from pkgtools.model.manifest import Family
from pkgtools.runtime.dropins import EXCLUSIONS, PRIVATE

from .plan import plan_scripts
from .targets import alpm, apk, deb, debhelper, fpm, nfpm, rpm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.model.manifest import Package
    from pkgtools.runtime.facts import InstalledPath

    from .job import GeneratedFile, Job
    from .plan import ScriptPlan


class Target(Enum):
    """A packaging tool that files are generated for."""

    DEB = "deb"
    DEBHELPER = "debhelper"
    RPM = "rpm"
    RPM_OSTREE = "rpm-ostree"
    ZYPPER_CLASSIC = "zypper-classic"
    NFPM = "nfpm"
    FPM = "fpm"
    ALPM = "alpm"
    APK = "apk"


_FILES: dict[Target, Callable[[Job, tuple[Package, ...]], Iterator[GeneratedFile]]] = {
    Target.DEB: deb.files,
    Target.DEBHELPER: debhelper.files,
    Target.RPM: rpm.files,
    Target.RPM_OSTREE: rpm.files_for_ostree,
    Target.ZYPPER_CLASSIC: rpm.files_for_zypper_classic,
    Target.NFPM: nfpm.files,
    Target.FPM: fpm.files,
    Target.ALPM: alpm.files,
    Target.APK: apk.files,
}

_FAMILIES = {Target.DEB: Family.DEB, Target.DEBHELPER: Family.DEB, Target.ALPM: Family.ALPM, Target.APK: Family.APK}
"""What a staged tree becomes; nfpm's and fpm's are treated as for rpm, the strictest about what a tree holds."""

_NAMES = {
    Target.DEB: ("DEBIAN/", "control"),
    Target.NFPM: ("nfpm.yaml", "scripts/", "root-"),
    Target.FPM: ("fpm.options", "before-", "after-"),
    Target.ALPM: ("{name}.install", "root/usr/share/libalpm/hooks/"),
    Target.APK: ("APKBUILD.inc", "{name}.pre-", "{name}.post-", "{name}.trigger"),
}
"""What names in a package's folder begin with, target by target: several may share an output directory."""


def generate(job: Job, target: Target, packages: Iterable[Package]) -> tuple[GeneratedFile, ...]:
    """Make all files of a target for some packages of the job's manifest, by name.

    Raises UsageError for what a target can't do, or a template of the packager that is wrong.
    """
    return tuple(sorted(_FILES[target](job, tuple(packages)), key=lambda file: file.path))


def payload_of(
    job: Job, target: Target, package: Package
) -> tuple[ScriptPlan, tuple[tuple[InstalledPath, GeneratedFile], ...]]:
    """Return the plan for a package's scripts, and what it has to ship: where, and the file."""
    plan = plan_scripts(package, _FAMILIES.get(target, Family.RPM))
    return plan, tuple(job.payload(plan))


def names_of(target: Target, packages: Iterable[Package]) -> tuple[str, ...]:
    """Return what the paths of all files of some packages begin with."""
    if target is Target.DEBHELPER:
        # not the folders beside them, in which debhelper puts packages together
        return tuple(f"{package.variants[Family.DEB].name}." for package in packages)
    if target not in _NAMES:
        return tuple(f"{package.key}." for package in packages)
    names = []
    for package in packages:
        name = package.variants[_FAMILIES.get(target, Family.DEB)].name
        shipped = (f"root{place}/" for place in (PRIVATE, EXCLUSIONS, package.runtime_directory))
        own = (text.format(name=name) for text in _NAMES[target])
        names += [f"{package.key}/{text}" for text in (*own, *shipped)]
    return tuple(names)
