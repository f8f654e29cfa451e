# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The bar on a terminal: drawn when it is time to, and gone at the end."""

from __future__ import annotations

import io
import time

import pytest

from pkgtools.runtime.progress import Bar


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return what the time is, to be changed."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_nothing_is_drawn_of_what_ends_soon(clock: list[float]) -> None:
    stream = io.StringIO()
    with Bar(stream, "compiling") as bar:
        clock[0] += 0.4
        bar.update(1, 2)
    assert stream.getvalue() == ""


def test_bar_is_drawn_ten_times_a_second_and_wiped_out(clock: list[float]) -> None:
    stream = io.StringIO()
    with Bar(stream, "compiling") as bar:
        clock[0] += 0.5
        for done in (0, 15, 20):
            bar.update(done, 30)
            clock[0] += 0.06
        assert stream.getvalue() == f"\rcompiling [{'.' * 30}] 0/30\rcompiling [{'#' * 20}{'.' * 10}] 20/30"
        clock[0] += 1
        bar.update(0, 0)
        assert stream.getvalue().endswith(f"\rcompiling [{'.' * 30}] 0/0")
    assert stream.getvalue().endswith("0/0\r\033[K")
