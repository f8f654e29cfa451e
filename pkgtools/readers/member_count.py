# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How much of a package is held in memory while it is judged: its members, their names and facts, and findings."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from .unreadable import MOST_ENTRIES, UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pkgtools.bytecode.examine import ReadingOptions
    from pkgtools.model.package import File

_PIECE = 512
"""Bytes of names and contents that count as one more member; a member costs about as many."""
_STEP = 1000


class MemberCount:
    """The members of one package, counted as they come."""

    def __init__(self, path: Path, grow: Callable[[int], None] | None = None) -> None:
        """Begin at 0; `grow` is called with the number now and then, before there are more."""
        self._path = path
        self._grow = grow
        self._number = 0
        self._told = 0 if grow else MOST_ENTRIES + 1

    def member(self, length: int) -> None:
        """Count a member with so many bytes of names. Raises UnreadablePackage for too many."""
        self.members(1 + length // _PIECE)

    def members(self, number: int) -> None:
        """Count some members. Raises UnreadablePackage for too many."""
        self._number += number
        if self._number > MOST_ENTRIES:
            # as many as there are, or fewer with long names or contents
            raise UnreadablePackage(self._path, f"there is more to it than {MOST_ENTRIES} files and findings")
        if self._number >= self._told and self._grow is not None:
            self._told = self._number + _STEP
            self._grow(self._told)

    def content(self, facts: object) -> None:
        """Count the facts of a file's content. Raises UnreadablePackage for too much."""
        if size := _size(facts) // _PIECE:
            self.members(size)

    def finding(self, *texts: str) -> None:
        """Count a finding, which is held twice on its way to the report. Raises UnreadablePackage for too many."""
        self.members(2 * (1 + sum(map(len, texts)) // _PIECE))


def gathered(files: Iterable[File], look: ReadingOptions) -> tuple[File, ...]:
    """Return the files, or an empty tuple where only their contents are wanted, which a sink gets."""
    if look.keeps:
        return tuple(files)
    for _ in files:
        pass
    return ()


def _size(value: object) -> int:
    """Return the bytes or characters of a record."""
    if isinstance(value, (str, bytes)):
        return len(value)
    if isinstance(value, tuple):
        return sum(map(_size, value))
    if is_dataclass(value):
        return sum(_size(getattr(value, one.name)) for one in fields(value))
    return 0
