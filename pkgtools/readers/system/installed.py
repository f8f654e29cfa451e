# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""An installed system in a directory, as far as its bytecode goes: sources, pycs, the directories of both, owners."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import BATCH_REPORT, LARGEST, examine, is_compile_setting
from pkgtools.bytecode.headers import magics_of_hashes
from pkgtools.model.package import File, Kind, Package
from pkgtools.readers.unreadable import MOST_ENTRIES, UnreadablePackage
from pkgtools.runtime.errors import PkgtoolsError, said
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY
from pkgtools.runtime.policy.sources import is_source

from .bytecode_settings import (
    directories_of,
    find_compiler,
    find_installer,
    find_settings,
    find_tags,
    named_directories,
)
from .installed_pythons import find_pythons, is_python
from .nested import RPM_DIRECTORIES, is_system, may_be_nested
from .ownership import Owners, find_owners, left_alone
from .root_directory import RootDirectory, file_at, file_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.content import Fetch

SKIPPED = frozenset({"/proc", "/sys", "/dev", "/run", "/tmp", "/var/tmp", "/home", "/root", "/media", "/mnt"})  # noqa: S108 - to be left alone
"""What no package installs modules into: kernels' views, and everybody's own."""
_NESTED = frozenset(f"/var/lib/{name}" for name in ("containerd", "containers", "docker", "lxc", "machines"))
"""Systems within the system."""
NOTE = f"not looked at: {', '.join(sorted(SKIPPED | _NESTED))}"
"""What a report says of that."""


def nested_note(path: InstalledPath) -> str:
    """Say that a system within the system is left out."""
    return f"{path}: not looked at, it is a system of its own: name it as ROOT to look into it"


def read_root(top: Path, look: ReadingOptions) -> Package:
    """Read a system in a directory. What can't be read is in the notes. Raises UnreadablePackage."""
    try:
        root = RootDirectory(top)
    except OSError as error:
        raise UnreadablePackage(top, said(error)) from error
    try:
        walk = _Walk(root, look)
        files = list(islice(walk.files(), MOST_ENTRIES))
        if len(files) == MOST_ENTRIES:
            root.problems.append(f"there are more than {MOST_ENTRIES} modules; the others weren't looked at")
        settings = tuple(find_settings(root))
        told = {file.path for file in files if file.is_directory}
        named = dict.fromkeys(path for path in named_directories(settings) if path not in told)
        files += [walk.directories[path] for path in named if path in walk.directories]
        by_rpm = _rpm_packages(root, top)
        family, owners = find_owners(root, by_rpm, [one.path for one in files])
        return Package(
            origin=str(top),
            kind=Kind.ROOT,
            is_marked=root.is_system(),
            family=family,
            name=str(top),
            files=_all_looked_into(root, [with_owner(one, owners) for one in files], look),
            tags=find_tags(root),
            pythons=find_pythons(root, walk.programs, by_rpm),
            installer=find_installer(root),
            compiler=find_compiler(root),
            settings=settings,
            left_alone=left_alone(by_rpm),
            unread=frozenset(root.unread),
            notes=(*root.problems, *map(nested_note, walk.nested), *_unknown_owners(files), NOTE),
        )
    finally:
        root.close()


def fetch_from_root(top: Path) -> Fetch:
    """Return what brings contents from a system in a directory."""

    def fetch(wanted: AbstractSet[InstalledPath]) -> dict[InstalledPath, bytes]:
        root = RootDirectory(top)
        try:
            contents = ((path, root.read(path, LARGEST)) for path in wanted)
            return {path: content for path, content in contents if content is not None}
        finally:
            root.close()

    return fetch


def is_entered(path: InstalledPath) -> bool:
    """Whether a directory of a system is looked into."""
    return path not in SKIPPED and path not in _NESTED


def is_kept(path: InstalledPath) -> bool:
    """Whether what isn't a directory matters in a system: sources, bytecode, caches, and what decides of compiling."""
    name = basename(path)
    if path == BATCH_REPORT or is_compile_setting(path):
        return True
    in_cache = name == CACHE_DIRECTORY or basename(dirname(path)) == CACHE_DIRECTORY
    return in_cache or is_source(name) or name.endswith((".pyc", ".pyo"))


