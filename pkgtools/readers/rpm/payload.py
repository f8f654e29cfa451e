# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the payload of a .rpm holds: its files' content, read as a stream, against what the header says of it."""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import replace
from lzma import LZMAError
from typing import IO, TYPE_CHECKING

from pkgtools.bytecode.examine import LARGEST, examine, is_of_interest
from pkgtools.readers.flaws import FlawedFiles
from pkgtools.readers.tar.streams import Fed
from pkgtools.readers.tar.unpack import unpack
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.errors import said
from pkgtools.runtime.policy.sources import absolute

from .cpio import BrokenArchive, read_members
from .tags import ALGORITHMS, Tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.package import File
    from pkgtools.readers.member_count import MemberCount

    from .cpio import CpioMember
    from .file_table import Sets
    from .frame import Frame
    from .header_values import RpmHeader

_COMPRESSIONS = {"gzip": "gz", "bzip2": "bz2", "xz": "xz", "lzma": "lzma", "zstd": "zst"}
_GZIP = b"\x1f\x8b"
_BROKEN = (BrokenArchive, EOFError, LZMAError, OSError, zlib.error)
_CHUNK = 1 << 16


class Payload:
    """The payload of one package, to be read once."""

    def __init__(self, path: Path, header: RpmHeader, files: Sequence[File], sets: Sets, held: MemberCount) -> None:
        """Take what the header says; `sets` knows which files are names of the same one."""
        self.files = list(files)
        """The files; with facts when the payload has been read."""
        self._path = path
        self._header = header
        self._sets = sets
        self._held = held
        self._digests = _wanted_digests(header)
        self._seen: set[int] = set()
        self._read: set[int] = set()
        self._strangers = FlawedFiles("are in the payload, and its header doesn't name them")
        self._repeated = FlawedFiles("are in the payload more than once")
        self._resized = FlawedFiles("have another size in the payload than in the header")

    def read(self, stream: IO[bytes], frame: Frame, look: ReadingOptions, more: Sequence[Digesting]) -> list[str]:
        """Read it from a stream that stands at its start and return what is wrong with it.

        `more` are digests to feed with it as it is in the file. Raises UnreadablePackage, EnvironmentFault.
        """
        raw = Fed(stream, [*more, *(digest for digest, _ in self._digests)])
        buffered = io.BufferedReader(raw, _CHUNK)
        how = self._compression(buffered)
        try:
            with unpack(buffered, how, frame.size - frame.header.end, self._path) as archive:
                self._read_members(archive, look)
                while archive.read(
                    _CHUNK
                ):  # what follows the trailer, and the checks at the end of the compressed data
                    pass
            while buffered.read(_CHUNK):
                pass
        except _BROKEN as error:
            raise UnreadablePackage(self._path, f"its payload is broken: {said(error)}", frame.header.end) from error
        return [*self._differences(), *self._wrong_digests()]

    def _compression(self, stream: io.BufferedReader[Fed]) -> str:
        """Return the compression as `unpack` calls it; a package that names none may be old and have gzip."""
        form = self._header.text(Tag.PAYLOADFORMAT)
        if form not in {"", "cpio"}:
            raise UnreadablePackage(self._path, f"its payload is {form!r}, which is unknown")
        name = self._header.text(Tag.PAYLOADCOMPRESSOR) or "gzip"
        if name == "gzip" and not stream.peek(len(_GZIP)).startswith(_GZIP):
            return ""  # rpm's gzip takes what isn't packed as it is
        return _COMPRESSIONS.get(name, name)

    def _read_members(self, archive: IO[bytes], look: ReadingOptions) -> None:
        numbers = {file.path: number for number, file in enumerate(self.files)}
        for member in read_members(archive, self._size_in_payload):
            name = member.name.decode("utf-8", "surrogateescape")
            number = numbers.get(absolute(f"/{name}")) if member.number is None else member.number
            if number is None:
                self._strangers.add(f"/{name.removeprefix('./').lstrip('/')}")
            elif number in self._seen:
                self._repeated.add(self.files[number].path)
            else:
                self._seen.add(number)
                self._take(number, member, look)

    def _size_in_payload(self, number: int) -> int:
        """Return the size of a stripped member: of a file with several names the last one has the content."""
        file = self.files[number]
        if file.is_symlink:
            return len(file.link.encode("utf-8", "surrogateescape"))
        return file.size if number == self._sets.get(number, (number,))[-1] else 0

    def _take(self, number: int, member: CpioMember, look: ReadingOptions) -> None:
        file = self.files[number]
        names = self._sets.get(number, (number,))
        is_elsewhere = number != names[-1] or number in self._read
        if not file.is_regular or (member.size == 0 and file.size and is_elsewhere):
            return  # of a file with several names, rpm puts the content behind the last one, and others do as they like
        if member.size != file.size:
            self._resized.add(file.path)
        if number in self._read:
            return
        self._read.update(names)
        wanted = [one for one in names if is_of_interest(self.files[one].path, self.files[one].mode)]
        if len(wanted) > 1 and member.size <= LARGEST:
            content = member.read(member.size)
            for one in wanted:
                self._examine(one, io.BytesIO(content), member.size, look)
        elif wanted:
            self._examine(wanted[0], member, member.size, look)

    def _examine(self, number: int, content: CpioMember | io.BytesIO, size: int, look: ReadingOptions) -> None:
        file = self.files[number]
        facts, intact = examine(file, content, look)
        self._held.content(facts)
        if size != file.size and intact is not None:
            intact = False  # whatever its first bytes are
        self.files[number] = replace(file, facts=facts, is_intact=intact)

    def _differences(self) -> list[str]:
        absent = (file.path for number, file in enumerate(self.files) if not file.is_ghost and number not in self._seen)
        missing = FlawedFiles("that its header names are missing from the payload", absent)
        flaws = (missing, self._strangers, self._repeated, self._resized)
        return [sentence for flaw in flaws for sentence in flaw.sentences()]

    def _wrong_digests(self) -> list[str]:
        wrong = (digest.name for digest, value in self._digests if digest.hexdigest() != value)
        return [f"its payload doesn't have the {name} digest that the header names" for name in wrong]


class Digesting:
    """A digest that is being computed."""

    def __init__(self, name: str, start: bytes = b"") -> None:
        """Begin with some bytes; `name` is hashlib's."""
        self.name = name
        """What hashlib calls it."""
        self._state = hashlib.new(name, start, usedforsecurity=False)

    def update(self, content: bytes | memoryview) -> None:
        """Go on with more bytes."""
        self._state.update(content)

    def hexdigest(self) -> str:
        """Return the digest of what came so far, in lower-case hexadecimal."""
        return self._state.hexdigest()


def _wanted_digests(header: RpmHeader) -> list[tuple[Digesting, str]]:
    values = header.texts(Tag.PAYLOADDIGEST)
    algorithm = ALGORITHMS.get(next(iter(header.numbers(Tag.PAYLOADDIGESTALGO)), 8))
    if not values or algorithm not in hashlib.algorithms_available:
        return []
    return [(Digesting(algorithm), values[0].lower())] if algorithm else []
