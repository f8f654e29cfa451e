# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a .deb ships, by name (deb(5)). Its members are read as streams, and nothing is extracted."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import subprocess
import tarfile
import threading
import zlib
from contextlib import closing, contextmanager, suppress
from typing import IO, TYPE_CHECKING

from debian.arfile import ArError, ArFile

from pkgtools.model.listing import Entry, Kind, Listing
from pkgtools.runtime.errors import EnvironmentFault
from pkgtools.runtime.filelist import absolute

from .control import parse_control
from .errors import MOST_ENTRIES, UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _typeshed import WriteableBuffer
    from debian.arfile import ArMember

_LARGEST_CONTROL = 1 << 20
_MOST_BYTES = 64 << 30
"""What the members of a package may have in all when they are unpacked; more is taken for a bomb."""
_BROKEN = (ArError, EOFError, OSError, OverflowError, ValueError, lzma.LZMAError, tarfile.TarError, zlib.error)


def read_deb(path: Path) -> Listing:
    """Read the control file and the names of a binary package. Raises UnreadablePackage, EnvironmentFault."""
    try:
        members = {member.name: member for member in ArFile(str(path)).getmembers()}
        if members.get("debian-binary") is None:
            raise UnreadablePackage(path, "no Debian package: there is no member debian-binary")
        control = parse_control(_control_file(path, members), path)
        with _open_tar(path, members, "data.tar") as archive:
            entries = tuple(_entries(path, archive))
    except _BROKEN as error:
        raise UnreadablePackage(path, f"no Debian package, or a broken one: {error}") from error
    return Listing(
        kind=Kind.DEB,
        name=control.name,
        version=control.version,
        dependencies=control.dependencies,
        entries=entries,
    )


def _control_file(path: Path, members: dict[str, ArMember]) -> bytes:
    with _open_tar(path, members, "control.tar") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name in {"control", "./control"} else None
            if content is not None:
                return content.read(_LARGEST_CONTROL)
    raise UnreadablePackage(path, "there is no control file in it")


def _entries(path: Path, archive: tarfile.TarFile) -> Iterator[Entry]:
    for count, member in enumerate(archive):
        if count > MOST_ENTRIES:
            raise UnreadablePackage(path, f"there are more than {MOST_ENTRIES} files in it")
        installed = absolute("/" + member.name)
        if installed != "/":
            yield Entry(path=installed, is_directory=member.isdir())


@contextmanager
def _open_tar(path: Path, members: dict[str, ArMember], name: str) -> Iterator[tarfile.TarFile]:
    found = [member for member in members if member == name or member.startswith(f"{name}.")]
    if len(found) != 1:
        raise UnreadablePackage(path, f"there must be one member {name}, not {len(found)}")
    with _unpack(members[found[0]], found[0].removeprefix(name), path) as stream:
        bounded = io.BufferedReader(_Bounded(stream, _MOST_BYTES))
        with tarfile.open(fileobj=bounded, mode="r|", errors="surrogateescape", encoding="utf-8") as archive:
            yield archive


@contextmanager
def _unpack(member: ArMember, suffix: str, path: Path) -> Iterator[IO[bytes]]:
    with closing(member), io.BufferedReader(_Member(member)) as raw:
        match suffix:
            case "":
                yield raw
            case ".gz":
                with gzip.GzipFile(fileobj=raw) as stream:
                    yield io.BufferedReader(stream)
            case ".xz" | ".lzma":
                with lzma.LZMAFile(raw) as stream:
                    yield stream
            case ".bz2":
                with bz2.BZ2File(raw) as stream:
                    yield stream
            case ".zst":
                with _unpack_zstd(raw, path) as stream:
                    yield stream
            case _:
                raise UnreadablePackage(path, f"{member.name}: this compression is unknown")


@contextmanager
def _unpack_zstd(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    """Let zstd(1) unpack what a thread feeds to it: Python has it from 3.14 on only."""
    try:
        process = subprocess.Popen(
            ["zstd", "-dcq"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        raise EnvironmentFault(f"{path}: it is packed by zstd, whose program is missing: install zstd") from error
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise AssertionError("both are pipes")
    feeder = threading.Thread(target=_feed, args=(raw, stdin), daemon=True)
    feeder.start()
    try:
        with stdout:
            yield stdout
    finally:
        process.kill()
        process.wait()
        feeder.join()


def _feed(source: IO[bytes], target: IO[bytes]) -> None:
    with suppress(OSError, ValueError):  # the reader has enough, or says itself that too little came
        while chunk := source.read(1 << 16):
            target.write(chunk)
    with suppress(OSError):
        target.close()


class _Member(io.RawIOBase):
    """A member of an ar archive as a stream of Python's kind."""

    def __init__(self, member: ArMember) -> None:
        super().__init__()
        self._member = member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        content = self._member.read(len(view)) if view else b""  # a size of 0 would mean all
        view[: len(content)] = content
        return len(content)


class _Bounded(io.RawIOBase):
    """A stream that fails when more comes out of it than is reasonable."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        content = self._stream.read(len(view))
        self._left -= len(content)
        if self._left < 0:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        view[: len(content)] = content
        return len(content)
