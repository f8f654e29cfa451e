# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the commands that look at whole systems have in common: reading one, and comparing its bytecode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.readers.examine import Look
from pkgtools.readers.package import is_packed, read_package
from pkgtools.readers.verification import fetch_from_package, verify_package
from pkgtools.runtime.filelist import absolute

from .progress import progress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.model.package import Package
    from pkgtools.readers.verification import Fetch

_LOOK = Look(guesses=False)


def read_system(path: Path, pythons: Iterable[str], workers: int | None, *, verify: bool) -> Package:
    """Read a system (or a package), and say of each pyc whether it is what its source compiles to if `verify`.

    `pythons` are interpreters beside those in /usr/bin. Raises UnreadablePackage, EnvironmentFault.
    """
    if not verify:
        return _read(path)[0]
    from pkgtools.readers.compiling import find_compilers  # noqa: PLC0415 - with the machinery of processes

    compilers = find_compilers(map(absolute, pythons), workers)  # before the long part: a name may be wrong
    package, fetch = _read(path)
    number = sum(one.path.endswith(".pyc") for one in package.files)
    return verify_package(package, compilers, fetch, lambda results: progress(results, "comparing", number))


def read_any(path: Path, *, is_root: bool = False) -> Package:
    """Read a package, a staged tree, an image, or a directory that is a system. Raises as `read_system` does."""
    if path.is_dir() and not is_root:
        return read_package(path, Look())
    return _read(path)[0]


def _read(path: Path) -> tuple[Package, Fetch]:
    if is_packed(path):
        return read_package(path, Look()), fetch_from_package(path)
    if path.is_dir():
        from pkgtools.readers.root import fetch_from_root, read_root  # noqa: PLC0415 - one of the three is needed

        return read_root(path, _LOOK), fetch_from_root(path)
    from pkgtools.readers.image import Image  # noqa: PLC0415 - as above

    image = Image(path)
    return image.read(_LOOK), image.fetch
