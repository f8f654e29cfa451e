# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""An image as an installed system: the tar file that docker and podman save, an OCI layout, or a plain file tree.

Its layers are read twice, once for the names and once for the contents that matter; nothing is extracted.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from pkgtools.bytecode.examine import LARGEST, examine
from pkgtools.bytecode.headers import magics_of_hashes
from pkgtools.model.content import digest_of_attributes
from pkgtools.model.package import File, Kind, Package, SourceFacts
from pkgtools.readers.rpm.rpmdb import read_ndb, read_sqlite
from pkgtools.readers.system.bytecode_settings import (
    directories_of,
    find_compiler,
    find_installer,
    find_settings,
    find_tags,
    is_setting,
    named_directories,
)
from pkgtools.readers.system.installed import NOTE, is_entered, is_kept, nested_note, with_owner
from pkgtools.readers.system.installed_pythons import (
    DEBIAN_DEFAULTS,
    DPKG_STATUS,
    find_pythons,
    is_python,
    is_python_library,
    release_in,
)
from pkgtools.readers.system.nested import (
    BERKELEY,
    MARKS,
    NDB,
    RPM_DIRECTORIES,
    SQLITE,
    SQLITE_LOG,
    has_mark,
    may_be_nested,
)
from pkgtools.readers.system.ownership import find_owners, is_dpkg_state, left_alone
from pkgtools.readers.tar.archives import TarArchive
from pkgtools.readers.tar.tar import BROKEN, as_file, members
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import EnvironmentFault, PkgtoolsError, said
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import absolute
from pkgtools.runtime.pythons import CPYTHON_NAME, CPYTHON_STEM

from .image_index import choose_layers
from .layers import LayeredFiles, LayerEntry

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pkgtools.bytecode.examine import ReadingOptions

_LARGEST_STATE = 512 << 20
"""Bytes of all package databases and settings of an image; they are held in memory."""
_STATE_NAMES = {SQLITE, SQLITE_LOG, NDB, BERKELEY}
_STATE = {InstalledPath(f"/{directory}/{name}") for directory in RPM_DIRECTORIES for name in _STATE_NAMES}
_MARKS = tuple(f"/{mark}" for mark in MARKS)
_PYTHON = re.compile(CPYTHON_NAME)
_LARGEST_PROGRAM = 64 << 20
_ACLS = ("SCHILY.acl.", "SCHILY.xattr.system.posix_acl_")


def is_layout(path: Path) -> bool:
    """Whether a directory has the layout of an OCI image, as `skopeo copy ... oci:DIR` and `podman push` make it."""
    return (path / "oci-layout").is_file() and (path / "index.json").is_file()


_NEITHER = "no package (.deb, .rpm, .apk, .pkg.tar.zst), and no image"


