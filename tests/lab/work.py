# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""How much work something is: counted, for seconds depend on the machine and on what else it does."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import SupportsIndex

import pytest
from hypothesis import settings

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


def examples(number: int) -> int:
    """Return how many examples a property gets that is worth `number`: all, or the share of a quick profile."""
    return max(1, number * settings().max_examples // 100)


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


def held() -> tuple[str, int]:
    """Return the children that this thread has, and how many descriptors are open."""
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text(encoding="ascii")
    return children, len(os.listdir("/proc/self/fd"))


def allow_one_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each fork of this process but the first fail, as where there may be no more processes."""
    real, forks = os.fork, []

    def fork() -> int:
        forks.append(1)
        if len(forks) > 1:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real()

    monkeypatch.setattr(os, "fork", fork)
