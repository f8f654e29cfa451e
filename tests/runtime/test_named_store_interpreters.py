# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A named store and the interpreters whose bodies are in it: each release and build has its own."""

from __future__ import annotations

from typing import Any

import pytest

from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.named_store import open_named_store
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.facts import InstalledPath, Interpreter, Policy
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.interpreters import describe
from tests.runtime.interpreters import Found
from tests.runtime.named_stores import entries, lay_out
from tests.runtime.sandbox import APP, HERE, HOST_PYTHON, SHELF, Sandbox, pyc_of
from tests.runtime.upgrades import COMPILED, REUSED


def _compile_for(interpreter: Interpreter, sandbox: Sandbox) -> dict[str, tuple[str, str]]:
    """Compile a module in this process for an interpreter of this machine, and say what became of its pycs."""
    tree, report = sandbox.tree(), Report("compile")
    store = open_named_store(tree, InstalledPath(SHELF), None, dry_run=False)
    wanted = [Wanted(InstalledPath(APP), InstalledPath(APP), ("a.py",), (interpreter,), (0, 2))]
    compile_wanted(tree, wanted, CompileRun(Policy(), CompileSettings(store=store)), report)
    tree.close()
    return {one.path: (one.status.value, one.reason.value) for one in report.outcomes}


def test_other_interpreter_s_pipes_fill_and_use_it(other_interpreter: Found, sandbox: Sandbox) -> None:
    interpreter = describe(InstalledPath(other_interpreter.program))
    assert interpreter is not None
    (source,) = lay_out(sandbox, ["a"])
    sandbox.write(source, 'def f():\n    "doc"\n    assert f\n')
    pycs = [pyc_of(source, level, interpreter.cache_tag) for level in (0, 2)]
    assert _compile_for(interpreter, sandbox) == dict.fromkeys(pycs, COMPILED)
    made = [sandbox.read(pyc) for pyc in pycs]
    assert sandbox.clean(APP).status == 0
    assert _compile_for(interpreter, sandbox) == dict.fromkeys(pycs, REUSED)
    assert [sandbox.read(pyc) for pyc in pycs] == made


@pytest.mark.parametrize("changed", [{"release": "030b0000"}, {"build": "00000000"}, {"magic": b"\0\0\r\n"}])
def test_changed_interpreter_finds_nothing(changed: dict[str, Any], sandbox: Sandbox) -> None:
    """A patch release, or a rebuild of one, may compile the same source to other code."""
    interpreter = describe(InstalledPath(str(HOST_PYTHON)))
    assert interpreter is not None
    (source,) = lay_out(sandbox, ["a"])
    for expected in (COMPILED, REUSED):
        assert _compile_for(interpreter, sandbox)[pyc_of(source)] == expected
        sandbox.clean(APP)
    assert _compile_for(interpreter._replace(**changed), sandbox)[pyc_of(source)] == COMPILED


def test_interpreter_of_an_unknown_build_neither_fills_nor_uses_it(sandbox: Sandbox) -> None:
    (source,) = lay_out(sandbox, ["a"])
    interpreter = HERE._replace(release="", build="")
    assert _compile_for(interpreter, sandbox)[pyc_of(source)] == COMPILED
    assert entries(sandbox) == []
