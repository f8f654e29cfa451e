# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The files of one of dpkg's packages, from its own list (info/PACKAGE.list), as `dpkg-query --listfiles` prints them.

Starting that program takes longer than cleaning a small package.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple

from .dpkg_records import ADMINISTRATION, LISTS, REPAIR, diversions, is_known_format, read_in, read_optional
from .listed_paths import plain_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trust import Tree

_SUFFIX = ".list"


class PackageFiles(NamedTuple):
    """What an installed package has."""

    paths: tuple[InstalledPath, ...]
    """All its files and directories, where diversions put them; of all architectures if none was asked for."""
    shared: frozenset[InstalledPath] = frozenset()
    """Those that the package for another architecture has, too (`Multi-Arch: same`)."""


def dpkg_files(tree: Tree, package: str, architecture: str = "") -> PackageFiles | None:
    """Return what a package has; None if dpkg doesn't know it.

    The name may carry an architecture; a package for all architectures is found by any. `architecture` is the one that
    is meant where it carries none and the package is installed for several. Raises UnknownOwner if dpkg's files can't
    be read.
    """
    name, _, asked = package.partition(":")
    try:
        lists = tree.look(LISTS)
    except (OSError, Refused):  # no dpkg
        return None
    try:
        if not is_known_format(lists):
            raise UnknownOwner(LISTS, "it has a format that is unknown here: update pkgtools")
        files = _Lists(lists, _moved(tree, name))
        return files.of_instance(name, asked or architecture) or files.of_package(tree, name, asked)
    except (OSError, Refused) as error:
        raise UnknownOwner(LISTS, f"dpkg's file lists can't be read ({error}): {REPAIR}") from error
    finally:
        os.close(lists)


class _Lists:
    """The directory of file lists, read with diversions."""

    def __init__(self, directory: int, moved: dict[InstalledPath, InstalledPath]) -> None:
        self._directory = directory
        self._moved = moved

    def of_instance(self, name: str, architecture: str) -> PackageFiles | None:
        """Return what the package for one architecture has, where others can be installed beside it."""
        own = self._read(f"{name}:{architecture}") if architecture else None
        if own is None:
            return None
        others = [self._read(one) or () for one in self._instances(name) if one != f"{name}:{architecture}"]
        return PackageFiles(own, frozenset(own).intersection(path for one in others for path in one))

    def of_package(self, tree: Tree, name: str, asked: str) -> PackageFiles | None:
        """Return what a package has that is installed once; without an architecture asked for, what all have."""
        own = self._read(name)
        if own is not None:
            return PackageFiles(own) if not asked or _architecture(tree, name) in {asked, "all"} else None
        found = [] if asked else [self._read(one) or () for one in self._instances(name)]
        return PackageFiles(tuple(dict.fromkeys(path for one in found for path in one))) if found else None

    def _instances(self, name: str) -> list[str]:
        begin = f"{name}:"
        return [n[: -len(_SUFFIX)] for n in os.listdir(self._directory) if n.startswith(begin) and n.endswith(_SUFFIX)]

    def _read(self, name: str) -> tuple[InstalledPath, ...] | None:
        try:
            lines = plain_names(read_in(self._directory, name + _SUFFIX))
        except FileNotFoundError:
            return None
        paths = tuple(InstalledPath(line) for line in lines if line)
        return tuple(self._moved.get(path, path) for path in paths) if self._moved else paths


def _moved(tree: Tree, name: str) -> dict[InstalledPath, InstalledPath]:
    """Return where diversions of others put the files of a package, by the names that it gives them."""
    return {one.origin: one.target for one in diversions(tree) if one.package != name}


def _architecture(tree: Tree, name: str) -> str:
    """Return the architecture of a package that is installed for one."""
    directory = tree.look(ADMINISTRATION)
    try:
        status = b"\n" + read_optional(directory, "status")
    finally:
        os.close(directory)
    begin = status.find(b"\nPackage: %s\n" % os.fsencode(name))
    fields = status[begin : status.find(b"\n\n", begin)] if begin >= 0 else b""
    return os.fsdecode(fields.partition(b"\nArchitecture: ")[2].partition(b"\n")[0])
