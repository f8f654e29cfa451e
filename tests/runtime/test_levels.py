# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Level 1 is made from level 0 where that is surely the same; each spelling that makes a difference must be seen."""

from __future__ import annotations

import io
import marshal
import os

import pytest

from pkgtools.runtime.compile import worker

SOURCES = {
    "nothing-to-drop": b"x = 1\n",
    "assert": b"assert x\n",
    "debug": b"x = 1 if __debug__ else 2\n",
    "debug-in-fullwidth-letters": "x = 1 if __\uff44\uff45\uff42\uff55\uff47__ else 2\n".encode(),
    "debug-in-an-f-string": b"x = f'{1 if __debug__ else 2}'\n",
    "assert-in-utf-7": b"# coding: utf-7\n+AGEAcwBzAGUAcgB0- x\n",
    "assert-in-utf-7-cookie-behind-a-carriage-return": b"#\r# coding: utf-7\r+AGEAcwBzAGUAcgB0- x\r",
    "assert-in-utf-7-cookie-behind-a-long-line": b"#" + b"-" * 9000 + b"\n# coding: utf-7\n+AGEAcwBzAGUAcgB0- x\n",
    "docstring": b"'''Says something.'''\n",
    "cookie-that-is-none": b"\n\n# coding: utf-7\nx = '+AGEAcwBzAGUAcgB0- x'\n",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_each_level_is_what_the_compiler_makes_of_it(source: bytes) -> None:
    assert _ask(source, (0, 1, 2)) == [_reference(source, level) for level in (0, 1, 2)]


def test_failure_at_level_0_is_told_for_level_1_too() -> None:
    assert [text.partition(b":")[0] for text in _ask(b"def (\n", (0, 1))] == [b"SyntaxError", b"SyntaxError"]


def test_name_of_a_file_is_no_reason() -> None:
    assert _statuses(b"def (\n", b"/too deeply nested recursion.py") == [b"syntax-error"]


def _reference(source: bytes, level: int) -> bytes:
    path = os.fsdecode(b"/m.py")  # marshal sees who else refers to the name and to the code, as import does
    code = compile(source, path, "exec", dont_inherit=True, optimize=level)
    return marshal.dumps(code)


def _ask(source: bytes, levels: tuple[int, ...]) -> list[bytes]:
    return [body for _, body in _answers(source, levels, b"/m.py")]


def _statuses(source: bytes, path: bytes) -> list[bytes]:
    return [status for status, _ in _answers(source, (0,), path)]


def _answers(source: bytes, levels: tuple[int, ...], path: bytes) -> list[tuple[bytes, bytes]]:
    """Speak the worker's protocol with it, in this process."""
    tasks = b",".join(b"%d:compile:0" % level for level in levels)
    head = b"\0".join((path, b"0", b"%d" % len(source), tasks))
    answers: list[bytes] = []
    worker.serve(io.BytesIO(len(head).to_bytes(4, "little") + head + source).read, answers.append)
    stream = io.BytesIO(answers[0])
    fields = stream.read(int.from_bytes(stream.read(4), "little")).split(b"\0")
    sizes = [field.partition(b":")[::2] for field in fields[1:]]
    return [(status, stream.read(int(size))) for status, size in sizes]