class Image:
    """An image's tar file, or its directory in OCI's layout."""

    def __init__(self, path: Path) -> None:
        """Read the names in all layers, and the package databases. Raises UnreadablePackage, EnvironmentFault."""
        self._path = path
        self._files = LayeredFiles(_is_kept)
        self._room = _LARGEST_STATE
        self._notes: list[str] = []
        with self._errors():
            self._archive = TarArchive(path)
            self._choice = choose_layers(self._archive)
            for layer in self._choice.layers:
                with self._archive.open(layer.name, layer.sha256) as archive:
                    self._files.add(self._entries(archive), whiteouts=self._choice.is_layered)
        self._nested: list[InstalledPath] = []
        self._nodes = {
            found: node
            for found, node in self._files.walk(self._enters)
            if node.is_directory or is_kept(found) or is_python(found)
        }

    def read(self, look: ReadingOptions) -> Package:
        """Return the system that the image is. What can't be read is in the notes. Raises as the constructor does."""
        settings = tuple(find_settings(self._files))
        files = self._listed(look, named_directories(settings))
        programs = [path for path in self._nodes if is_python(path)]
        by_rpm = self._rpm_packages()
        family, owners = find_owners(self._files, by_rpm, [file.path for file in files])
        files = [with_owner(file, owners) for file in files]
        if look.contents:
            files = self._all_looked_into(files, look)
        return Package(
            origin=str(self._path),
            kind=Kind.ROOT,
            is_image=True,
            is_marked=has_mark(self._has),
            family=family,
            name=self._choice.name or str(self._path),
            architecture=self._choice.architecture,
            files=tuple(files),
            tags=find_tags(self._files),
            pythons=find_pythons(self._files, programs, by_rpm),
            installer=find_installer(self._files),
            compiler=find_compiler(self._files),
            settings=settings,
            left_alone=left_alone(by_rpm),
            notes=(
                *self._choice.notes,
                *self._notes,
                *self._files.problems,
                *map(nested_note, self._nested),
                NOTE,
            ),
        )

    def fetch(self, wanted: AbstractSet[InstalledPath]) -> dict[InstalledPath, bytes]:
        """Bring the contents of files. Raises as the constructor does."""
        found: dict[InstalledPath, bytes] = {}
        for paths, content in self._contents(path for path in wanted if path in self._nodes):
            data = content.read(LARGEST)
            found.update(dict.fromkeys(paths, data))
        return found

    def _enters(self, path: InstalledPath) -> bool:
        if not is_entered(path):
            return False
        if may_be_nested(path) and has_mark(lambda mark: self._has(f"{path[1:]}/{mark}")):
            self._nested.append(path)
            return False
        return True

    def _has(self, path: str) -> bool:
        directory, _, name = path.rpartition("/")
        return name in self._files.names(InstalledPath(f"/{directory}"))

    def _listed(self, look: ReadingOptions, named: Iterable[InstalledPath]) -> list[File]:
        """Return what matters, the directories on the way to it, and those that are named."""
        listed: dict[InstalledPath, File] = {}
        for path, node in self._nodes.items():
            if node.file is None or node.is_directory or not is_kept(path) or look.excluded.cover(path):
                continue
            for above in directories_of(InstalledPath(path.rpartition("/")[0])):
                directory = self._nodes.get(above)
                if directory is not None and directory.file is not None and above not in listed:
                    listed[above] = directory.file
            listed[path] = node.file
        for path in named:
            directory = self._nodes.get(path)
            if directory is not None and directory.file is not None:
                listed[path] = directory.file
        return list(listed.values())

    def _all_looked_into(self, files: list[File], look: ReadingOptions) -> list[File]:
        """Look into the files, and once more into the sources if there are pycs that have their hashes."""
        found = self._looked_into(files, [file for file in files if file.is_regular], look)
        magics = magics_of_hashes(found)
        if not magics:
            return found
        return self._looked_into(
            found, [file for file in found if isinstance(file.facts, SourceFacts)], replace(look, magics=magics)
        )

    def _looked_into(self, files: Iterable[File], wanted: Iterable[File], look: ReadingOptions) -> list[File]:
        known = {file.path: file for file in files}
        for paths, content in self._contents(file.path for file in wanted):
            found = examine(known[paths[0]], content, look)
            for path in paths:
                known[path] = replace(known[path], facts=found.facts, is_intact=found.is_intact)
        return list(known.values())

    def _contents(self, wanted: Iterable[InstalledPath]) -> Iterator[tuple[list[InstalledPath], IO[bytes]]]:
        """Yield the content of each wanted file with all names that it has, layer by layer."""
        by_layer: dict[int, dict[InstalledPath, list[InstalledPath]]] = {}
        for path in wanted:
            node = self._nodes[path]
            by_layer.setdefault(node.layer, {}).setdefault(node.origin, []).append(path)
        with self._errors():
            for number, by_origin in sorted(by_layer.items()):
                with self._archive.open(self._choice.layers[number].name) as archive:
                    for member in members(self._path, archive):
                        paths = by_origin.get(absolute(f"/{member.name}")) if member.isreg() else None
                        content = archive.extractfile(member) if paths else None
                        if paths and content is not None:
                            yield paths, content

    def _entries(self, archive: tarfile.TarFile) -> Iterator[LayerEntry]:
        for member in members(self._path, archive):
            file = as_file(member)
            if file.path == "/":
                continue
            if acls := sorted(one for one in member.pax_headers.items() if one[0].startswith(_ACLS)):
                digest = digest_of_attributes((name, value.encode("utf-8", "surrogateescape")) for name, value in acls)
                file = replace(file, has_acl=True, acl_digest=digest)
            linked = absolute(f"/{member.linkname}") if member.islnk() else None
            yield LayerEntry(file=file, linked=linked, content=self._state(file, archive, member))

    def _state(self, file: File, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
        if not (member.isreg() and _is_state(file.path)):
            return None
        if is_python(file.path) or is_python_library(file.path):
            return self._release(archive, member)
        if member.size > self._room:
            self._notes.append(f"{file.path}: not read, there is too much of it")
            return None
        self._room -= member.size
        content = archive.extractfile(member)
        return content.read() if content is not None else None

    def _release(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
        """Keep of an interpreter what names its release: `release_in` finds it again."""
        found = _PYTHON.search(member.name)
        content = archive.extractfile(member) if found and member.size <= _LARGEST_PROGRAM else None
        release = release_in(content.read(), found[0].removeprefix(CPYTHON_STEM)) if content and found else ""
        return f"\0{release}\0".encode() if release else None

    def _rpm_packages(self) -> tuple[Package, ...]:
        try:
            for directory in RPM_DIRECTORIES:
                top = self._path / directory
                if (content := self._database(directory, SQLITE)) is not None:
                    return read_sqlite(content, top / SQLITE, self._database(directory, SQLITE_LOG) or b"")
                if (content := self._database(directory, NDB)) is not None:
                    return read_ndb(content, top / NDB)
                if self._database(directory, BERKELEY) is not None:
                    raise EnvironmentFault(f"{top / BERKELEY}: a database of Berkeley DB can't be read here")
        except PkgtoolsError as error:
            self._notes.append(f"it is unknown what rpm's packages own: {error}")
        return ()

    def _database(self, directory: str, name: str) -> bytes | None:
        return self._files.read(InstalledPath(f"/{directory}/{name}"), _LARGEST_STATE)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except BROKEN as error:
            is_systems = isinstance(error, OSError) and error.errno is not None
            wrong = (
                said(error) if is_systems else f"{_NEITHER} as `podman save` or `docker save` writes it: {said(error)}"
            )
            raise UnreadablePackage(self._path, wrong) from error


def _is_kept(path: InstalledPath) -> bool:
    return is_kept(path) or _is_state(path) or path.endswith(_MARKS)


def _is_state(path: InstalledPath) -> bool:
    return (
        path in _STATE
        or is_dpkg_state(path)
        or is_setting(path)
        or path in {DPKG_STATUS, DEBIAN_DEFAULTS}
        or is_python(path)
        or is_python_library(path)
    )
