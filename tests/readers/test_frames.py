# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The frame of every pyc that an interpreter writes is whole; cut at any byte it is not; no bytes make us work long."""

from __future__ import annotations

import marshal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.bytecode.completeness import CodeFrame, code_frame_of
from pkgtools.bytecode.headers import header_size_at
from tests.lab.work import examples
from tests.readers.test_compiling import modules
from tests.runtime.interpreters import other_interpreters

VERSION = sys.version_info[:2]
SOURCE = """
import os as system
NUMBERS = (1, -1, 1 << 70, 1.5, 2j, None, True, ..., b"x", "a" * 300, "ä", ("t", frozenset({1, 2})), -(1 << 200))
def f(a, /, b, *c, d=1, **e):
    def inner():
        return a, b
    return x[1:2] if (x := {1, 2, 3}) else inner
class C:
    attribute = {"k": f}
"""
CODE = marshal.dumps(compile(SOURCE, "/m.py", "exec", dont_inherit=True, optimize=0))
EVERY = "import marshal,sys;[sys.stdout.buffer.write(marshal.dumps(compile({!r},'/m.py','exec')))]"


def wrong(body: bytes, version: tuple[int, int] = VERSION) -> str:
    return code_frame_of(bytes(16) + body, 16, version).wrong


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4])
def test_code_of_this_interpreter_is_whole(version: int) -> None:
    code = compile(SOURCE, "/m.py", "exec", dont_inherit=True, optimize=0)
    assert wrong(marshal.dumps(code, version)) == ""


def test_code_of_modules_is_whole() -> None:
    for name in modules(60, 200_000):
        code = compile(Path(name).read_bytes(), name, "exec", dont_inherit=True, optimize=0)
        assert wrong(marshal.dumps(code)) == "", name


@pytest.mark.parametrize("name", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15"])
def test_code_of_other_interpreters_is_whole(name: str) -> None:
    other = other_interpreters().get(name)
    if other is None:
        pytest.skip(f"there is no Python {name}")
    source = SOURCE.replace("a, /, b", "a, b").replace("if (x := {1, 2, 3})", "if x")
    command = [other.program, "-I", "-c", EVERY.format(source)]
    body = subprocess.run(command, capture_output=True, check=True).stdout
    major, _, minor = name.partition(".")
    assert wrong(body, (int(major), int(minor))) == ""
    assert wrong(body[:-1], (int(major), int(minor))) != ""


def test_a_cut_anywhere_is_found() -> None:
    assert [size for size in range(len(CODE)) if not wrong(CODE[:size])] == []


def test_what_follows_the_code_is_nobodys_business() -> None:
    assert wrong(CODE + b"rest") == ""


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"?", "byte 16 isn't a type of marshal's", id="no type"),
        pytest.param(b"r\0\0\0\0", "byte 16 refers to no object before it", id="a reference to nothing"),
        pytest.param(b"0", "byte 16 isn't a type of marshal's", id="a NULL outside of a dictionary"),
        pytest.param(b"(\xff\xff\xff\xff", "it ends at byte 21, within its code", id="four billion objects"),
        pytest.param(b"s\xff\xff\xff\x7f", "it ends at byte 21, within its code", id="a string of two gigabytes"),
        pytest.param(b"l\xff\xff\xff\x7f", "it ends at byte 21, within its code", id="a huge number"),
        pytest.param(b"[\1\0\0\0" * 100_000, "more than 6000 objects in one another", id="lists in one another"),
        pytest.param(b"{" * 100_000, "more than 6000 objects in one another", id="dictionaries in one another"),
    ],
)
def test_what_is_wrong_is_said(body: bytes, text: str) -> None:
    assert wrong(body).startswith(text)


def test_types_of_a_version_that_nobody_knows_yet_are_not_judged() -> None:
    assert wrong(b"(\1\0\0\0?", (3, 99)) == ""


def test_python_2_is_not_judged() -> None:
    assert wrong(b"", (2, 7)) == ""


DAMAGED = st.builds(
    lambda at, new: CODE[:at] + new + CODE[at + 1 :], st.integers(0, len(CODE) - 1), st.binary(min_size=1, max_size=3)
)


@settings(max_examples=examples(300))
@given(body=st.one_of(st.binary(max_size=300), DAMAGED))
def test_no_bytes_are_an_exception(body: bytes) -> None:
    assert isinstance(wrong(body), str)


def test_headers_of_two_sizes() -> None:
    old = b"\x33\x0d\r\n" + bytes(8)
    assert header_size_at(old) == 12
    assert code_frame_of(old + b"N", 12, (3, 6)) == CodeFrame()


def test_bytes_behind_the_code_are_counted() -> None:
    body = marshal.dumps(compile("x = 1", "m.py", "exec"))
    version = sys.version_info[:2]
    assert code_frame_of(bytes(16) + body, 16, version) == CodeFrame()
    assert code_frame_of(bytes(16) + body + b"N" * 7, 16, version) == CodeFrame(trailing=7)
