# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Jobs in series: what belongs together, and how several are done at once."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pkgtools.runtime.compile.series import in_turn, series


def stream(name: str, length: int, closed: list[str]) -> Generator[str, None, None]:
    try:
        for number in range(length):
            yield f"{name}{number}"
    finally:
        closed.append(name)


@pytest.mark.parametrize("number", [0, 1, 256, 257, 1000])
def test_series_are_all_jobs_in_their_order(number: int) -> None:
    jobs: list[Any] = list(range(number))
    found = list(series(jobs))
    assert [job for one in found for job in one] == jobs
    assert {len(one) for one in found[:-1]} <= {256}


@pytest.mark.parametrize("at_once", [1, 2, 3, 9])
def test_streams_keep_their_order_and_some_are_begun_at_once(at_once: int) -> None:
    lengths = {"a": 4, "b": 0, "c": 2, "d": 3}
    begun: list[str] = []
    closed: list[str] = []

    def streams() -> Generator[Generator[str, None, None], None, None]:
        for name, length in lengths.items():
            begun.append(name)
            yield stream(name, length, closed)

    found = []
    for item in in_turn(streams(), at_once):
        found.append(item)
        assert len(begun) - len(closed) <= at_once
    assert {name: [one for one in found if one[0] == name] for name in lengths} == {
        name: [f"{name}{number}" for number in range(length)] for name, length in lengths.items()
    }
    assert (found == sorted(found)) == (at_once == 1)


def test_streams_that_were_begun_are_closed_with_the_whole() -> None:
    closed: list[str] = []
    whole = in_turn((stream(name, 9, closed) for name in "abc"), 2)
    assert [next(whole), next(whole), next(whole)] == ["a0", "b0", "a1"]
    whole.close()  # type: ignore[attr-defined] # it's a generator
    assert closed == ["a", "b"]
