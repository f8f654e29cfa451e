# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A package that trips a rule or doesn't, built by the real tool and read by the real reader, once."""

from __future__ import annotations

import functools
import hashlib
import inspect
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.one_package import read_checked
from pkgtools.cli.systems import SystemQuestion, read_system
from pkgtools.model.package import Kind
from pkgtools.readers.package import read_package
from tests.lab import debs, nfpm_samples, rpms
from tests.lab.needs import need_tools
from tests.lab.nfpm_builds import NFPM
from tests.lab.places import once, scratch_directory
from tests.runtime.acl import ACCESS, set_acl

if TYPE_CHECKING:
    from pkgtools.model.finding import Severity
    from pkgtools.model.package import Package
    from tests.lab.debs import SamplePackage

_MAKERS = "".join(inspect.getsource(module) for module in (debs, rpms, nfpm_samples))


_TOOLS = {
    Kind.DEB: "dpkg-deb",
    Kind.RPM: "rpmbuild",
    Kind.APK: str(NFPM),
    Kind.ALPM: str(NFPM),
    Kind.TREE: "cp",
    Kind.ROOT: "cp",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A package, and where a rule has something to say of it."""

    id: str
    package: SamplePackage
    kind: Kind = Kind.DEB
    """What is made of it: a package, a staged tree, or a system (then its control data are left out)."""
    hits: tuple[tuple[str, int | None], ...] = ()
    """Path or script, and line, of each that is expected, in any order; nothing in SPARES."""
    count: int | None = None
    """How many are expected, where their places don't matter."""
    severity: Severity | None = None
    """Of all of them, where it isn't the rule's."""
    ghosts: tuple[str, ...] = ()
    """What a .rpm names and doesn't ship."""
    unlisted: tuple[str, ...] = ()
    """Directories that a .rpm has files in and doesn't list."""
    acls: tuple[str, ...] = ()
    """Files and directories of a system that get an access list with an entry for somebody."""
    owners: tuple[tuple[str, int], ...] = ()
    """Directories of a system, and users whom they belong to."""
    groups: tuple[tuple[str, int], ...] = ()
    """Directories of a system, and groups that they belong to."""
    compiles: bool = False
    """All sources are compiled and all bytecode is compared, as `check --compile` does."""


def package_of(case: Case) -> Package:
    """Build and read a case's package, once in this process; equal ones are built once for all processes."""
    return _read(_build(case), case.kind, case.compiles)


@functools.cache
def _read(path: Path, kind: Kind, compiles: bool) -> Package:
    if kind is Kind.ROOT:
        return read_system(SystemQuestion(path=path, compare=compiles, workers=1, suspects=True)).package
    return read_checked(path, compile_all=True) if compiles else read_package(path, ReadingOptions())


def _build(case: Case) -> Path:
    need_tools([_TOOLS[case.kind]])
    key = hashlib.sha256(
        repr(
            (case.package, case.kind, case.ghosts, case.unlisted, case.acls, case.owners, case.groups, _MAKERS)
        ).encode(errors="surrogateescape")
    )
    shelf = scratch_directory() / "rule-cases"
    shelf.mkdir(exist_ok=True)
    directory = once(shelf / key.hexdigest()[:24], functools.partial(_make, case))
    return next(directory.rglob("*.rpm") if case.kind is Kind.RPM else directory.iterdir())


def _make(case: Case, directory: Path) -> None:
    match case.kind:
        case Kind.DEB:
            debs.build_deb(case.package, directory)
        case Kind.RPM:
            rpms.build_rpm(case.package, directory, ghosts=case.ghosts, unlisted=case.unlisted)
        case Kind.APK | Kind.ALPM:
            packager = "apk" if case.kind is Kind.APK else "archlinux"
            nfpm_samples.build_nfpm_sample(case.package, packager, directory)
        case Kind.TREE | Kind.ROOT:
            top = directory / case.package.name
            top.mkdir()
            debs.stage(case.package, str(top))
            if case.kind is Kind.ROOT:
                shutil.rmtree(top / "DEBIAN")
                _change_system(case, str(top))


def _change_system(case: Case, top: str) -> None:
    for path in case.acls:
        set_acl(top + path, ACCESS, owner=7, user=(1234, 7), group=5, mask=7, other=5)
    for path, user in case.owners:
        os.chown(top + path, user, user)
    for path, group in case.groups:
        mode = os.stat(top + path).st_mode & 0o7777
        os.chown(top + path, -1, group)
        os.chmod(top + path, mode)
