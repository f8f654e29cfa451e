# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A package of any kind: a .deb, a .rpm or a staged tree."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.bytecode.headers import magics_of_hashes
from pkgtools.model.package import Kind

from .unreadable import UnreadablePackage

if TYPE_CHECKING:
    from pathlib import Path

    from pkgtools.model.package import Package

DEB_SUFFIXES = frozenset({".deb", ".ddeb", ".udeb"})
RPM_SUFFIX = ".rpm"


def is_packed(path: Path) -> bool:
    """Whether a path is a package by its name."""
    return path.suffix in DEB_SUFFIXES or path.suffix == RPM_SUFFIX


_STAGED = frozenset("DEBIAN bin boot etc lib lib32 lib64 libx32 opt sbin srv usr var".split())
"""What lies at the top of a tree that will be installed (FHS 3.0), and in no pool."""


def is_staged(path: Path) -> bool:
    """Whether a directory is a staged tree by what lies at its top."""
    return any((path / name).is_dir() for name in _STAGED)


def read_package(path: Path, look: ReadingOptions) -> Package:
    """Read a package, which its suffix tells the kind of, or a directory that holds what will be installed.

    One with hash-based pycs is read twice: only then the hashes of its sources are computed, which take their time.
    Raises UnreadablePackage, and EnvironmentFault where a module or program is missing.
    """
    package = _read(path, look)
    magics = magics_of_hashes(package.files)
    return _read(path, replace(look, magics=magics)) if magics - look.magics else package


def require_package(path: Path, package: Package) -> None:
    """Raise UnreadablePackage for a directory in which there is nothing that a package could be made of."""
    if package.kind is not Kind.TREE or (path / "DEBIAN").is_dir():
        return
    files = [one for one in package.files if not one.is_directory]
    if not (files and (is_staged(path) or any(one.facts for one in files))):
        wrong = "no package found, and it is no staged tree: there is no file below usr/ or the like"
        raise UnreadablePackage(path, wrong)


def _read(path: Path, look: ReadingOptions) -> Package:
    if path.is_dir():
        from .tree import read_tree  # noqa: PLC0415 - one of the three is needed, and each imports half a library

        return read_tree(path, look)
    if not os.path.lexists(path):
        raise UnreadablePackage(path, "no such file or directory")
    if path.exists() and not path.is_file():
        raise UnreadablePackage(path, "no regular file")  # a FIFO would never open
    if path.suffix in DEB_SUFFIXES:
        from pkgtools.readers.deb.deb_file import read_deb  # noqa: PLC0415 - as above

        return read_deb(path, look)
    if path.suffix == RPM_SUFFIX:
        from pkgtools.readers.rpm.rpm_file import read_rpm  # noqa: PLC0415 - as above

        return read_rpm(path, look)
    raise UnreadablePackage(path, "no directory, and its name ends neither in .deb nor in .rpm")
