# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the commands that look at whole systems have in common: reading one, and comparing its bytecode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.verification import fetch_from_package, verify_package
from pkgtools.model.exclusions import Exclusions
from pkgtools.model.package import Kind
from pkgtools.readers.package import read_package, require_package
from pkgtools.readers.package_kinds import kind_of_package
from pkgtools.readers.unreadable import UnreadablePackage

from .progress_bar import progress
from .shared_options import named_pythons

if TYPE_CHECKING:
    from pkgtools.bytecode.compiling import Compilers
    from pkgtools.model.content import Fetch
    from pkgtools.model.package import Package

_LOOK = ReadingOptions(guesses=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemQuestion:
    """What is to be read, and what it is compared with."""

    path: Path
    """The system's root directory, an image or a package, as given."""
    compare: bool
    """Say of each pyc whether it is what its source compiles to."""
    pythons: tuple[str, ...] = ()
    """Interpreters of this machine beside those in /usr/bin."""
    workers: int | None = None
    """How many processes compile at once; None: one for each core."""
    suspects: bool = False
    """Say of each source without bytecode whether it compiles, or looks as if only Python 2 understood it."""
    excluded: Exclusions = field(default_factory=Exclusions)
    """As `ReadingOptions.excluded`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSystem:
    """A system, an image or a package that was read."""

    package: Package
    """What is in it."""
    compilers: Compilers | None
    """The interpreters that it was compared with; None if it was not to be."""
    fetch: Fetch
    """Brings contents of its files."""


def read_system(question: SystemQuestion) -> ReadSystem:
    """Read a system (or a package), and compare it if that was asked for.

    Nothing of the system is run: code is compared by interpreters of this machine alone.
    Raises UnreadablePackage, EnvironmentFault.
    """
    look = replace(_LOOK, excluded=question.excluded)
    compilers = None
    if question.compare:
        from pkgtools.bytecode.compiling import find_compilers  # noqa: PLC0415 - with the machinery of processes

        # before the long part: a name may be wrong
        compilers = find_compilers(named_pythons(question.pythons), question.workers)
    package, fetch = _read(question.path, look)
    if compilers is not None:
        number = sum(one.path.endswith(".pyc") for one in package.files)
        package = verify_package(package, compilers, fetch, lambda results: progress(results, "comparing", number))
    if question.suspects and package.kind is Kind.ROOT:
        from pkgtools.check.uncompiled_sources import explain_missing  # noqa: PLC0415 - as above

        package = explain_missing(package, compilers, fetch)
    return ReadSystem(package=package, compilers=compilers, fetch=fetch)


def read_any(path: Path, *, is_root: bool = False) -> Package:
    """Read a package, a staged tree, an image, or a directory that is a system. Raises as `read_system` does."""
    if path.is_dir() and not is_root and not _is_layout(path):
        package = read_package(path, ReadingOptions())
        require_package(path, package)
        return package
    return _read(path, _LOOK)[0]


_NO_SYSTEM = (
    "no system: there is no os-release, no package database, no interpreter and no module: name the directory in"
    " which /usr and /etc of the system lie"
)


def _read(path: Path, look: ReadingOptions) -> tuple[Package, Fetch]:
    package, fetch = _read_any(path, look)
    has_files = any(not file.is_directory for file in package.files)
    if package.kind is Kind.ROOT and not (package.is_marked or package.pythons or has_files):
        raise UnreadablePackage(path, _NO_SYSTEM)
    return package, fetch


def _read_any(path: Path, look: ReadingOptions) -> tuple[Package, Fetch]:
    if kind_of_package(path):
        return read_package(path, ReadingOptions()), fetch_from_package(path)
    if path.is_dir() and not _is_layout(path):
        from pkgtools.readers.system.installed import fetch_from_root, read_root  # noqa: PLC0415 - one of the three is needed

        return read_root(path, look), fetch_from_root(path)
    from pkgtools.readers.image.image import Image  # noqa: PLC0415 - as above

    image = Image(path)
    return image.read(look), image.fetch


def _is_layout(path: Path) -> bool:
    if not (path / "oci-layout").exists():
        return False
    from pkgtools.readers.image.image import is_layout  # noqa: PLC0415 - as above

    return is_layout(path)
