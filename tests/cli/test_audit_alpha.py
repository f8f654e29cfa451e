# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Repairs where an interpreter is an alpha: it has the cache tag of its version, and another magic number."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.bytecode.compiling import Compilers
from pkgtools.check.apply import judge_package
from pkgtools.check.registry import all_rules
from pkgtools.cli.repairing import Deed, Scope, plan_repairs
from pkgtools.cli.systems import SystemQuestion, read_system
from pkgtools.model.finding import Severity
from pkgtools.runtime.facts import InstalledPath, Interpreter
from pkgtools.runtime.pythons import RELEASED_MAGICS
from tests.readers.test_root import make
from tests.rules.bytecode import PUBLIC, SOURCE, cached, pyc

M = f"{PUBLIC}/m.py"
ALPHA = (3480).to_bytes(2, "little") + b"\r\n"
"""The magic number of an alpha of 3.11."""
THEIRS = "/usr/bin/python3.11"
OF_ALPHA = cached(M, tag="cpython-311")


def planned(top: Path, *interpreters: Interpreter) -> list[tuple[Deed, str, bytes]]:
    """Return deeds, paths and the magic numbers of those who do them."""
    read = read_system(SystemQuestion(path=top, compare=False)).package
    compilers = Compilers(interpreters=interpreters, workers=1)
    steps = plan_repairs(read, judge_package(read, all_rules()), compilers, Scope(fail_on=Severity.WARNING))
    return [(one.deed, one.path, one.wanted.interpreters[0].magic if one.wanted else b"") for one in steps]


@pytest.fixture
def of_3_11() -> Interpreter:
    tag = "cpython-311"
    return Interpreter(InstalledPath(THEIRS), "cpython", (3, 11), tag, RELEASED_MAGICS[3, 11], True, "030b02f0")


def test_a_pyc_of_an_alpha_is_compiled_by_a_release_alone(tmp_path: Path, of_3_11: Interpreter) -> None:
    """An alpha would write the same again, and each run would find and compile it once more."""
    alpha = of_3_11._replace(magic=ALPHA, release="030b00a3")
    top = make(tmp_path, {THEIRS: "", M: SOURCE, OF_ALPHA: ALPHA + pyc(M)[4:]})
    assert planned(top, alpha, of_3_11) == [(Deed.COMPILE, OF_ALPHA, RELEASED_MAGICS[3, 11])]
    assert planned(top, alpha) == [(Deed.LEAVE, OF_ALPHA, b"")]


def test_a_pyc_of_the_alpha_that_a_system_has_is_right(tmp_path: Path, of_3_11: Interpreter) -> None:
    top = make(tmp_path, {THEIRS: "\0003.11.0a3\0", M: SOURCE, OF_ALPHA: ALPHA + pyc(M)[4:]})
    assert planned(top, of_3_11._replace(magic=ALPHA, release="030b00a3")) == []
    make(tmp_path, {THEIRS: "\0003.11.2\0"})
    assert planned(top, of_3_11) == [(Deed.COMPILE, OF_ALPHA, RELEASED_MAGICS[3, 11])]


def test_check_compiles_with_no_alpha(of_3_11: Interpreter) -> None:
    alpha = of_3_11._replace(magic=ALPHA, release="030b00a3")
    pypy = of_3_11._replace(implementation="pypy", cache_tag="pypy311", magic=b"\x50\x01\r\n")
    compilers = Compilers(interpreters=(alpha, pypy), workers=1)
    assert compilers.of_tag("cpython-311") is None
    assert compilers.of_tag("cpython-311", "3.11.0a3") == alpha
    assert compilers.of_tag("pypy311") == pypy
