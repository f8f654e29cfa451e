# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which versions of Python a source of a package is for: only these can say whether it compiles."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.model.asked_versions import range_of_dependencies
from pkgtools.model.distribution import DistributionFacts
from pkgtools.model.package import PycFacts
from pkgtools.runtime.policy.layout import parse_pyc_name
from pkgtools.runtime.policy.version_range import VersionRange
from pkgtools.runtime.pythons import CPYTHON, FREE_THREADED, library_of, tag_version, version_of_magic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import SpecifierSet

    from pkgtools.model.package import Package
    from pkgtools.runtime.pythons import PythonVersion


class Fitting:
    """What a package says of the versions that it is for."""

    def __init__(self, package: Package) -> None:
        """Read its dependencies, the metadata of its distributions, and the magic numbers of its bytecode."""
        self._range: VersionRange = range_of_dependencies(package.dependencies)
        self._specifiers = list(_specifiers(package))
        self._of_bytecode = frozenset(_versions_of_bytecode(package))

    def fits(self, path: str, version: PythonVersion) -> bool:
        """Whether a source is for a version of Python."""
        served = version_served(path)
        if served is not None:
            return version == served
        if self._of_bytecode and version not in self._of_bytecode:
            return False
        release = f"{version[0]}.{version[1]}.99"
        return version in self._range and all(one.contains(release, prereleases=True) for one in self._specifiers)


def version_served(path: str) -> PythonVersion | None:
    """Return the one version of Python that searches a file's directory; None where the path doesn't say."""
    library = library_of(path)
    if library is None or library.python.implementation not in {CPYTHON, FREE_THREADED}:
        return None
    return library.python.version


def _specifiers(package: Package) -> Iterator[SpecifierSet]:
    texts = {one.facts.requires_python for one in package.files if isinstance(one.facts, DistributionFacts)}
    if not any(texts):
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - 15 ms, which few packages cost

    for text in sorted(filter(None, texts)):
        try:
            yield SpecifierSet(text)
        except InvalidSpecifier:  # installers pass over it, too
            continue


def _versions_of_bytecode(package: Package) -> Iterator[PythonVersion]:
    for file in package.files:
        if isinstance(file.facts, PycFacts):
            name = parse_pyc_name(basename(file.path))
            named = tag_version(name.tag) if name else None
            if version := version_of_magic(file.facts.header[:4]) or named:
                yield version
