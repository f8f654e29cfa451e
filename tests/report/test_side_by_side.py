# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Two texts beside each other: every change is there, in order, and the work is bounded."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.report.side_by_side import MOST, LineChange, Row, side_by_side
from tests.lab.work import calls, examples

texts = st.lists(st.sampled_from(["a", "b", "", "\tc", "d"]), max_size=30).map("\n".join)


def shown(rows: list[Row]) -> list[tuple[str, str, str]]:
    return [(row.change.value, row.old, row.new) for row in rows]


def test_lines_stand_beside_what_they_became() -> None:
    rows, more = side_by_side("a\nb\nc\n", "a\nx\ny\nc\n")
    assert more == 0
    assert shown(rows) == [("same", "a", "a"), ("changed", "b", "x"), ("come", "", "y"), ("same", "c", "c")]
    assert [(row.old_number, row.new_number) for row in rows] == [(1, 1), (2, 2), (0, 3), (3, 4)]


def test_what_is_the_same_is_left_out_far_from_changes() -> None:
    lines = [str(number) for number in range(30)]
    rows, _ = side_by_side("\n".join(lines), "\n".join([*lines[:15], "x", *lines[16:]]))
    assert [row.change.value for row in rows] == ["left-out", *["same"] * 3, "changed", *["same"] * 3, "left-out"]


@settings(max_examples=examples(200))
@given(old=texts, new=texts)
def test_lines_come_back_as_they_were(old: str, new: str) -> None:
    rows, more = side_by_side(old, new)
    assert more == 0
    for lines, side in (
        (old.splitlines(), [(row.old_number, row.old) for row in rows if row.old_number]),
        (new.splitlines(), [(row.new_number, row.new) for row in rows if row.new_number]),
    ):
        assert side == [(number, lines[number - 1].expandtabs(8)) for number, _ in side]
        assert [number for number, _ in side] == sorted({number for number, _ in side})
    kept = {row.old_number for row in rows if row.old_number}
    if LineChange.LEFT_OUT not in {row.change for row in rows} and old != new and old.splitlines() != new.splitlines():
        assert kept == set(range(1, len(old.splitlines()) + 1))
    same = [(row.old, row.new) for row in rows if row.change is LineChange.SAME]
    assert all(one == other for one, other in same)


def test_a_long_script_is_cut_and_the_rest_counted() -> None:
    rows, more = side_by_side("", "\n".join(map(str, range(MOST + 500))))
    assert (len(rows), more) == (MOST, 500)
    (row,), _ = side_by_side("", "\t" * 100_000)
    assert len(row.new) < 10_000


def test_work_grows_with_the_lines() -> None:
    """As it does not with `difflib.ndiff`, which compares every two lines that are similar."""

    def work(number: int) -> int:
        old, new = ("\n".join(f"line {one} {sign}" for one in range(number)) for sign in "ab")
        return calls(lambda: side_by_side(old, new))

    assert work(1_000) < 15 * work(100)
