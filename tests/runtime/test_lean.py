# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What stands for slow imports behaves as what it stands for: tuples, enumerations, command lines, names by hand."""

from __future__ import annotations

import argparse
import copy
import enum
import pickle
import re
import typing
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime import lean, stand_in
from pkgtools.runtime.arguments import CommandLine
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import Outcome, Reason
from pkgtools.runtime.options import COMMANDS
from pkgtools.runtime.policy.layout import parse_pyc_name, parse_temporary_name
from pkgtools.runtime.policy.version_range import is_version_range
from pkgtools.runtime.pythons import (
    LIBRARY_NAME,
    PACKAGES_NAME,
    TAG,
    is_cache_tag,
    is_library_name,
    outermost_library_of,
)
from pkgtools.runtime.record import Proof
from pkgtools.runtime.system.temporaries import token_of


class Lean(lean.NamedTuple):
    """A tuple."""

    first: int
    second: str = "two"

    @property
    def both(self) -> str:
        return f"{self.first} {self.second}"


class Real(typing.NamedTuple):
    first: int
    second: str = "two"


class LeanSet(lean.Enum):
    A = "a"
    B = "b"


class RealSet(enum.Enum):
    A = "a"
    B = "b"


def test_tuples_are_made_and_changed_like_the_real_ones() -> None:
    kinds: tuple[Any, Any] = Lean, Real
    for given_ones in ({"first": 1}, {"second": "y", "first": 3}):
        lean_one, real = (kind(**given_ones) for kind in kinds)
        assert tuple(lean_one) == tuple(real)
        assert (lean_one.first, lean_one.second) == (real.first, real.second)
        assert repr(lean_one).replace("Lean", "Real") == repr(real)
        assert tuple(lean_one._replace(first=9)) == tuple(real._replace(first=9))
    assert Lean._fields == Real._fields
    assert Lean(1).both == "1 two"
    assert Lean(1) == (1, "two")


def test_tuples_refuse_what_the_real_ones_refuse() -> None:
    kind: Any = Lean
    for wrong in (kind, lambda: kind(1, "2", 3), lambda: kind(1, third=3), lambda: kind(1)._replace(third=3)):
        with pytest.raises((TypeError, ValueError)):
            wrong()
    with pytest.raises(AttributeError):
        kind(1).first = 2


@pytest.mark.parametrize("value", [Lean(1), LeanSet.A, Proof.MADE, Reason.MISSING])
def test_values_survive_pickle_and_copy(value: object) -> None:
    for again in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
        assert again == value
        assert isinstance(value, Lean) or again is value


def test_members_are_found_like_the_real_ones() -> None:
    assert [(one.name, one.value) for one in LeanSet] == [(one.name, one.value) for one in RealSet]
    assert LeanSet("b") is LeanSet.B
    assert repr(LeanSet.A).replace("Lean", "Real") == repr(RealSet.A)
    assert {LeanSet.A: 1}[LeanSet.A] == 1
    with pytest.raises(ValueError, match="'c' is not a valid LeanSet"):
        LeanSet("c")
    assert Proof.WHOLE < Proof.COMPARED < Proof.MADE
    assert Outcome._fields[0] == "status"


LINES = {line.program: line for line in (*COMMANDS.values(), stand_in.PY3COMPILE, stand_in.PY3CLEAN)}
FLAGS = sorted(
    {flag for line in LINES.values() for one in line.arguments for flag in one.flags} | {"--help", "--version"}
)
WORDS = st.one_of(
    st.sampled_from(FLAGS),
    st.sampled_from(
        ["/a", "b.py", "", "-", "--", "3.9-", "0,1", "2", "-1", "1.5", "timestamp", "-x y", "é", "a b", "@x"]
    ),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(["", "=", "=x", "3", "=3.9", "q", "fq", "=0", "=-"])).map(
        "".join
    ),
    st.text(st.sampled_from("-=abpqnvVOX/ "), max_size=5),
)


def _by_argparse(line: CommandLine, words: list[str]) -> dict[str, object] | None:
    with suppress(UsageError, SystemExit):
        return vars(line.parser().parse_args(words))
    return None


