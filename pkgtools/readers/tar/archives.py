# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A tar file, packed or not, and the archives within it, each read as a stream; nothing is extracted."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from pkgtools.model.symlinks import follow
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import absolute

from .streams import Fed, Stream, open_regular
from .tar import members, open_tar
from .unpack import unpack

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

_SIGNATURES = {
    b"\x1f\x8b": "gz",
    b"\x28\xb5\x2f\xfd": "zst",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bz2",
}
_LONGEST_SIGNATURE = 6
_CHUNK = 1 << 18
_TOP = InstalledPath("")


@dataclass(frozen=True, slots=True, kw_only=True)
class TarMember:
    """A stretch of a tar file that holds a file's content."""

    start: int
    """Bytes from the start of the tar file, when that is unpacked."""
    size: int
    """Bytes."""


class TarArchive:
    """A tar file whose members are archives and small files; packed ones are unpacked again for each of them."""

    def __init__(self, path: Path) -> None:
        """Read the names of the members. Raises UnreadablePackage, EnvironmentFault, one of `tar.BROKEN`.

        `path` may also be a directory with the layout of an OCI image: its files are the members.
        """
        self.path = path
        self._is_directory = path.is_dir()
        self.members: dict[InstalledPath, TarMember] = {}
        """The regular files, hard links to them, and symbolic links, by their paths from the archive's top."""
        if self._is_directory:
            self.members.update(_files_of_layout(path))
            return
        links: dict[InstalledPath, str] = {}
        with self._whole() as stream, open_tar(stream) as archive:
            for member in members(path, archive):
                name = absolute(f"/{member.name}")
                if member.isreg():
                    self.members[name] = TarMember(start=member.offset_data, size=member.size)
                elif member.islnk():
                    links[name] = absolute(f"/{member.linkname}")
                elif member.issym():
                    links[name] = member.linkname
        first = dict(self.members)

        def link(path: InstalledPath) -> str:
            return "" if path in first else links.get(path, "")

        for name in links:
            end = follow(_TOP, name, lambda above, part, _is_last: InstalledPath(f"{above}/{part}"), link)
            if end in first:
                self.members.setdefault(name, first[end])

    def read(self, name: InstalledPath, limit: int) -> bytes:
        """Return a member's content. Raises UnreadablePackage if there is none or it is larger, as `open` does."""
        member = self.members.get(name)
        if member is None or member.size > limit:
            what = "there is none" if member is None else f"it has {member.size} bytes"
            raise UnreadablePackage(self.path, f"{name[1:]}: {what}")
        with self._part(name, member) as stream:
            return stream.read(member.size)

    @contextmanager
    def open(self, name: InstalledPath, sha256: str = "") -> Iterator[tarfile.TarFile]:
        """Open one of the members, an archive itself, packed or not; the whole is called `/`.

        If `sha256` is given, the member is read to its end and must have that digest. Raises UnreadablePackage,
        EnvironmentFault, one of `tar.BROKEN`.
        """
        if name == "/":
            with self._whole() as stream, open_tar(stream) as archive:
                yield archive
            return
        member = self.members[name]
        with self._part(name, member) as raw:
            state = hashlib.sha256(usedforsecurity=False)
            with io.BufferedReader(Fed(raw, [state] if sha256 else []), _CHUNK) as buffered:
                with (
                    unpacked_by_content(buffered, buffered.peek(_LONGEST_SIGNATURE), member.size, self.path) as stream,
                    open_tar(stream) as archive,
                ):
                    yield archive
                while sha256 and buffered.read(_CHUNK):
                    pass
            if sha256 and state.hexdigest() != sha256:
                raise UnreadablePackage(self.path, f"{name[1:]} doesn't have the SHA-256 digest that is its name")

    @contextmanager
    def _whole(self) -> Iterator[IO[bytes]]:
        """Open the file. Raises OSError."""
        with open_regular(self.path) as stream:
            size = os.fstat(stream.fileno()).st_size
            with unpacked_by_content(stream, stream.peek(_LONGEST_SIGNATURE), size, self.path) as unpacked:
                yield unpacked

    @contextmanager
    def _part(self, name: InstalledPath, member: TarMember) -> Iterator[IO[bytes]]:
        if self._is_directory:
            with open_regular(self.path / name[1:], follow=False) as file:
                yield file
            return
        with self._whole() as stream:
            if stream.seekable():
                stream.seek(member.start)
            else:
                _skip(stream, member.start)
            with io.BufferedReader(_Limited(stream, member.size), _CHUNK) as part:
                yield part


def _files_of_layout(path: Path) -> Iterator[tuple[InstalledPath, TarMember]]:
    """Yield the files of an image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md)."""
    for pattern in ("*", "blobs/*/*"):
        for file in sorted(path.glob(pattern)):
            found = file.lstat()
            if stat.S_ISREG(found.st_mode):
                yield InstalledPath(f"/{file.relative_to(path)}"), TarMember(start=0, size=found.st_size)


def unpacked_by_content(stream: IO[bytes], start: bytes, size: int, path: Path) -> AbstractContextManager[IO[bytes]]:
    """Return a stream of `size` bytes unpacked, packed by what its `start` is the signature of."""
    how = next((how for signature, how in _SIGNATURES.items() if start.startswith(signature)), "")
    return unpack(stream, how, size, path) if how else nullcontext(stream)


def _skip(stream: IO[bytes], size: int) -> None:
    while size > 0:
        part = stream.read(min(size, _CHUNK))
        if not part:
            raise EOFError("it ends too early")
        size -= len(part)


class _Limited(Stream):
    """The next so many bytes of a stream, which stays open."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = size

    def take(self, size: int) -> bytes:
        content = self._stream.read(min(size, self._left))
        self._left -= len(content)
        return content
