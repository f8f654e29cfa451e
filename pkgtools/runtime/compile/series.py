# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: jobs in series, each for a worker of its own, that does them in order.

What a worker makes can depend on what it compiled before (3.13 and later). The series are the same for any number of
workers at once, so the bytes of pycs are, too.
"""

from __future__ import annotations

from pkgtools.runtime.lean import TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .steps import CompileJob

Item = TypeVar("Item")

_LENGTH = 256
"""Sources in a series: compiling them takes ten times as long as starting a worker, or more."""


def series(jobs: list[CompileJob]) -> Iterator[list[CompileJob]]:
    """Cut jobs into series."""
    for begin in range(0, len(jobs), _LENGTH):
        yield jobs[begin : begin + _LENGTH]


def in_turn(streams: Iterator[Generator[Item, None, None]], at_once: int) -> Iterator[Item]:
    """Yield what streams yield, some of them at once, and close them if the caller ends before they do."""
    begun: list[Generator[Item, None, None]] = []
    try:
        while True:
            while len(begun) < at_once:
                stream = next(streams, None)
                if stream is None:
                    break
                begun.append(stream)
            if not begun:
                return
            for stream in tuple(begun):
                try:
                    item = next(stream)
                except StopIteration:
                    begun.remove(stream)
                else:
                    yield item
    finally:
        for stream in begun:
            stream.close()
