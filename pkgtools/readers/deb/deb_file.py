# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A .deb (deb(5)): its members are read as streams, and nothing is extracted."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from debian.arfile import ArError, ArFile

from pkgtools.model.package import Digest, Kind, Package, PackageManager
from pkgtools.readers.member_count import MemberCount, gathered
from pkgtools.readers.tar.streams import Stream
from pkgtools.readers.tar.tar import BROKEN, FileReader, members, open_tar, path_of
from pkgtools.readers.tar.unpack import unpack
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import said
from pkgtools.runtime.policy.sources import absolute

from .binary_control import parse_control
from .maintainer_scripts import SCRIPT_KINDS, largest, parse_triggers, read_script
from .md5sums import read_md5sums

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from debian.arfile import ArMember

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.package import File
    from pkgtools.runtime.facts import InstalledPath

_SCRIPTS = frozenset(SCRIPT_KINDS)
_WANTED = _SCRIPTS | {"control", "md5sums", "triggers"}
_MOST_MEMBERS = 100
_COMPRESSIONS = {"": "", ".gz": "gz", ".xz": "xz", ".lzma": "lzma", ".bz2": "bz2", ".zst": "zst"}


def read_deb(path: Path, look: ReadingOptions) -> Package:
    """Read a binary package. Raises UnreadablePackage, with the offset at which that was noticed; EnvironmentFault."""
    try:
        stream = _ArStream(str(path))
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error
    with stream:
        try:
            return _read(path, stream, look)
        except (ArError, *BROKEN) as error:
            wrong = f"no Debian package, or a broken one: {said(error)}"
            raise UnreadablePackage(path, wrong, stream.tell()) from error


def _read(path: Path, stream: _ArStream, look: ReadingOptions) -> Package:
    parts, made = _parts(path, stream)
    held = MemberCount(path, look.grow)
    controls = _read_controls(path, parts, held)
    control = parse_control(controls["control"], path)
    sums = _parse_md5sums(controls.get("md5sums", b"")) if look.contents else {}
    with _open_part(path, parts, "data.tar") as archive:
        files = gathered(_read_files(path, archive, look, sums, held), look)
    return Package(
        origin=str(path),
        kind=Kind.DEB,
        family=PackageManager.DPKG,
        name=control.name,
        version=control.version,
        architecture=control.architecture,
        distribution=control.origin,
        dependencies=control.dependencies,
        recommendations=control.recommendations,
        files=files,
        scripts=tuple(read_script(name, controls[name]) for name in sorted(_SCRIPTS & set(controls))),
        triggers=parse_triggers(controls.get("triggers", b"")),
        changed=made,
    )


class _ArStream(io.FileIO):
    """The file; ArFile would go round in circles where a member's size is negative, and remember any number of them."""

    _seeks = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        if whence == io.SEEK_CUR:
            self._seeks += 1
            if offset < 0 or self._seeks > _MOST_MEMBERS:
                raise ArError("a member has a negative size, or there are too many")
        return super().seek(offset, whence)


def _parts(path: Path, stream: _ArStream) -> tuple[dict[str, ArMember], int]:
    """Return the members by their names, and the time that dpkg-deb gave them: SOURCE_DATE_EPOCH where it was set."""
    found = ArFile(fileobj=stream).getmembers()
    parts = {member.name: member for member in found}
    if len(parts) < len(found):
        raise UnreadablePackage(path, "two of its members have the same name")
    first = parts.get("debian-binary")
    if first is None:
        raise UnreadablePackage(path, "not a Debian package: there is no member debian-binary", 8)
    return parts, first.mtime


def _read_controls(path: Path, parts: dict[str, ArMember], held: MemberCount) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with _open_part(path, parts, "control.tar") as archive:
        for member in members(path, archive, held):
            name = member.name.removeprefix("./")
            content = archive.extractfile(member) if name in _WANTED and member.isreg() else None
            if content is not None:
                if member.size > largest(name):
                    raise UnreadablePackage(path, f"its file {name} has more than {largest(name)} bytes")
                found[name] = content.read()
    if "control" not in found:
        raise UnreadablePackage(path, "there is no control file in it")
    return found


def _read_files(
    path: Path, archive: tarfile.TarFile, look: ReadingOptions, sums: Mapping[InstalledPath, Digest], held: MemberCount
) -> Iterator[File]:
    reader = FileReader(archive, look, held)
    for member in members(path, archive, held):
        if file := reader.read(member, sums.get(path_of(member))):
            yield file


def _parse_md5sums(content: bytes) -> dict[InstalledPath, Digest]:
    return {absolute(f"/{name}"): digest for name, digest in read_md5sums(content)}


@contextmanager
def _open_part(path: Path, parts: dict[str, ArMember], name: str) -> Iterator[tarfile.TarFile]:
    found = [part for part in parts if part == name or part.startswith(f"{name}.")]
    if len(found) != 1:
        raise UnreadablePackage(path, f"there must be one member {name}, not {len(found)}")
    how = _COMPRESSIONS.get(found[0].removeprefix(name))
    if how is None:
        raise UnreadablePackage(path, f"{found[0]}: this compression is unknown")
    part = parts[found[0]]
    with (
        io.BufferedReader(_Part(part), 1 << 16) as raw,
        # what follows the first stream dpkg leaves out, and says nothing
        unpack(raw, how, part.size, path, single=True) as stream,
        open_tar(stream) as archive,
    ):
        yield archive


class _Part(Stream):
    """A member of an ar archive as a stream of Python's kind."""

    def __init__(self, member: ArMember) -> None:
        super().__init__()
        self._member = member

    def take(self, size: int) -> bytes:
        return self._member.read(size)  # a size of 0 would mean all
