# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the commands that look at whole systems have in common: reading one, and comparing its bytecode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.package import Kind
from pkgtools.readers.errors import UnreadablePackage
from pkgtools.readers.examine import Look
from pkgtools.readers.exclusions import Exclusions
from pkgtools.readers.package import is_packed, read_package
from pkgtools.readers.verification import fetch_from_package, verify_package
from pkgtools.runtime.filelist import absolute

from .progress import progress

if TYPE_CHECKING:
    from pkgtools.model.package import Package
    from pkgtools.readers.compiling import Compilers
    from pkgtools.readers.verification import Fetch

_LOOK = Look(guesses=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be read, and what it is compared with."""

    path: Path
    compare: bool
    """Say of each pyc whether it is what its source compiles to."""
    pythons: tuple[str, ...] = ()
    """Interpreters of this machine beside those in /usr/bin."""
    workers: int | None = None
    excluded: Exclusions = field(default_factory=Exclusions)
    """As `Look.excluded`."""


def read_system(question: Question) -> tuple[Package, Compilers | None]:
    """Read a system (or a package), and return it with the interpreters that it was compared with, if it was to be.

    Nothing of the system is run: code is compared by interpreters of this machine alone.
    Raises UnreadablePackage, EnvironmentFault.
    """
    look = replace(_LOOK, excluded=question.excluded)
    if not question.compare:
        return _read(question.path, look)[0], None
    from pkgtools.readers.compiling import find_compilers  # noqa: PLC0415 - with the machinery of processes

    # before the long part: a name may be wrong
    compilers = find_compilers(map(absolute, question.pythons), question.workers)
    package, fetch = _read(question.path, look)
    number = sum(one.path.endswith(".pyc") for one in package.files)
    compared = verify_package(package, compilers, fetch, lambda results: progress(results, "comparing", number))
    return compared, compilers


def read_any(path: Path, *, is_root: bool = False) -> Package:
    """Read a package, a staged tree, an image, or a directory that is a system. Raises as `read_system` does."""
    if path.is_dir() and not is_root and not _is_layout(path):
        return read_package(path, Look())
    return _read(path, _LOOK)[0]


_NO_SYSTEM = (
    "no system: there is no os-release, no package database, no interpreter and no module: name the directory in"
    " which /usr and /etc of the system lie"
)


def _read(path: Path, look: Look) -> tuple[Package, Fetch]:
    package, fetch = _read_any(path, look)
    has_files = any(not file.is_directory for file in package.files)
    if package.kind is Kind.ROOT and not (package.is_marked or package.pythons or has_files):
        raise UnreadablePackage(path, _NO_SYSTEM)
    return package, fetch


def _read_any(path: Path, look: Look) -> tuple[Package, Fetch]:
    if is_packed(path):
        return read_package(path, Look()), fetch_from_package(path)
    if path.is_dir() and not _is_layout(path):
        from pkgtools.readers.root import fetch_from_root, read_root  # noqa: PLC0415 - one of the three is needed

        return read_root(path, look), fetch_from_root(path)
    from pkgtools.readers.image import Image  # noqa: PLC0415 - as above

    image = Image(path)
    return image.read(look), image.fetch


def _is_layout(path: Path) -> bool:
    if not (path / "oci-layout").exists():
        return False
    from pkgtools.readers.image import is_layout  # noqa: PLC0415 - as above

    return is_layout(path)