@pytest.mark.parametrize("program", LINES)
@given(words=st.lists(WORDS, max_size=7))
def test_a_plain_command_line_is_read_as_argparse_reads_it(program: str, words: list[str]) -> None:
    line = LINES[program]
    plainly = line.read_plainly(words)
    if plainly is not None:
        assert plainly == _by_argparse(line, words)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("pkgtools-compile", "-p python3-foo -V 3.9- -X re /usr/share/foo /b"),
        ("pkgtools-compile", "-O 0,1 --json - --root=/x -q /a"),
        ("pkgtools-compile", "--rpm-stdin --changed0 -"),
        ("pkgtools-clean", "-ppython3-foo -pb"),
        ("pkgtools-trigger", "--changed0 - -j4"),
        ("py3compile", "-p foo /usr/lib/foo -V 3.11"),
        ("py3clean", "-p foo"),
    ],
)
def test_what_scripts_call_needs_no_argparse(program: str, words: str) -> None:
    assert LINES[program].read_plainly(words.split()) == _by_argparse(LINES[program], words.split())


NAMES = [
    "python",
    "pypy",
    "graalpy",
    "graalpython",
    "platform-",
    "3",
    "2",
    "13",
    ".",
    "t",
    "/",
    "lib",
    "64",
    "x32",
    "usr",
]
PLACES = ["dist-packages", "site-packages", "cpython-", "-", "opt-1", ".opt-", ".pyc", "a", "\u0663", "4", "\n", "1234"]
PARTS = st.sampled_from([*NAMES, *PLACES])
TEXTS = st.lists(PARTS, max_size=9).map("".join)
_LIBRARY = re.compile(r"/lib(?:32|64|x32)?/((?:python|pypy)\d(?:\.\d{1,3}t?)?|graalpy\d[\d.]*)(?=/|\Z)", re.ASCII)


@given(TEXTS)
def test_names_are_read_as_the_expressions_of_the_table_say(text: str) -> None:
    assert is_library_name(text) == bool(re.fullmatch(LIBRARY_NAME, text, re.ASCII))
    assert is_cache_tag(text) == bool(re.fullmatch(TAG, text, re.ASCII))


@given(TEXTS)
def test_libraries_are_found_as_an_expression_finds_them(text: str) -> None:
    found = outermost_library_of(text)
    first = _LIBRARY.search(text)
    if first is not None and found is not None:
        assert found.path == text[: first.end()] or first.start() < len(found.prefix)
        packages = re.match(rf"/{PACKAGES_NAME}(?=/|\Z)", text[len(found.path) :])
        assert found.packages == (found.path + packages[0] if packages else "")
    assert found is None or first is not None


@given(st.text(st.sampled_from("0123456789.-a \n\u0663"), max_size=12))
def test_ranges_are_known_by_their_form(text: str) -> None:
    form = r"-?[0-9]{1,9}\.[0-9]{1,9}|[0-9]{1,9}\.[0-9]{1,9}-(?:[0-9]{1,9}\.[0-9]{1,9})?"
    assert is_version_range(text) == bool(re.fullmatch(form, text))


_ENDINGS = st.lists(
    st.sampled_from(["m", ".", "cpython-311", "pypy39", ".opt-", "1", "2x", ".pyc", "\n", "-", "\u0663", ".123"]),
    max_size=8,
).map("".join)


@given(_ENDINGS)
def test_names_of_pycs_are_read_as_expressions_read_them(name: str) -> None:
    form = re.compile(rf"(.+)\.({TAG})(?:\.opt-([0-9A-Za-z]+))?\.pyc", re.DOTALL | re.ASCII)
    found = form.fullmatch(name)
    assert parse_pyc_name(name) == ((found[1], found[2], found[3] or "") if found else None)
    temporary = re.fullmatch(r"(.+\.pyc)\.[0-9]+", name, re.DOTALL)
    assert parse_temporary_name(name) == (parse_pyc_name(temporary[1]) if temporary else None)


@given(
    st.lists(
        st.sampled_from([".pkgtools-", "0123456789abcdef", "-", "01234567", "a", ".tmp", ".lock", "G", "\n"]),
        max_size=7,
    ).map("".join)
)
def test_names_of_temporaries_are_read_as_an_expression_reads_them(name: str) -> None:
    found = re.fullmatch(r"\.pkgtools-([0-9a-f]{16})(?:-[0-9a-f]{8}-[0-9a-f]+\.tmp|\.lock)", name)
    assert token_of(name) == (found[1] if found else None)


def test_argparse_is_imported_for_unusual_lines_only() -> None:
    assert isinstance(COMMANDS["compile"].parser(), argparse.ArgumentParser)
