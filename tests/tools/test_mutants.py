# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Mutants: what is changed and what isn't, how they are drawn, and which tests are asked about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutants_covering import Covering
from tools.mutants_made import Mutant, sample

MODULE = Path("pkgtools/runtime/m.py")
TEXT = '''\
from __future__ import annotations

LIMIT = 7


def f(a: int | None, b: list[int] = []) -> int | None:
    """Doc 5."""
    c: bool | None = True
    if a is not None:
        b.clear()
    if c:
        raise ValueError(a)
    return LIMIT


TYPE_CHECKING = False
if TYPE_CHECKING:
    X = 5
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / MODULE).parent.mkdir(parents=True)
    (tmp_path / MODULE).write_text(TEXT)
    return tmp_path


def test_every_place_that_runs_is_changed_and_no_other(checkout: Path) -> None:
    found = sample(checkout, [MODULE], 1000, 1)
    assert {mutant.line for mutant, _ in found} == {3, 8, 9, 10, 11, 12}
    diffs = {mutant.diff(checkout, text) for mutant, text in found}
    assert ("-        b.clear()", "+        pass") in diffs
    assert ("-        raise ValueError(a)", "+        pass") in diffs
    assert ("-    c: bool | None = True", "+    c: bool | None = False") in diffs
    assert ("-    if a is not None:", "+    if a is None:") in diffs
    assert ("-    if a is not None:", "+    if a != None:") not in diffs


def test_sample_is_the_same_for_the_same_seed(checkout: Path) -> None:
    one, again, other = (sample(checkout, [MODULE], 4, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert len(one) == 4


def _mutant(line: int) -> Mutant:
    return Mutant(module=str(MODULE), line=line, column=0, family="x", operator="x", occurrence=0)


COVERING = Covering(
    tests=(("t/test_a.py::f[1]", 2.0), ("t/test_a.py::f[2]", 1.0), ("t/test_m.py::g", 9.0), ("t/test_a.py::h", 3.0)),
    lines={str(MODULE): {3: (0, 1, 2, 3), 9: (0, 1, 2), 12: (3,)}},
)


@pytest.mark.parametrize(
    ("line", "seconds", "expected"),
    [
        pytest.param(9, 99, ["t/test_m.py::g", "t/test_a.py::f[2]", "t/test_a.py::f[1]"], id="in-a-function"),
        pytest.param(9, 10, ["t/test_m.py::g", "t/test_a.py::f[2]"], id="no-time-for-all"),
        pytest.param(9, 0, ["t/test_m.py::g"], id="at-least-one"),
        pytest.param(11, 99, [], id="not-covered"),
        pytest.param(
            3, 99, ["t/test_m.py::g", "t/test_a.py::f[2]", "t/test_a.py::h", "t/test_a.py::f[1]"], id="at-import"
        ),
    ],
)
def test_tests_are_asked_in_order(line: int, seconds: float, expected: list[str], checkout: Path) -> None:
    assert list(COVERING.tests_of(checkout, _mutant(line), seconds)) == expected
