# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""SECURITY.md keeps true: every module that starts a program has a row, and every test that a row names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.lab.ours import CHECKOUT

PAGE = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "`tests/" in line]
STARTING = {"subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output"}
"""Calls that start a program; those of our own `processes` and of os.exec*, os.spawn* and os.system are added."""
INNER = {"pkgtools/runtime/system/processes.py"}
"""Starts what others tell it to."""


def _starts_programs(path: Path) -> bool:
    tree = ast.parse(path.read_bytes())
    own = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("processes")
        for alias in node.names
        if alias.name in {"run", "start", "spawn", "succeeds"}
    }
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return bool(calls & (own | STARTING)) or any(
        re.match(r"os\.(exec|spawn|posix_spawn|popen|system)", name) for name in calls
    )


def test_every_module_that_starts_a_program_has_a_row() -> None:
    modules = {str(path.relative_to(CHECKOUT)): path for path in sorted((CHECKOUT / "pkgtools").rglob("*.py"))}
    starting = {name for name, path in modules.items() if name not in INNER and _starts_programs(path)}
    assert {"pkgtools/runtime/system/rpm_records.py", "pkgtools/runtime/compile/pool.py"} < starting
    assert sorted(name for name in starting if not any(f"`{name}`" in row for row in ROWS)) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:40])
def test_what_a_row_names_is_there(row: str) -> None:
    for name in re.findall(r"`((?:pkgtools|tests|triggers|debian|rpm|templates|docs)(?:/[\w./-]+)?(?:::\w+)?)`", row):
        file, _, test = name.partition("::")
        assert (CHECKOUT / file).exists(), file
        assert not test or f"\ndef {test}(" in (CHECKOUT / file).read_text(encoding="utf-8"), name
