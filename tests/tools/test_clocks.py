# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The house rules find what they are for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.house.checkout import Checkout
from tools.house.clocks import clocks

TIMED = {
    "direct": "def test():\n    begun = 0\n    assert time.{clock}() - begun < 3\n",
    "imported": "def test():\n    assert {clock}() < 3\n",
    "variable": "def test():\n    begun = time.{clock}()\n    x = 1\n    assert x - begun < 3\n",
    "variable of a variable": "def test():\n    a = {clock}()\n    b = c = a - 1\n    assert c < 3\n",
    "several at once": "def test():\n    a, b = 1, {clock}()\n    assert b < 3\n",
    "in passing": "def test():\n    if (a := {clock}()):\n        pass\n    assert a < 3\n",
    "function": "def seconds():\n    return {clock}() - 1\n\ndef test():\n    assert seconds() < 3\n",
    "child": 'CODE = """\nprint(time.{clock}())\n"""\n',
}
FREE = {
    "no assertion": "def test():\n    begun = time.{}()\n    print(time.{}() - begun)\n",
    "other variable": "def test():\n    begun = time.{}()\n    x = 1\n    assert x < 3\n",
    "word": 'WORDS = "monotonic, perf_counter"\n',
}


def _complaints(text: str, tmp_path: Path) -> int:
    path = Path("tests/test_x.py")
    (tmp_path / "tests").mkdir()
    (tmp_path / path).write_text(text)
    return len(list(clocks(Checkout(top=tmp_path, paths=(path,)))))


@pytest.mark.parametrize("clock", ["mono" + "tonic", "perf_" + "counter", "process_" + "time", "mono" + "tonic_ns"])
@pytest.mark.parametrize("text", TIMED.values(), ids=TIMED)
def test_assertion_on_time_is_found(text: str, clock: str, tmp_path: Path) -> None:
    assert _complaints(text.replace("{clock}", clock), tmp_path) == 1


@pytest.mark.parametrize("text", FREE.values(), ids=FREE)
def test_all_else_is_let_pass(text: str, tmp_path: Path) -> None:
    assert _complaints(text.replace("{}", "mono" + "tonic"), tmp_path) == 0
