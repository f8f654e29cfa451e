# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""An .apk of Alpine (apk-v2(5)): signatures, metadata with scripts, and files, each its own stream of gzip."""

from __future__ import annotations

import hashlib
import os
import re
from typing import IO, TYPE_CHECKING

from pkgtools.model.package import Digest, Kind, Package, PackageManager
from pkgtools.model.package_scripts import Script, ScriptKind, Trigger, interpreter_of
from pkgtools.readers.flaws import FlawedFiles
from pkgtools.readers.member_count import MemberCount, gathered
from pkgtools.readers.package_kinds import VERSION_3
from pkgtools.readers.pkginfo import LARGEST, PKGINFO, parse_pkginfo
from pkgtools.readers.tar.metadata_files import MetadataFiles
from pkgtools.readers.tar.streams import open_regular
from pkgtools.readers.tar.tar import BROKEN, FileReader, members, open_tar, require_end
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import said

from .gzip_parts import GzipParts

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.package import File
    from pkgtools.readers.pkginfo import PackageInformation

SCRIPT_KINDS = {
    "pre-install": ScriptKind.PRE_INSTALL,
    "post-install": ScriptKind.POST_INSTALL,
    "pre-upgrade": ScriptKind.PRE_INSTALL,
    "post-upgrade": ScriptKind.POST_INSTALL,
    "pre-deinstall": ScriptKind.PRE_REMOVE,
    "post-deinstall": ScriptKind.POST_REMOVE,
}
"""The scripts, by the names of their files behind the dot; the trigger's is told with what triggers it."""
TRIGGER = "trigger"
"""The script that runs when something in directories has changed."""
SIGNATURE = ".SIGN."
"""What the names of signatures begin with."""
_WANTED = dict.fromkeys((PKGINFO, *(f".{name}" for name in (*SCRIPT_KINDS, TRIGGER))), LARGEST)
_MOST_PARTS = 100
"""Streams of gzip before the files; there are two."""
_CHECKSUM = "APK-TOOLS.checksum.SHA1"
_SHA1 = re.compile(r"[0-9a-f]{40}")
_ANDROID = b"PK\x03\x04"
_MISREAD = re.compile(r"size|GNU\.sparse\..*")
"""Extended headers by which Python reads a member otherwise than apk, which doesn't know them."""
_MISREAD_OF_ALL = re.compile(rf"{_MISREAD.pattern}|path|linkpath")
"""The same of the headers that are for all members that follow."""


def read_apk(path: Path, look: ReadingOptions) -> Package:
    """Read a binary package. Raises UnreadablePackage, with the offset at which that was noticed; EnvironmentFault."""
    try:
        stream = open_regular(path)
    except OSError as error:
        raise UnreadablePackage(path, said(error)) from error
    with stream:
        _refuse_others(stream.peek(len(_ANDROID)), path)
        try:
            return _read(path, stream, look)
        except BROKEN as error:
            wrong = f"no Alpine package, or a broken one: {said(error)}"
            raise UnreadablePackage(path, wrong, stream.seek(0, os.SEEK_CUR)) from error


def _refuse_others(start: bytes, path: Path) -> None:
    if start.startswith(_ANDROID):
        raise UnreadablePackage(path, "not an Alpine package: it is a zip archive, as Android's packages are")
    if start.startswith(VERSION_3):
        raise UnreadablePackage(
            path, "a package of apk v3 (an ADB container), which pkgtools can't read yet; it reads apk v2"
        )


def _read(path: Path, stream: IO[bytes], look: ReadingOptions) -> Package:
    parts = GzipParts(stream, os.fstat(stream.fileno()).st_size, path)
    metadata = _read_metadata(path, parts)
    information = parse_pkginfo(metadata[PKGINFO], path)
    payload = _Payload(path, MemberCount(path, look.grow))
    state = hashlib.sha256(usedforsecurity=False)
    with parts.rest(state) as unpacked, open_tar(unpacked) as archive:
        files = gathered(payload.read(archive, look), look)
        require_end(archive)
    declared = information.value("datahash").lower()
    is_other = declared not in {"", state.hexdigest()}
    return Package(
        origin=str(path),
        kind=Kind.APK,
        family=PackageManager.APK,
        name=information.value("pkgname"),
        version=information.value("pkgver"),
        architecture=information.value("arch"),
        dependencies=tuple(_dependencies(information)),
        files=files,
        scripts=tuple(_scripts(metadata)),
        triggers=tuple(_triggers(metadata, information)),
        changed=information.built,
        flaws=(
            *(["its files don't have the sha256 digest in its .PKGINFO (datahash)"] if is_other else []),
            *payload.flaws(),
        ),
    )


