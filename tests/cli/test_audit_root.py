# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools audit --fix` repairs the system that was audited and no other."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pkgtools.cli.audit import audit
from tests.lab.cli import cli_runner
from tests.runtime.records import know
from tests.runtime.sandbox import PUBLIC, Sandbox, permissions

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners and modes are the subject: needs root")


def test_repairs_are_made_below_the_root_that_was_audited(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    sandbox, other = Sandbox(tmp_path / "a system"), Sandbox(tmp_path / "other")
    for one in (sandbox, other):
        know(one, [one.write(f"{PUBLIC}/m.py")])
        one.write("/etc/os-release", "ID=sample\n")
        one.directory(f"{PUBLIC}/__pycache__", 0o777)
    done = cli_runner().invoke(audit, [str(sandbox.root), "--no-compile", "--fix"], catch_exceptions=False)
    assert f"repaired: {PUBLIC}/__pycache__" in done.stdout
    modes = [permissions(one.path(f"{PUBLIC}/__pycache__")) for one in (sandbox, other)]
    assert modes == [0o755, 0o777]
