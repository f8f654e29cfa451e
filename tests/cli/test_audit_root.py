# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools audit --fix` repairs the system that was audited and no other."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from pkgtools.cli.audit import audit
from tests.runtime.records import know
from tests.runtime.sandbox import PUBLIC, Sandbox

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners and modes are the subject: needs root")


def test_each_repair_names_the_root(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    sandbox = Sandbox(tmp_path / "a system")
    know(sandbox, [sandbox.write(f"{PUBLIC}/m.py")])
    sandbox.write("/etc/os-release", "ID=sample\n")
    sandbox.directory(f"{PUBLIC}/__pycache__", 0o777)
    done = CliRunner().invoke(audit, [str(sandbox.root), "--no-compile", "--fix", "--dry-run"], catch_exceptions=False)
    commands = [shlex.split(line) for line in done.stdout.splitlines()]
    assert commands
    assert [command[1:3] for command in commands] == [["--root", str(sandbox.root)]] * len(commands)
