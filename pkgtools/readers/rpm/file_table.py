# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The file table of an RPM header: what a package owns, with directories and ghosts."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from pkgtools.model.package import Digest, File
from pkgtools.readers.unreadable import MOST_ENTRIES, UnreadablePackage
from pkgtools.runtime.policy.sources import absolute

from .tags import ALGORITHMS, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pkgtools.runtime.facts import InstalledPath

    from .header_values import RpmHeader

    Sets = Mapping[int, Sequence[int]]
    """Number of a file with several names -> the numbers of all names of its set, in their order."""

_GHOST = 1 << 6
_LONGEST_PATH = 4096
_LEAST_NAMES = 16 << 20
_NAMES_PER_FILE = 512
"""Bytes of all paths: what is more than _LEAST_NAMES and this for each file isn't a package but a bomb."""


def read_files(header: RpmHeader, path: Path) -> tuple[tuple[File, ...], Sets]:
    """Return the files, in the header's order, and which of them are names of the same file.

    The names of a set but for the first have the first one for their `link`. Raises UnreadablePackage.
    """
    table = _Table(header, path)
    sets = table.sets()
    first = {number: names[0] for number, names in sets.items() if names[0] != number}
    return tuple(table.file(number, first.get(number)) for number in range(len(table.paths))), sets


def read_states(header: RpmHeader) -> Sequence[int]:
    """Return the states of an installed package's files; 0 is a file that is there and the package's own."""
    return header.numbers(Tag.FILESTATES)


class _Table:
    """The arrays of a header that have a value for each file."""

    def __init__(self, header: RpmHeader, path: Path) -> None:
        self._path = path
        self._header = header
        self.paths = list(self._read_paths())
        self._modes = self._numbers(Tag.FILEMODES, needed=True)
        self._sizes = self._numbers(Tag.LONGFILESIZES if Tag.LONGFILESIZES in header else Tag.FILESIZES, needed=True)
        self._times = self._numbers(Tag.FILEMTIMES)
        self._flags = self._numbers(Tag.FILEFLAGS)
        self._devices = self._numbers(Tag.FILEDEVICES)
        self._inodes = self._numbers(Tag.FILEINODES)
        self._links = self._texts(Tag.FILELINKTOS)
        self._users = self._texts(Tag.FILEUSERNAME)
        self._groups = self._texts(Tag.FILEGROUPNAME)
        self._digests = self._texts(Tag.FILEDIGESTS)
        number = next(iter(header.numbers(Tag.FILEDIGESTALGO)), 1)
        self._algorithm = ALGORITHMS.get(number, f"algorithm {number}")

    def file(self, number: int, first: int | None) -> File:
        mode = self._modes[number]
        digest = self._digests[number].lower()
        link = self._links[number] if stat.S_ISLNK(mode) else ""
        return File(
            path=self.paths[number],
            mode=mode,
            size=self._sizes[number] if stat.S_ISREG(mode) else 0,
            mtime_ns=self._times[number] * 10**9,
            user=self._users[number],
            group=self._groups[number],
            link=link if first is None else self.paths[first],
            digest=Digest(algorithm=self._algorithm, value=digest) if digest and stat.S_ISREG(mode) else None,
            is_ghost=self._is_ghost(number),
        )

    def sets(self) -> Sets:
        """Group the names of each file that has several, as rpm does it: by device and inode.

        Not every program that makes packages gives each file an inode of its own: content counts, too.
        """
        found: dict[tuple[int | str, ...], list[int]] = {}
        for number, mode in enumerate(self._modes):
            if stat.S_ISREG(mode) and not self._is_ghost(number) and self._inodes[number]:
                key = (self._devices[number], self._inodes[number], self._sizes[number], self._digests[number])
                found.setdefault(key, []).append(number)
        return {number: numbers for numbers in found.values() if len(numbers) > 1 for number in numbers}

    def _is_ghost(self, number: int) -> bool:
        return bool(self._flags[number] & _GHOST)

    def _read_paths(self) -> Iterator[InstalledPath]:
        header = self._header
        old = Tag.BASENAMES not in header
        names = header.texts(Tag.OLDFILENAMES if old else Tag.BASENAMES)
        if len(names) > MOST_ENTRIES:
            raise UnreadablePackage(self._path, f"there are more than {MOST_ENTRIES} files in it")
        directories = ["/"] if old else header.texts(Tag.DIRNAMES)
        indexes = [0] * len(names) if old else header.numbers(Tag.DIRINDEXES)
        self._check(Tag.DIRINDEXES, len(indexes), len(names))
        left = _LEAST_NAMES + _NAMES_PER_FILE * len(names)
        for name, index in zip(names, indexes, strict=True):
            if index >= len(directories):
                raise UnreadablePackage(self._path, f"a file is in directory {index} of {len(directories)}")
            length = len(directories[index]) + len(name)
            left -= length
            if length > _LONGEST_PATH or left < 0:
                raise UnreadablePackage(self._path, "the paths of its files are too long")
            yield absolute(directories[index] + name)

    def _numbers(self, tag: Tag, *, needed: bool = False) -> Sequence[int]:
        values = self._header.numbers(tag)
        if not needed and tag not in self._header:
            return [0] * len(self.paths)
        self._check(tag, len(values), len(self.paths))
        return values

    def _texts(self, tag: Tag) -> Sequence[str]:
        values = self._header.texts(tag)
        if tag not in self._header:
            return [""] * len(self.paths)
        self._check(tag, len(values), len(self.paths))
        return values

    def _check(self, tag: Tag, found: int, wanted: int) -> None:
        if found != wanted:
            raise UnreadablePackage(self._path, f"its header has {found} values of {tag.name} for {wanted} files")
