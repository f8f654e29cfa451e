# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the package managers know: the files of a package, and which files and directories a package owns.

A path is never an argument of another program here: to dpkg it would be a pattern, to rpm a macro (SECURITY.md).
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from .dpkg_records import dpkg_files, listed_by_dpkg
from .errors import EnvironmentFault, UsageError
from .facts import InstalledPath
from .merged_usr import all_names
from .rpm_records import listed_by_rpm, rpm_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .trust import Tree

_PACKAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9+._~^:-]*", re.ASCII)


RPM_FRONT_ENDS = {"dnf": "dnf", "dnf5": "dnf", "microdnf": "dnf", "zypper": "zypper"}
"""By the names of their programs."""
REINSTALL_BY_DPKG = ("apt-get", "install", "--reinstall")
REINSTALL_BY_RPM = {"dnf": ("dnf", "reinstall"), "zypper": ("zypper", "install", "--force")}
"""By the front end; dnf where there is none."""


class Owned(NamedTuple):
    """Those of some files and directories that packages own, by the package manager that knows it, with the package."""

    dpkg: Mapping[InstalledPath, str] = {}
    """dpkg records neither owner nor mode of a file, and takes away a directory only when it is empty."""
    rpm: Mapping[InstalledPath, str] = {}
    """rpm records owner, mode, time and digest, and `rpm --verify` compares them."""
    front_end: str = "dnf"
    """Of rpm."""

    def by_any(self) -> frozenset[InstalledPath]:
        """Return what any package owns."""
        return frozenset(self.dpkg).union(self.rpm)

    def remedy(self, path: InstalledPath) -> str:
        """Return the command that brings back what a package ships, or words where the package isn't known."""
        package = self.rpm.get(path, self.dpkg.get(path, ""))
        if not _PACKAGE.fullmatch(package):
            return "reinstall the package that owns it"
        argv = REINSTALL_BY_RPM[self.front_end] if path in self.rpm else REINSTALL_BY_DPKG
        return " ".join((*argv, package))


def files_of_package(tree: Tree, package: str, *, newest: bool = False) -> list[InstalledPath]:
    """Return every path of an installed package, where a diversion put it.

    While rpm upgrades a package, both versions are installed: `newest` leaves out what goes in a moment.
    The package may carry an architecture (`name:amd64`). Raises UsageError for what can't be the name of a package,
    EnvironmentFault if neither dpkg nor rpm knows it.
    """
    if not _PACKAGE.fullmatch(package):
        raise UsageError(f"invalid package name {package!r}: expected letters, digits and +._~^:- only")
    found = dpkg_files(tree, package)
    if found is None:
        found = rpm_files(tree, package, newest=newest)
    if found is None:
        raise EnvironmentFault(f"package {package} isn't installed: look for its name with dpkg -l or rpm -qa")
    return found


def owned_paths(tree: Tree, paths: Iterable[InstalledPath]) -> frozenset[InstalledPath]:
    """Return those of the files and directories that any package owns. Raises UnknownOwner, as `owned` does."""
    return owned(tree, paths).by_any()


def owned(tree: Tree, paths: Iterable[InstalledPath]) -> Owned:
    """Find out which of some files and directories packages own, by either name that a merged /usr gives them.

    It costs one reading of all file lists, however many paths there are: ask for all at once.
    Raises UnknownOwner if a package manager can't tell: then nothing may be taken for unowned.
    """
    names = all_names(tree)
    called = {path: frozenset(map(os.fsencode, names(path))) for path in paths}
    if not called:
        return Owned()
    wanted = frozenset().union(*called.values())
    of_dpkg, of_rpm = listed_by_dpkg(tree, wanted, names), listed_by_rpm(tree, wanted)
    return Owned(_by_path(called, of_dpkg), _by_path(called, of_rpm), _front_end(tree) if of_rpm else "dnf")


def _by_path(called: dict[InstalledPath, frozenset[bytes]], listed: dict[bytes, str]) -> dict[InstalledPath, str]:
    both = ((path, next((listed[name] for name in names if name in listed), None)) for path, names in called.items())
    return {path: package for path, package in both if package is not None}


def _front_end(tree: Tree) -> str:
    """Return what people install packages with, where rpm is the package manager."""
    there = {kind for name, kind in RPM_FRONT_ENDS.items() if tree.exists(InstalledPath(f"/usr/bin/{name}"))}
    return "zypper" if there == {"zypper"} else "dnf"
