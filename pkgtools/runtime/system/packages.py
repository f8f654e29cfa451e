# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the package managers know: the files of a package, and which files and directories a package owns.

A path is never an argument of another program here: to dpkg it would be a pattern, to rpm a macro (SECURITY.md).
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import EnvironmentFault, UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple

from .dpkg_packages import PackageFiles, dpkg_files
from .dpkg_records import listed_by_dpkg, packages_that_list
from .merged_usr import names_when_asked
from .packaged import is_bytecode, packaged_bytecode
from .processes import RPM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .merged_usr import Names
    from .trust import Tree

_IN_NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.~^:-"
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
        if not _is_package_name(package):
            return "reinstall the package that owns it"
        argv = REINSTALL_BY_RPM[self.front_end] if path in self.rpm else REINSTALL_BY_DPKG
        return " ".join((*argv, package))


def _is_package_name(text: str) -> bool:
    return text.isascii() and (text[:1].isalnum() or text[:1] == "_") and not text.strip(_IN_NAMES)


def files_of_package(tree: Tree, package: str, *, newest: bool = False, architecture: str = "") -> list[InstalledPath]:
    """Return every path of an installed package, where a diversion put it.

    While rpm upgrades a package, both versions are installed: `newest` leaves out what goes in a moment.
    The package may carry an architecture (`name:amd64`); `architecture` is the one that is meant where it carries none
    and dpkg has it for several. Raises UsageError for what can't be the name of a package, EnvironmentFault if neither
    dpkg nor rpm knows it, UnknownOwner if their records can't be read.
    """
    return list(_found(tree, package, newest=newest, architecture=architecture).paths)


def files_that_go(tree: Tree, package: str, architecture: str = "") -> list[InstalledPath]:
    """Return every path that goes with a package: all but those that it has for another architecture, too.

    As `files_of_package`; without an architecture the packages of all go.
    """
    found = _found(tree, package, newest=False, architecture=architecture)
    return [path for path in found.paths if path not in found.shared]


def _found(tree: Tree, package: str, *, newest: bool, architecture: str) -> PackageFiles:
    if not _is_package_name(package):
        raise UsageError(f"invalid package name {package!r}: expected letters, digits and +._~^:- only")
    found = dpkg_files(tree, package, architecture)
    if found is None:
        from .rpm_records import rpm_files  # noqa: PLC0415 - as above

        listed = rpm_files(tree, package, newest=newest)
        found = None if listed is None else PackageFiles(tuple(listed))
    if found is None:
        raise EnvironmentFault(f"package {package} isn't installed: look for its name with dpkg -l or rpm -qa")
    return found


def owned_paths(tree: Tree, paths: Iterable[InstalledPath]) -> frozenset[InstalledPath]:
    """Return those of the files and directories that any package owns. Raises UnknownOwner, as `owned` does."""
    return owned(tree, paths).by_any()


def owners(tree: Tree, path: InstalledPath) -> frozenset[str]:
    """Return all packages that have a path, by either name that a merged /usr gives it. Raises UnknownOwner."""
    called = frozenset(map(os.fsencode, names_when_asked(tree)(path)))
    found = packages_that_list(tree, called)
    if _has_rpm(tree):
        from .rpm_records import packages_that_have  # noqa: PLC0415 - as above

        found |= packages_that_have(tree, called)
    return found


def owned(tree: Tree, paths: Iterable[InstalledPath]) -> Owned:
    """Find out which of some files and directories packages own, by either name that a merged /usr gives them.

    It costs one reading of all file lists, however many paths there are: ask for all at once. Where all are bytecode,
    and dpkg has changed nothing since the last batch, dpkg's lists are not read.
    Raises UnknownOwner if a package manager doesn't know: then nothing may be taken for unowned.
    """
    asked = list(paths)
    if not asked:
        return Owned()
    names = names_when_asked(tree)
    of_dpkg: dict[InstalledPath, str] | None = None
    if all(map(is_bytecode, asked)):
        of_dpkg = _owned_bytecode(asked, packaged_bytecode(tree, names), names)
        if not _has_rpm(tree):
            return Owned(of_dpkg)
    called = {path: frozenset(map(os.fsencode, names(path))) for path in asked}
    wanted = frozenset().union(*called.values())
    if of_dpkg is None:
        of_dpkg = _by_path(called, listed_by_dpkg(tree, wanted, names))
    if all(map(is_bytecode, asked)):
        from .rpm_packaged import bytecode_listed_by_rpm  # noqa: PLC0415 - most machines have one package manager

        of_rpm = bytecode_listed_by_rpm(tree, wanted)
    else:
        from .rpm_records import listed_by_rpm  # noqa: PLC0415 - as above

        of_rpm = listed_by_rpm(tree, wanted)
    return Owned(of_dpkg, _by_path(called, of_rpm), _front_end(tree) if of_rpm else "dnf")


def _has_rpm(tree: Tree) -> bool:
    if not os.path.exists(RPM):
        return False
    from .rpm_records import database_of  # noqa: PLC0415 - as above

    return database_of(tree) is not None


def _owned_bytecode(paths: list[InstalledPath], known: dict[bytes, str], names: Names) -> dict[InstalledPath, str]:
    """Return those of the paths that are known; most are not, by no name that a merged /usr could give them."""
    if not known:
        return {}
    below_usr = {os.fsdecode(path).removeprefix("/usr") for path in known}
    near = [path for path in paths if path.removeprefix("/usr") in below_usr]
    return _by_path({path: frozenset(map(os.fsencode, names(path))) for path in near}, known)


def _by_path(called: dict[InstalledPath, frozenset[bytes]], listed: dict[bytes, str]) -> dict[InstalledPath, str]:
    both = ((path, next((listed[name] for name in names if name in listed), None)) for path, names in called.items())
    return {path: package for path, package in both if package is not None}


def _front_end(tree: Tree) -> str:
    """Return what people install packages with, where rpm is the package manager."""
    there = {kind for name, kind in RPM_FRONT_ENDS.items() if tree.exists(InstalledPath(f"/usr/bin/{name}"))}
    return "zypper" if there == {"zypper"} else "dnf"
