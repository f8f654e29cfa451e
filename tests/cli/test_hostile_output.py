# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""No name reaches a terminal as it is, whichever command prints it. Pipes lose ESC by click: other characters tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.sandbox import CLEAN_ENVIRONMENT

BELL = "a\x07b\u202e[red]"
COMMANDS = {
    "audit": ("audit",),
    "check": ("check",),
    "diff": ("diff", "."),
    "generate": ("generate", "--target", "nfpm", "-o", "out", "--manifest"),
    "init": ("init",),
    "inspect": ("inspect",),
    "migrate": ("migrate",),
    "stage": ("stage", ".", "--target", "nfpm", "--manifest"),
    "templates": ("templates", "list", "--templates"),
    "verify": ("verify",),
}


def _said(directory: Path, *arguments: str) -> str:
    argv = [sys.executable, "-m", "pkgtools.cli", *arguments]
    environment = {**CLEAN_ENVIRONMENT, "COLUMNS": "200", "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run(argv, capture_output=True, env=environment, cwd=directory, check=False)
    return (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_errors_escape_names(command: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / BELL).write_text("no package")
    said = _said(tmp_path, *command, BELL)
    assert said
    assert "Usage" not in said
    assert [line for line in said.splitlines() if not line.isprintable()] == []


def test_findings_of_systems_escape_directories(tmp_path: Path) -> None:
    files = {
        f"opt/{BELL}/{BELL}.py": "x = 1\n",
        f"usr/bin/python3.{sys.version_info.minor}": "",
        "usr/share/pkgtools/private.d/acme.conf": f"compile||/opt/{BELL}\n",
    }
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    said = _said(tmp_path, "audit", "--no-compile", "root")
    assert "missing-bytecode" in said
    assert r"a\x07b\u202e[red]" in said
    assert [line for line in said.splitlines() if not line.isprintable()] == []
