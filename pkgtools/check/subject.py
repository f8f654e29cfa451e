# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: a package arranged for rules: which pyc belongs to which source, and the commands of its scripts."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.caches import Sources
from pkgtools.bytecode.headers import header_of
from pkgtools.model.asked_versions import range_of_dependencies
from pkgtools.model.package import Kind, PycFacts, SourceFacts
from pkgtools.runtime.facts import InstalledPath, InvalidationMode
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, PycName, parse_pyc_name
from pkgtools.runtime.policy.sources import is_source
from pkgtools.runtime.pythons import version_of_magic
from pkgtools.shell.commands import Command, read_commands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pkgtools.model.package import File, Package
    from pkgtools.model.package_scripts import Script
    from pkgtools.runtime.policy.version_range import VersionRange
    from pkgtools.runtime.pythons import PythonVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Pyc:
    """A pyc, in a cache directory or in the place of a source."""

    file: File
    """The pyc's name, mode, owner and what its content holds."""
    name: PycName | None
    """The parts of its name; None where no interpreter looks for such a name in a cache directory."""
    source: File | None
    """The source that it was made of, if that is there."""

    @property
    def facts(self) -> PycFacts | None:
        """What its content told; None if it could not be read."""
        return self.file.facts if isinstance(self.file.facts, PycFacts) else None

    @property
    def version(self) -> PythonVersion | None:
        """The CPython that its magic number stands for."""
        return version_of_magic(self.facts.header[:4]) if self.facts else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What rules look at."""

    package: Package
    """The package or system as it was read."""
    files: Mapping[InstalledPath, File]
    """All files by their paths."""
    sources: tuple[File, ...]
    """Regular .py files."""
    cached: tuple[Pyc, ...]
    """Pycs in cache directories, and in the central caches of a system."""
    loose: tuple[Pyc, ...]
    """Pycs (and .pyo files) elsewhere: in the place of sources, or beside them as Python 2 put them."""
    caches: Mapping[InstalledPath, File | None]
    """Cache directories; None for one that has files and isn't itself in the package's list."""
    pairs: Sources
    """Which source belongs to which pyc."""
    python: VersionRange
    """The versions that the dependencies ask for."""
    commands: tuple[Command, ...]
    """Of all scripts that a shell runs."""

    @property
    def modules(self) -> tuple[File, ...]:
        """Sources and sourceless pycs: all that can be imported."""
        return (*self.sources, *(one.file for one in self.loose if one.source is None))


def source_facts(file: File) -> SourceFacts | None:
    """Return what a source's content told; None if it could not be read."""
    return file.facts if isinstance(file.facts, SourceFacts) else None


def arrange(package: Package) -> Subject:
    """Arrange a package for rules."""
    files = {file.path: file for file in package.files}
    pycs = [file for file in package.files if file.path.endswith((".pyc", ".pyo")) and not file.is_directory]
    sources = Sources(package)
    cached = tuple(
        _cached(file, files, sources) for file in pycs if is_cached(file.path) or sources.central_cache_of(file.path)
    )
    caches: dict[InstalledPath, File | None] = {
        file.path: file for file in package.files if file.is_directory and basename(file.path) == CACHE_DIRECTORY
    }
    for pyc in cached if package.kind is not Kind.ROOT else ():
        caches.setdefault(InstalledPath(dirname(pyc.file.path)), None)
    return Subject(
        package=package,
        files=files,
        sources=tuple(file for file in package.files if is_source(basename(file.path)) and file.is_regular),
        cached=cached,
        loose=tuple(
            Pyc(file=file, name=None, source=files.get(InstalledPath(file.path[:-1])))
            for file in pycs
            if not (is_cached(file.path) or sources.central_cache_of(file.path))
        ),
        caches=caches,
        pairs=sources,
        python=range_of_dependencies(package.dependencies),
        commands=tuple(command for script in _scripts(package) for command in read_commands(script)),
    )


def unchecked_hash_pycs(subject: Subject) -> Iterator[Pyc]:
    """Yield the pycs that import takes without a look at their sources (PEP 552)."""
    for pyc in subject.cached:
        header = header_of(pyc.facts) if pyc.facts else None
        if header is not None and header.mode is InvalidationMode.UNCHECKED_HASH:
            yield pyc


def sourceless_modules(subject: Subject) -> Iterator[Pyc]:
    """Yield the pycs that lie in the place of a source and have none (PEP 3147, case 4)."""
    for pyc in subject.loose:
        if pyc.source is None and pyc.file.path.endswith(".pyc"):
            yield pyc


def is_cached(path: InstalledPath) -> bool:
    """Whether a file lies in a cache directory."""
    return basename(dirname(path)) == CACHE_DIRECTORY


def _cached(file: File, files: Mapping[InstalledPath, File], sources: Sources) -> Pyc:
    path = sources.path_of(file.path)
    return Pyc(file=file, name=parse_pyc_name(basename(file.path)), source=files.get(path) if path else None)


def _scripts(package: Package) -> Iterator[Script]:
    yield from package.scripts
    yield from (trigger.script for trigger in package.triggers if trigger.script is not None)
