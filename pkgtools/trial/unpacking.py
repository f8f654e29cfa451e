# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# pragma: no cover - enclosed: it runs as a subordinate user in namespaces, where no tracer can write
"""A system from a tar archive, unpacked where nothing outside can be reached: behind chroot(2), without devices."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from tarfile import EOFHeaderError, HeaderError, ReadError  # type: ignore[attr-defined] # typeshed lacks the first
from typing import IO, TYPE_CHECKING

import zstandard

from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import EnvironmentFault, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Self

SHELF = "/srv/pkgtools-try"
"""Where the system has the packages that are played with."""
_NO_SERVICES = "#!/bin/sh\n# pkgtools try: no service is started (invoke-rc.d(8))\nexit 101\n"
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
"""Of tar(1), whose messages are read."""
_ZSTD = b"\x28\xb5\x2f\xfd"
_MOUNTED = frozenset({"dev", "proc", "sys", "run", "tmp"})
"""Directories at the top whose content is not taken over."""
_WRONG = (
    *(tarfile.TarError, zstandard.ZstdError, EOFError, ValueError),
    *(LookupError, ArithmeticError, MemoryError, RecursionError),
)
"""What tarfile and zstandard raise of an archive: beside their own errors those of numbers and links in it."""
_LONGEST = 200
_KINDS = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.GNUTYPE_SPARSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedRoot:
    """A system as a tar stream."""

    stream: IO[bytes]
    """The archive."""
    complaints: IO[bytes] | None = None
    """What tar(1) says of files of a directory; None for an archive."""

    def unread(self) -> str:
        """Return how many files could not be read, and the first of them; empty if there are none.

        It is known as soon as the stream was read to its end.
        """
        if self.complaints is None:
            return ""
        self.complaints.seek(0)
        lines = [line for line in self.complaints.read().decode("utf-8", "replace").splitlines() if ": Cannot " in line]
        return f"{len(lines)} files could not be read, and are missing: {lines[0]}" if lines else ""


class _Member(tarfile.TarInfo):
    """A member, before which nothing is missing; tarfile takes a header that is cut off or broken for the end."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        """Read the next header. Raises ReadError where there is neither one nor the archive's end."""
        begun = tarfile.offset
        try:
            return super().fromtarfile(tarfile)
        except HeaderError as error:
            if begun and not isinstance(error, EOFHeaderError):
                raise ReadError(f"the archive is broken or cut off after {begun} bytes: {error}") from error
            raise


@contextmanager
def opened_root(path: Path) -> Iterator[OpenedRoot]:
    """Open a system: an archive, or what tar(1) makes of a directory. Raises OSError."""
    if not path.is_dir():
        with path.open("rb") as stream:
            yield OpenedRoot(stream=stream)
        return
    argv = ["tar", "--create", "--one-file-system", "--numeric-owner", "--sparse", "--directory", str(path), "."]
    with (
        tempfile.TemporaryFile() as complaints,
        subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=complaints, env=_ENVIRONMENT) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - as asked for
        try:
            yield OpenedRoot(stream=process.stdout, complaints=complaints)
        finally:
            process.kill()


def unpack(stream: IO[bytes], top: Path, origin: Path, shelf: Mapping[str, IO[bytes]]) -> int:
    """Unpack an archive into `top` in a process that sees nothing else; return how many members were left out.

    `shelf` has the packages that are put there, by their names. Devices, pipes and what lies
    in /dev, /proc, /sys, /run and /tmp are left out; a name with `..` is refused. Raises UnreadablePackage.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            os.write(writing, _unpacked(stream, top, shelf))
        finally:  # it must not go on as a second parent
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answers:
        answer = answers.read(4096).decode("utf-8", "replace")
    os.waitpid(child, 0)
    if not answer.isdigit():
        raise UnreadablePackage(origin, answer.removeprefix("!") or "the process that unpacked it was killed")
    return int(answer)


def _unpacked(stream: IO[bytes], top: Path, shelf: Mapping[str, IO[bytes]]) -> bytes:
    about = ""
    try:
        os.chroot(top)
        os.chdir("/")
        left_out = 0
        with _archive(stream) as archive:
            # what is new in tarfile is for archives that are unpacked among files of others: it takes setuid bits and
            # refuses absolute links; a function here is called with the member and the path
            archive.extraction_filter = lambda member, _path: member
            for member in archive:
                about = f"{member.name[:_LONGEST]!r}: "
                left_out += not _take(archive, member)
                about = ""
        for name in _MOUNTED:
            os.makedirs(f"/{name}", exist_ok=True)  # noqa: PTH103 - behind chroot
        os.chmod("/tmp", 0o1777)  # noqa: PTH101, S108, S103 - as it has to be
        _fill(shelf)
    except (*_WRONG, EnvironmentFault) as error:
        return f"!{about}{str(error) or type(error).__name__}".encode("utf-8", "replace")[:4096]
    except OSError as error:
        return f"!{about}{said(error)}".encode("utf-8", "replace")[:4096]
    return str(left_out).encode()


def _fill(shelf: Mapping[str, IO[bytes]]) -> None:
    os.makedirs(SHELF, exist_ok=True)  # noqa: PTH103 - behind chroot
    for name, package in shelf.items():
        with open(f"{SHELF}/{name}", "wb") as target:  # noqa: PTH123 - as above
            shutil.copyfileobj(package, target)
    refusing = "/usr/sbin/policy-rc.d"
    if os.path.isdir("/usr/sbin") and not os.path.lexists(refusing):  # noqa: PTH112 - as above
        with open(refusing, "w", encoding="ascii") as target:  # noqa: PTH123 - as above
            target.write(_NO_SERVICES)
        os.chmod(refusing, 0o755)  # noqa: PTH101, S103 - a program


def _archive(stream: IO[bytes]) -> tarfile.TarFile:
    head = stream.peek(4)[:4] if hasattr(stream, "peek") else b""
    if head == _ZSTD:
        unpacked = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(stream, read_across_frames=True)
        return tarfile.open(fileobj=unpacked, mode="r|", errorlevel=2, tarinfo=_Member)
    return tarfile.open(fileobj=stream, mode="r|*", errorlevel=2, tarinfo=_Member)


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    """Unpack a member; return whether it was."""
    parts = _parts(member.name)
    if member.type not in _KINDS or (parts and parts[0] in _MOUNTED):
        return False
    if not parts:
        return True
    member.name = "/".join(parts)
    if member.islnk():
        member.linkname = "/".join(_parts(member.linkname))
    if not member.isdir():
        with suppress(FileNotFoundError, IsADirectoryError):  # of two of one name the last counts
            os.unlink(f"/{member.name}")  # noqa: PTH108 - behind chroot
    archive.extract(member, "/", numeric_owner=True)
    return True


def _parts(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        raise EnvironmentFault(f"a name with .. in it: {name!r}")
    return parts