def _read_metadata(path: Path, parts: GzipParts) -> Mapping[str, bytes]:
    """Read the streams up to the one with .PKGINFO. Raises UnreadablePackage, one of BROKEN."""
    found = MetadataFiles(path, _WANTED)
    for _ in range(_MOST_PARTS):
        with parts.next() as unpacked, open_tar(unpacked) as archive:
            for member in members(path, archive):
                _refuse_misread(path, archive, member)
                if not member.name.startswith(".") or "/" in member.name:
                    wrong = f"not an Alpine package: there are files before its {PKGINFO}, or in one stream with that"
                    raise UnreadablePackage(path, wrong)
                found.take(archive, member)
            require_end(archive)
        if PKGINFO in found.contents:
            return found.contents
    raise UnreadablePackage(path, f"not an Alpine package: there is no {PKGINFO} in its first {_MOST_PARTS} streams")


def _refuse_misread(path: Path, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    """Raise UnreadablePackage for a member in which Python and apk don't see the same files."""
    odd = any(map(_MISREAD.fullmatch, member.pax_headers)) or any(map(_MISREAD_OF_ALL.fullmatch, archive.pax_headers))
    if odd or member.issparse() or not member.name:
        wrong = "has no name, is sparse, or has an extended header that apk doesn't know: apk would read it otherwise"
        raise UnreadablePackage(path, f"its file {member.name!a} {wrong}")


class _Payload:
    """The files of a package, and what is wrong with some."""

    def __init__(self, path: Path, held: MemberCount) -> None:
        self._path = path
        self._held = held
        self._astray = FlawedFiles("have names that are absolute or lead upwards by `..`")
        self._scripts = FlawedFiles("are called like scripts, and older versions of apk take them for some")

    def read(self, archive: tarfile.TarFile, look: ReadingOptions) -> Iterator[File]:
        """Yield the files. Raises UnreadablePackage, one of BROKEN."""
        reader = FileReader(archive, look, self._held)
        for member in members(self._path, archive, self._held):
            _refuse_misread(self._path, archive, member)
            if member.name.startswith("/") or ".." in member.name.split("/"):
                self._astray.add(member.name)
            if member.name in _WANTED:
                self._scripts.add(member.name)
            if file := reader.read(member, _checksum_of(member)):
                yield file

    def flaws(self) -> Iterator[str]:
        """Yield what is wrong, once all files were read."""
        yield from self._astray.sentences()
        yield from self._scripts.sentences()


def _checksum_of(member: tarfile.TarInfo) -> Digest | None:
    value = member.pax_headers.get(_CHECKSUM, "").lower()
    return Digest(algorithm="sha1", value=value) if _SHA1.fullmatch(value) else None


def _dependencies(information: PackageInformation) -> Iterator[str]:
    """Yield what it depends on; names with `!` are conflicts."""
    words = (word for value in information.values("depend") for word in value.split())
    return (word for word in words if not word.startswith("!"))


def _scripts(metadata: Mapping[str, bytes]) -> Iterator[Script]:
    for name, kind in SCRIPT_KINDS.items():
        if (content := metadata.get(f".{name}")) is not None:
            yield _script(name, kind, content)


def _triggers(metadata: Mapping[str, bytes], information: PackageInformation) -> Iterator[Trigger]:
    content = metadata.get(f".{TRIGGER}")
    names = tuple(word for value in information.values("triggers") for word in value.split())
    if content is not None or names:
        script = _script(TRIGGER, ScriptKind.TRIGGER, content) if content is not None else None
        yield Trigger(directive=TRIGGER, names=names, script=script)


def _script(name: str, kind: ScriptKind, content: bytes) -> Script:
    text = content.decode("utf-8", "surrogateescape")
    return Script(name=name, kind=kind, interpreter=interpreter_of(text), text=text)
