# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools audit` and the triggers agree on what is to be compiled: the one finds what the others would make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pkgtools.check.expected_bytecode import ExpectedBytecode, expected_bytecode
from pkgtools.check.subject import arrange
from pkgtools.cli.systems import SystemQuestion, read_system
from tests.lab.debs import Files, downstream
from tests.lab.machine import DIST, Machine
from tests.system.conftest import StartMachine

APP = "/usr/share/app"
OLD = "/usr/share/app-old"
MODULES: Files = {
    "/usr/share/pkgtools/private.d/app.conf": (
        f"compile|3.9-|{APP}\ncompile|-3.8|{OLD}\nexclude||{APP}|templates/.*\n"
    ),
    f"{APP}/main.py": "import app.core\n",
    f"{APP}/app/core.py": "X = 1\n",
    f"{APP}/templates/page.py": "{% not python %}\n",
    f"{APP}/old.py": "print 'hello'\n",
    f"{OLD}/m.py": "X = 1\n",
    f"{DIST}/app/__init__.py": "",
    f"{DIST}/app/m.py": "X = 1\n",
    f"{DIST}/app/bad.py": "def\n",
}
BAD = {f"{APP}/old.py", f"{DIST}/app/bad.py"}


def expected(top: Path) -> list[ExpectedBytecode]:
    return expected_bytecode(arrange(read_system(SystemQuestion(path=top, compare=False, suspects=True)).package))


def would_be_compiled(machine: Machine) -> set[str]:
    done = machine.system.run("pkgtools-trigger", "--all", "--dry-run", "--json", "-")
    outcomes = json.loads(done.stdout)["outcomes"]
    return {one["path"] for one in outcomes if (one["status"], one["reason"]) == ("compiled", "missing")}


@pytest.mark.parametrize("root", ["bookworm", "trixie", "forky"])
def test_audit_finds_what_a_batch_would_compile(root: str, start: StartMachine) -> None:
    with start(root) as machine:
        machine.install(downstream("app", MODULES))
        top = machine.system.outside
        assert [one.path for one in expected(top) if one.path in {APP, DIST}] == [DIST, APP]
        assert [one.missing for one in expected(top) if one.missing] == []
        failed = {path for one in expected(top) for path in one.obstacles}
        assert failed == BAD

        machine.system.write("/etc/pkgtools/bytecode.conf", "levels = 0,1\n")
        machine.system.run("rm", "-r", f"{DIST}/app/__pycache__", f"{APP}/app/__pycache__")
        found = {one.path for each in expected(top) for one in each.missing}
        assert len(found) >= 6
        assert found == {path for path in would_be_compiled(machine) if "/bad." not in path and "/old." not in path}

        machine.system.write("/etc/pkgtools/bytecode.conf", "compile = no\n")
        assert (expected(top), would_be_compiled(machine)) == ([], set())
