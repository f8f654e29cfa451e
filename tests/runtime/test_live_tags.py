# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Whose bytecode the trigger leaves alone: that of every interpreter that is there, running or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.interpreters import Installed, tags_beside
from pkgtools.runtime.trust import Tree
from tests.runtime.sandbox import HERE


@pytest.mark.parametrize(
    ("broken", "alive", "dead"),
    [
        ("python3.9", "cpython-39", "pypy39"),
        ("python3.14", "cpython-314", "cpython-31"),
        ("pypy3", "pypy39", "cpython-39"),
    ],
)
def test_tag_of_an_interpreter_that_does_not_run_is_alive(broken: str, alive: str, dead: str) -> None:
    path = InstalledPath(f"/usr/bin/{broken}")
    problem = Outcome(Status.SKIPPED, Reason.BROKEN_INTERPRETER, path, None, path)
    tags = Installed((HERE,), HERE, (problem,)).live_tags()
    assert {alive, HERE.cache_tag} <= tags
    assert dead not in tags


@pytest.mark.parametrize(
    ("directory", "expected"),
    [
        ("/opt/acme/lib/python3.12/site-packages", ("cpython-312",)),
        ("/opt/acme/lib/python3.12", ("cpython-312",)),
        ("/opt/acme/lib/python3.13/site-packages", ()),
        ("/opt/other/lib/python3.12/site-packages", ()),
        ("/opt/acme/share", ()),
    ],
)
def test_an_interpreter_beside_its_library_is_alive(
    tmp_path: Path, directory: InstalledPath, expected: tuple[str, ...]
) -> None:
    (tmp_path / "opt/acme/bin").mkdir(parents=True)
    (tmp_path / "opt/acme/bin/python3.12").write_bytes(b"")
    assert tags_beside(Tree(str(tmp_path)), directory) == expected
