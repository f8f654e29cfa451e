# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A repair names a directory in a line for the shell; `--fix` carries out what was meant, whatever it is called."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.runtime.records import know
from tests.runtime.sandbox import CLEAN_ENVIRONMENT, PUBLIC, Sandbox, permissions
from tests.runtime.test_hostile_names import NAMES

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="owners and modes are the subject: needs root")


def test_directories_of_any_name_are_repaired_and_nothing_runs() -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)
        sandbox = Sandbox(Path(directory) / "%(touch ran) $(touch ran)")
        sources = [sandbox.write(f"{PUBLIC}/{name}/m.py") for name in NAMES.values() if name[0] != "."]
        know(sandbox, sources)
        sandbox.write("/etc/os-release", "ID=sample\n")
        assert sandbox.compile(PUBLIC).status == 0
        caches = [sandbox.directory(f"{os.path.dirname(source)}/__pycache__", 0o777) for source in sources]
        _audit(sandbox, "--fix")
        assert {path: permissions(sandbox.path(path)) for path in caches} == dict.fromkeys(caches, 0o755)
        assert list(Path(directory).rglob("ran")) + list(Path().glob("ran")) == []


def _audit(sandbox: Sandbox, *options: str) -> None:
    argv = [sys.executable, "-m", "pkgtools.cli", "audit", "--no-compile", *options, str(sandbox.root)]
    done = subprocess.run(argv, capture_output=True, env=CLEAN_ENVIRONMENT, check=False)
    assert done.returncode in {0, 1}, done.stderr.decode(errors="replace")
