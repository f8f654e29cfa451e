# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""How much work something is: counted, for seconds depend on the machine and on what else it does."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import SupportsIndex

COUNTING = """
import sys
def calls(function):
    count = 0
    def profile(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count
"""
"""The same for a child process."""


def calls(function: Callable[[], object]) -> int:
    """Count the calls of functions, Python's and C's, that a function makes."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    former = sys.getprofile()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(former)
    return count


def most_calls(size: int) -> int:
    """Return how many calls a package of so many bytes may cost, whatever is in it: six a byte, and some to begin."""
    return 200_000 + 6 * size


class CountedText(str):
    """A text that counts the characters that its methods look at or copy."""

    __slots__ = ("looked_at",)

    def __init__(self, _text: str) -> None:
        """Nothing was looked at yet."""
        self.looked_at = 0

    def find(self, part: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """Find as ever, and count what lies before the place, or all where there is none."""
        found = super().find(part, start, end)
        self.looked_at += (found if found >= 0 else len(self)) - int(start or 0)
        return found

    def count(self, part: str, start: SupportsIndex | None = None, end: SupportsIndex | None = None, /) -> int:
        """Count as ever, and how much of the text it took."""
        self.looked_at += (len(self) if end is None else int(end)) - int(start or 0)
        return super().count(part, start, end)

    def __getitem__(self, index: SupportsIndex | slice, /) -> str:
        piece = super().__getitem__(index)
        if len(piece) == len(self):  # which is no copy
            return self
        self.looked_at += len(piece)
        return piece


@contextmanager
def no_hang() -> Iterator[None]:
    """Fail where something never ends; how long it takes is no matter."""

    def fail(_number: int, _frame: FrameType | None) -> None:
        raise AssertionError("it hangs")

    former = signal.signal(signal.SIGALRM, fail)
    signal.alarm(300)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
