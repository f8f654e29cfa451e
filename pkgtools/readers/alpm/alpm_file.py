# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A package of Arch Linux (.pkg.tar, packed by anything): one archive, read twice, for the checksums may stand last."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from pkgtools.model.package import Kind, Package, PackageManager
from pkgtools.readers.flaws import FlawedFiles
from pkgtools.readers.member_count import MemberCount, gathered
from pkgtools.readers.pkginfo import LARGEST, PKGINFO, parse_pkginfo
from pkgtools.readers.tar.archives import unpacked_by_content
from pkgtools.readers.tar.metadata_files import MetadataFiles
from pkgtools.readers.tar.streams import open_regular
from pkgtools.readers.tar.tar import BROKEN, FileReader, as_file, members, open_tar, path_of, require_end
from pkgtools.readers.tar.unpack import unpack
from pkgtools.readers.unreadable import MOST_ENTRIES, UnreadablePackage
from pkgtools.runtime.errors import said

from .hooks import LARGEST_HOOK, is_hook, read_hook
from .install_file import INSTALL, read_install_file
from .mtree import LONGEST_LINE, MTREE, parse_mtree

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator
    from pathlib import Path

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.package import File
    from pkgtools.model.package_scripts import Trigger
    from pkgtools.readers.pkginfo import PackageInformation

    from .mtree import FileList

_LARGEST_MTREE = 64 << 20
_MOST_LINES = MOST_ENTRIES + 1000
_WANTED = {PKGINFO: LARGEST, INSTALL: LARGEST, MTREE: _LARGEST_MTREE}
_PASSED_OVER = frozenset({".BUILDINFO", ".CHANGELOG"})
"""What packages have beside these, and nothing is in it that installs anything."""
_GZIP = b"\x1f\x8b"


def read_alpm(path: Path, look: ReadingOptions) -> Package:
    """Read a binary package. Raises UnreadablePackage, with the offset at which that was noticed; EnvironmentFault."""
    try:
        stream = open_regular(path)
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error
    with stream:
        try:
            return _read(path, stream, look)
        except BROKEN as error:
            wrong = f"no package of Arch Linux, or a broken one: {said(error)}"
            raise UnreadablePackage(path, wrong, stream.seek(0, os.SEEK_CUR)) from error


def _read(path: Path, stream: io.BufferedReader, look: ReadingOptions) -> Package:
    held = MemberCount(path, look.grow)
    payload = _Payload(path, _read_list(path, stream, held) if look.keeps else None, held)
    stream.seek(0)
    with _open(path, stream) as archive:
        files = gathered(payload.read(archive, look), look)
        require_end(archive)
    information = parse_pkginfo(payload.metadata.contents.get(PKGINFO, b""), path)
    return Package(
        origin=str(path),
        kind=Kind.ALPM,
        family=PackageManager.ALPM,
        name=information.value("pkgname"),
        version=information.value("pkgver"),
        architecture=information.value("arch"),
        dependencies=information.values("depend"),
        recommendations=tuple(_optional(information)),
        files=files,
        scripts=read_install_file(payload.metadata.contents.get(INSTALL, b"")),
        triggers=tuple(payload.hooks),
        changed=information.built,
        flaws=tuple(payload.flaws(files)),
    )


def _optional(information: PackageInformation) -> Iterator[str]:
    """Yield what it can do without, without the reasons that are given."""
    return (value.partition(": ")[0] for value in information.values("optdepend"))


@contextmanager
def _open(path: Path, stream: io.BufferedReader) -> Iterator[tarfile.TarFile]:
    size = os.fstat(stream.fileno()).st_size
    with unpacked_by_content(stream, stream.peek(), size, path) as content, open_tar(content) as archive:
        yield archive


def _read_list(path: Path, stream: io.BufferedReader, held: MemberCount) -> FileList | None:
    """Return what the package lists; None if it has no list. Raises UnreadablePackage, one of BROKEN."""
    found = MetadataFiles(path, {MTREE: _LARGEST_MTREE})
    with _open(path, stream) as archive:
        for member in members(path, archive):
            if found.take(archive, member):
                return _parse_list(path, found.contents[MTREE], held)
    return None


def _parse_list(path: Path, content: bytes, held: MemberCount) -> FileList:
    how = "gz" if content.startswith(_GZIP) else ""
    with unpack(io.BytesIO(content), how, len(content), path) as lines:
        return parse_mtree(_lines(lines, path), path, held)


def _lines(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    size = number = 0
    while line := stream.readline(LONGEST_LINE):
        size += len(line)
        number += 1
        if size > _LARGEST_MTREE or number > _MOST_LINES:
            raise UnreadablePackage(path, f"its {MTREE} has more than {_LARGEST_MTREE} bytes or {_MOST_LINES} lines")
        yield line


class _Payload:
    """The files of a package, the metadata among them, and what is wrong with some."""

    def __init__(self, path: Path, listed: FileList | None, held: MemberCount) -> None:
        self.metadata = MetadataFiles(path, _WANTED)
        self.hooks: list[Trigger] = []
        self._path = path
        self._listed = listed
        self._held = held
        self._astray = FlawedFiles("have names that are absolute or lead upwards by `..`")
        self._long = FlawedFiles(f"are hooks of more than {LARGEST_HOOK} bytes, which are not read")
        self._left_out = FlawedFiles("have names that begin with a dot, which pacman does not install")

    def read(self, archive: tarfile.TarFile, look: ReadingOptions) -> Iterator[File]:
        """Yield the files. Raises UnreadablePackage, one of BROKEN."""
        reader = FileReader(archive, look, self._held)
        digests = self._listed.digests if self._listed else {}
        for member in members(self._path, archive, self._held):
            if not member.name:
                raise UnreadablePackage(self._path, "there is a file without a name in it")
            if self.metadata.take(archive, member) or member.name in _PASSED_OVER:
                continue
            if member.name.startswith("."):
                self._left_out.add(member.name)
            if member.name.startswith("/") or ".." in member.name.split("/"):
                self._astray.add(member.name)
            path = path_of(member)
            if is_hook(path) and member.size > LARGEST_HOOK:
                self._long.add(member.name)
            if is_hook(path) and member.isreg() and member.size <= LARGEST_HOOK:
                file: File | None = as_file(member, digests.get(path))
                content = archive.extractfile(member)
                self.hooks.append(read_hook(path, content.read() if content is not None else b""))
                self._held.content(self.hooks[-1])
            else:
                file = reader.read(member, digests.get(path))
            if file:
                yield replace(file, user="", group="")  # pacman goes by the numbers of accounts

    def flaws(self, files: tuple[File, ...]) -> Iterator[str]:
        """Yield what is wrong, once all files were read."""
        yield from self._astray.sentences()
        yield from self._left_out.sentences()
        yield from self._long.sentences()
        if self._listed is not None and self._listed.is_taken:
            digests = self._listed.digests
            paths = {file.path for file in files}
            named = (path for path in digests if path not in paths and path[1:] not in self.metadata.contents)
            absent = (path for path in named if path != "/" and path[1:] not in _PASSED_OVER)
            strangers = (file.path for file in files if file.path not in digests)
            yield from FlawedFiles(f"that its {MTREE} names are missing from the package", absent).sentences()
            yield from FlawedFiles(
                f"are not installed by pacman, for its {MTREE} doesn't name them", strangers
            ).sentences()
