# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A tar archive as a stream of files, one after the other; what an archive makes of memory is bounded."""

from __future__ import annotations

import lzma
import stat
import tarfile
import zlib
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Self

from pkgtools.bytecode.examine import NOTHING, examine, is_of_interest
from pkgtools.model.package import File
from pkgtools.readers.member_count import MemberCount
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.policy.sources import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.package import Digest
    from pkgtools.runtime.facts import InstalledPath

BROKEN = (EOFError, OSError, OverflowError, RecursionError, ValueError, lzma.LZMAError, tarfile.TarError, zlib.error)
"""What Python's modules raise for archives and compressed data that are broken."""

_LARGEST_HEADER = 1 << 16
_LONGEST_NAME = 4096
"""Bytes; PATH_MAX, beyond which it can't be unpacked."""
_DEEP = 1 << 14
"""The length of a name times its directories, the bytes of their names; node_modules come to half of it."""
_DEEPEST = 1 << 25
"""What deeper ones may take together."""
_CHUNK = 1 << 16
_MOST_ENDS = 100
"""So often tarfile may ask for more at the end of an archive."""
_NAMES = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
_TYPES = {
    tarfile.DIRTYPE: stat.S_IFDIR,
    tarfile.SYMTYPE: stat.S_IFLNK,
    tarfile.CHRTYPE: stat.S_IFCHR,
    tarfile.BLKTYPE: stat.S_IFBLK,
    tarfile.FIFOTYPE: stat.S_IFIFO,
}


class _BoundedInfo(tarfile.TarInfo):
    """A member whose extended names, which tarfile holds in memory, have a reasonable length."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            info = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if not any(buf):
                raise  # the end of the archive
            # tarfile would take a broken header for the end, too, and pass over what is behind it
            raise tarfile.ReadError(str(error)) from error
        if info.type in _NAMES and info.size > _LARGEST_HEADER:
            raise tarfile.ReadError(f"a name of {info.size} bytes")
        if info.size < 0:
            raise tarfile.ReadError("a negative size")
        return info


class _Ending:
    """A stream that fails when its end is not taken for an answer: tarfile would skip exabytes that aren't there."""

    _ends = 0

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        if not content:
            self._ends += 1
            if self._ends > _MOST_ENDS:
                raise EOFError("a file is larger than the rest of the archive")
        return content


@contextmanager
def open_tar(stream: IO[bytes]) -> Iterator[tarfile.TarFile]:
    """Open an uncompressed archive that is read once from its start to its end. Raises one of BROKEN."""
    with tarfile.open(
        fileobj=_Ending(stream),  # type: ignore[call-overload] # read is all that it needs of it
        mode="r|",
        tarinfo=_BoundedInfo,
        errors="surrogateescape",
        encoding="utf-8",
    ) as archive:
        yield archive


def members(path: Path, archive: tarfile.TarFile, held: MemberCount | None = None) -> Iterator[tarfile.TarInfo]:
    """Yield the members, which the archive doesn't keep, and count them.

    Raises UnreadablePackage for too many, one of BROKEN.
    """
    depth = 0
    held = held or MemberCount(path)
    for member in archive:
        held.member(len(member.name) + len(member.linkname))
        if len(member.name) > _LONGEST_NAME or len(member.linkname) > _LONGEST_NAME:
            raise UnreadablePackage(path, f"a name in it is longer than {_LONGEST_NAME} bytes")
        above = len(member.name) * member.name.count("/")
        depth += above if above > _DEEP else 0
        if depth > _DEEPEST:
            raise UnreadablePackage(path, "too many of its directories are too deep")
        archive.members.clear()  # type: ignore[attr-defined] # documented nowhere and done everywhere: else all stay
        yield member


def require_end(archive: tarfile.TarFile) -> None:
    """Read an archive whose members were all read to the end of its stream, where zeros alone may be.

    Raises one of BROKEN: package managers go on where tarfile ends, or the other way round.
    """
    while rest := archive.fileobj.read(_CHUNK):
        if rest.count(0) < len(rest):
            raise tarfile.ReadError("something follows the end of the archive")


class FileReader:
    """Makes files of the members of a data archive as they come, and looks into those of interest."""

    def __init__(self, archive: tarfile.TarFile, look: ReadingOptions, held: MemberCount) -> None:
        """Read from an archive whose members are given to `read`, each before the next one is asked for."""
        self._archive = archive
        self._look = look
        self._held = held
        self._seen: dict[InstalledPath, File] = {}

    def read(self, member: tarfile.TarInfo, digest: Digest | None = None) -> File | None:
        """Return a member as a file, which ought to have a digest; None for the root directory itself.

        A hard link has size and facts of the file that it is another name of. Raises one of BROKEN.
        """
        file = as_file(member, digest)
        if file.path == "/":
            return None
        if member.islnk():
            file = _another_name(file, self._seen.get(absolute("/" + member.linkname)))
        elif self._look.contents and file.is_regular and is_of_interest(file.path, file.mode):
            content = self._archive.extractfile(member)
            found = NOTHING if content is None else examine(file, content, self._look)
            self._held.content(found.facts)
            file = replace(file, facts=found.facts, is_intact=found.is_intact)
        if file.is_regular and self._look.keeps:
            self._seen[file.path] = file
        return file


def path_of(member: tarfile.TarInfo) -> InstalledPath:
    """Return a member's path as the installed system sees it."""
    return absolute("/" + member.name)


def as_file(member: tarfile.TarInfo, digest: Digest | None = None) -> File:
    """Make a file of a member's metadata; `digest` is what its content ought to have."""
    kind = _TYPES.get(member.type, stat.S_IFREG)
    regular = kind == stat.S_IFREG
    return File(
        path=path_of(member),
        mode=kind | member.mode & 0o7777,
        size=member.size if regular else 0,
        mtime_ns=int(member.mtime * 1_000_000_000),
        uid=member.uid,
        gid=member.gid,
        user=member.uname,
        group=member.gname,
        link=member.linkname,
        digest=digest if regular else None,
    )


def _another_name(file: File, first: File | None) -> File:
    if first is None:
        return file
    return replace(file, size=first.size, facts=first.facts, is_intact=first.is_intact)