class _Walk:
    """A walk through a system, and what was met on the way."""

    def __init__(self, root: RootDirectory, look: ReadingOptions) -> None:
        self._root = root
        self._look = look
        self.directories: dict[InstalledPath, File] = {}
        """All directories that were looked into."""
        self.programs: list[InstalledPath] = []
        """The interpreters, those of applications too."""
        self.nested: list[InstalledPath] = []
        """The systems within the system, which are not entered."""

    def files(self) -> Iterator[File]:
        """Yield what matters; before the first file of a directory, the directory and those above it."""
        known = self.directories
        told: set[InstalledPath] = set()
        for descriptor, path, names in self._root.walk(self):
            prefix = path.rstrip("/")
            kept = [name for name in names if self._keeps(InstalledPath(f"{prefix}/{name}"))]
            known[path] = file_of(descriptor, path)
            if kept or basename(path) == CACHE_DIRECTORY:
                for above in directories_of(path):
                    if above not in told:
                        told.add(above)
                        yield known[above]
            for name in kept:
                try:
                    yield file_at(descriptor, name, InstalledPath(f"{prefix}/{name}"))
                except OSError as error:
                    self._root.report(InstalledPath(f"{prefix}/{name}"), error)

    def wants(self, path: InstalledPath) -> bool:
        """Whether a directory is looked into, by its path."""
        return is_entered(path) and not self._look.excluded.cover(path)

    def admits(self, path: InstalledPath, descriptor: int) -> bool:
        """Whether a directory is looked into, by what is in it."""
        if may_be_nested(path) and is_system(descriptor):
            self.nested.append(path)
            return False
        return True

    def _keeps(self, path: InstalledPath) -> bool:
        if is_python(path):
            self.programs.append(path)
        return is_kept(path) and not self._look.excluded.cover(path)


def with_owner(file: File, owners: Owners) -> File:
    """Return a file with what a package manager says of it."""
    owner = owners.get(file.path)
    if owner is None:
        return file
    return replace(file, package=owner.package, digest=owner.digest, manager=owner.manager)


def _unknown_owners(files: Iterable[File]) -> Iterator[str]:
    """Yield a note if there are files whose owners this user namespace doesn't know."""
    number = sum(file.uid is None for file in files)
    if number:
        yield f"the owners of {number} files are unknown in this user namespace: who owns them wasn't judged"


def _all_looked_into(root: RootDirectory, files: list[File], look: ReadingOptions) -> tuple[File, ...]:
    """Look into pycs before sources, whose hashes matter only for hash-based pycs."""
    others = {one.path: _looked_into(root, one, look) for one in files if not is_source(basename(one.path))}
    look = replace(look, magics=magics_of_hashes(others.values()))
    return tuple(others.get(one.path) or _looked_into(root, one, look) for one in files)


def _looked_into(root: RootDirectory, file: File, look: ReadingOptions) -> File:
    if not (look.contents and file.is_regular):
        return file
    try:
        with root.opened(file.path) as stream:
            now = file_of(stream.fileno(), file.path)
            now = replace(now, package=file.package, digest=file.digest, manager=file.manager)
            found = examine(now, stream, look)
            return replace(now, facts=found.facts, is_intact=found.is_intact)
    except OSError as error:
        root.report(file.path, error)
        return file


def _rpm_packages(root: RootDirectory, top: Path) -> tuple[Package, ...]:
    if not any(root.names(InstalledPath(f"/{directory}")) for directory in RPM_DIRECTORIES):
        return ()
    from pkgtools.readers.rpm.rpmdb import read_rpm_database  # noqa: PLC0415 - systems of the other family don't need it

    try:
        return read_rpm_database(top)
    except PkgtoolsError as error:
        root.problems.append(f"it is unknown what rpm's packages own: {error}")
        return ()
