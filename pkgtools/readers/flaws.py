# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is wrong with files of a package, said in one sentence for all that have the same flaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHOWN = 3


class FlawedFiles:
    """The files that have one flaw: counted, and the first ones named."""

    def __init__(self, text: str, paths: Iterable[str] = ()) -> None:
        """Begin with some files; `text` goes on after `3 of the files`."""
        self._text = text
        self._number = 0
        self._first: list[str] = []
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        """Count a file in."""
        self._number += 1
        if len(self._first) < _SHOWN:
            self._first.append(path if path.isprintable() else ascii(path))

    def sentences(self) -> Iterator[str]:
        """Yield one sentence if there is such a file."""
        if self._number:
            more = " ..." if self._number > _SHOWN else ""
            yield f"{self._number} of the files {self._text}: {', '.join(self._first)}{more}"
