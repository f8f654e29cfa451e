# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: two texts line by line beside each other, with what is the same far from any change left out."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import Enum
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST = 2_000
"""So many rows of two texts are shown."""
_WIDEST = 1_000
"""Characters of a line; a script with longer ones is data."""
_TAB = 8


class LineChange(Enum):
    """What became of a row's line; the value is the row's class in the page."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    COME = "come"
    LEFT_OUT = "left-out"
    """Lines that are the same in both, and far from what is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of each text; number 0 and no text where one of them has none."""

    change: LineChange
    """How the two lines compare."""
    old_number: int = 0
    """From 1."""
    old: str = ""
    """The line without its end, tabs as blanks."""
    new_number: int = 0
    """From 1."""
    new: str = ""
    """The line without its end, tabs as blanks."""


def side_by_side(old: str, new: str) -> tuple[list[Row], int]:
    """Return the rows of two texts, at most `MOST`, and how many lines of both were not looked at beyond them."""
    before, after = old.splitlines(), new.splitlines()
    rows = _rows(before, after)
    shown = list(islice(rows, MOST))
    return shown, sum(1 for _ in rows)


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    end = 0
    for group in difflib.SequenceMatcher(None, old, new).get_grouped_opcodes():
        if group[0][1] > end:
            yield Row(change=LineChange.LEFT_OUT)
        for tag, first, last, start, stop in group:
            yield from _of_range(tag, old, (first, last), new, (start, stop))
            end = last
    if end and end < len(old):
        yield Row(change=LineChange.LEFT_OUT)


def _of_range(
    tag: str, old: Sequence[str], gone: tuple[int, int], new: Sequence[str], come: tuple[int, int]
) -> Iterator[Row]:
    for one, other in zip_longest(range(*gone), range(*come)):
        if tag == "equal":
            change = LineChange.SAME
        elif one is None:
            change = LineChange.COME
        else:
            change = LineChange.GONE if other is None else LineChange.CHANGED
        yield Row(
            change=change,
            old_number=0 if one is None else one + 1,
            old="" if one is None else _shown(old[one]),
            new_number=0 if other is None else other + 1,
            new="" if other is None else _shown(new[other]),
        )


def _shown(line: str) -> str:
    text = line[:_WIDEST].expandtabs(_TAB)
    return f"{text} ..." if len(line) > _WIDEST else text
