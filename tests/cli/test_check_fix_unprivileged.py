# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`check --fix` of a user whose tree holds what others own: the plan says what can't be done, as the run does."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any  # a document of JSON

import pytest

from tests.cli.packages import PKGTOOLS, environment
from tests.lab.needs import need_tools
from tests.readers.test_root import make
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, pyc

USER = 12345
M = f"{PRIVATE}/m.py"
PROGRAM = "/usr/bin/acme"
LEGACY = f"{PUBLIC}/m.pyc"


@pytest.fixture
def tree() -> Iterator[Path]:
    """Return a user's tree with something to repair of each kind, in a place that any user reaches."""
    need_tools(["setpriv"], root=True)
    with tempfile.TemporaryDirectory() as name:
        top = make(
            Path(name, "acme"),
            {M: SOURCE, PROGRAM: "#!/usr/bin/env python3\n", f"{PUBLIC}/m.py": SOURCE, LEGACY: pyc(f"{PUBLIC}/m.py")},
        )
        os.chmod(name, 0o755)
        for path in (top, *top.rglob("*")):
            os.chmod(path, 0o755 if path.is_dir() or str(path).endswith(PROGRAM) else 0o644)
            os.chown(path, USER, USER)
        os.chmod(f"{top}{M}", 0o666)
        yield top


def fix(top: Path, *arguments: str) -> Any:
    argv = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *PKGTOOLS, "check", "--fix", "--json"]
    argv += ["--fail-on", "warning", *arguments, str(top)]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment())
    return json.loads(done.stdout)


def results(document: Any) -> dict[str, str]:
    return {one["path"]: one["result"] for one in document["verdicts"][0]["repairs"]}


def test_what_others_own_is_left_by_the_plan_too(tree: Path) -> None:
    os.chown(f"{tree}{M}", 0, 0)
    os.chown(f"{tree}{PROGRAM}", 0, 0)
    plan = fix(tree, "--dry-run")
    assert results(plan) == {M: "left", PROGRAM: "left", LEGACY: "planned"}
    done = fix(tree)
    assert results(done) == {M: "left", PROGRAM: "left", LEGACY: "removed"}
    assert (plan["exit"], done["exit"]) == (1, 1)
    assert {f"{one['rule']}" for one in plan["verdicts"][0]["findings"]} == {
        f"{one['rule']}" for one in done["verdicts"][0]["findings"]
    }


def test_what_lies_where_the_user_can_not_write_is_left_by_the_plan_too(tree: Path) -> None:
    os.chown(f"{tree}{PUBLIC}", 0, 0)
    plan = fix(tree, "--dry-run")
    assert results(plan) == {M: "planned", PROGRAM: "planned", LEGACY: "left"}
    assert f"its directory {PUBLIC} can't be written" in json.dumps(plan)
    done = fix(tree)
    assert results(done) == {M: "repaired", PROGRAM: "repaired", LEGACY: "left"}
    assert plan["exit"] == done["exit"]
