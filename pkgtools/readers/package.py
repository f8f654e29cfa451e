# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A package of any kind: a .deb, a .rpm, an .apk, a package of Arch Linux or a staged tree."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.bytecode.headers import magics_of_hashes
from pkgtools.model.package import Kind

from .package_kinds import kind_of_package
from .unreadable import UnreadablePackage

if TYPE_CHECKING:
    from pathlib import Path

    from pkgtools.model.package import Package

_STAGED = frozenset("DEBIAN bin boot etc lib lib32 lib64 libx32 opt sbin srv usr var".split())
"""What lies at the top of a tree that will be installed (FHS 3.0), and in no pool."""


def is_staged(path: Path) -> bool:
    """Whether a directory is a staged tree by what lies at its top."""
    return any((path / name).is_dir() for name in _STAGED)


def read_package(path: Path, look: ReadingOptions) -> Package:
    """Read a package, whatever it is called, or a directory that holds what will be installed.

    One with hash-based pycs is read twice: only then the hashes of its sources are computed, which take their time.
    Raises UnreadablePackage, and EnvironmentFault where a module or program is missing.
    """
    package = _read(path, look)
    magics = magics_of_hashes(package.files)
    if not magics - look.magics:
        return package
    del package  # which is not held twice
    return _read(path, replace(look, magics=magics))


def require_package(path: Path, package: Package) -> None:
    """Raise UnreadablePackage for a directory in which there is nothing that a package could be made of."""
    if package.kind is not Kind.TREE or (path / "DEBIAN").is_dir():
        return
    files = [one for one in package.files if not one.is_directory]
    if not (files and (is_staged(path) or any(one.facts for one in files))):
        wrong = "no package found, and it isn't a staged tree: there is no file below usr/ or the like"
        raise UnreadablePackage(path, wrong)


def _read(path: Path, look: ReadingOptions) -> Package:
    if path.is_dir():
        from .tree import read_tree  # noqa: PLC0415 - one of them is needed, and each imports half a library

        return read_tree(path, look)
    if not os.path.lexists(path):
        raise UnreadablePackage(path, "no such file or directory")
    if path.exists() and not path.is_file():
        raise UnreadablePackage(path, "not a regular file")  # a FIFO would never open
    match kind_of_package(path):
        case Kind.DEB:
            from pkgtools.readers.deb.deb_file import read_deb  # noqa: PLC0415 - as above

            return read_deb(path, look)
        case Kind.RPM:
            from pkgtools.readers.rpm.rpm_file import read_rpm  # noqa: PLC0415 - as above

            return read_rpm(path, look)
        case Kind.APK:
            from pkgtools.readers.apk.apk_file import read_apk  # noqa: PLC0415 - as above

            return read_apk(path, look)
        case Kind.ALPM:
            from pkgtools.readers.alpm.alpm_file import read_alpm  # noqa: PLC0415 - as above

            return read_alpm(path, look)
        case _:
            raise UnreadablePackage(path, "no package of a kind that pkgtools reads: .deb, .rpm, .apk or .pkg.tar.zst")
