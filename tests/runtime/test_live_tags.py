# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which interpreters there are, what each says it is, and whose bytecode the trigger leaves alone: that of all."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from pkgtools.runtime.facts import InstalledPath, Interpreter, Outcome, Reason, Status
from pkgtools.runtime.system.all_interpreters import Installed
from pkgtools.runtime.system.interpreters import describe, find_interpreters, is_this_one, tags_beside
from pkgtools.runtime.system.processes import ProcessResult, run
from pkgtools.runtime.system.trust import Tree
from tests.runtime.sandbox import HERE

BUILD = hashlib.blake2b(sys.version.encode(), digest_size=4).hexdigest()


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


def test_an_interpreter_says_what_it_is() -> None:
    assert describe(HERE.path) == HERE._replace(release=f"{sys.hexversion:08x}", build=BUILD)


@pytest.mark.parametrize("path", ["/usr/bin/false", "/usr/bin/nosuch"])
def test_what_says_nothing_is_no_interpreter(path: InstalledPath) -> None:
    assert describe(path) is None


OTHERS = {
    "older bytecode": HERE._replace(magic=b"\0" + HERE.magic[1:]),
    "newer bytecode": HERE._replace(magic=b"\xff" + HERE.magic[1:]),
    "lower tag": HERE._replace(cache_tag="cpython-3"),
    "higher tag": HERE._replace(cache_tag="pypy39"),
    "lower path": HERE._replace(path=InstalledPath("/usr/bin/python3.0")),
    "higher path": HERE._replace(path=InstalledPath("/usr/bin/python3.99")),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_no_other_interpreter_is_taken_for_the_one_that_runs(other: Interpreter) -> None:
    assert is_this_one(Tree("/"), HERE)
    assert not is_this_one(Tree("/"), other)


def test_another_build_of_the_release_that_runs_is_another_interpreter() -> None:
    assert is_this_one(Tree("/"), HERE._replace(build=BUILD))
    assert not is_this_one(Tree("/"), HERE._replace(build="0" * 8))


def test_interpreter_of_another_root_is_not_the_one_that_runs(tmp_path: Path) -> None:
    assert not is_this_one(Tree(str(tmp_path)), HERE)


def test_interpreter_that_runs_is_not_started_to_say_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(argv: tuple[str, ...], *, timeout: float) -> ProcessResult:
        asked.append(argv[0])
        return run(argv, timeout=timeout)

    monkeypatch.setattr("pkgtools.runtime.system.interpreters.run", ask)
    tree = Tree("/")
    found = find_interpreters(tree, remember=False)
    tree.close()
    assert HERE.path not in asked
    assert HERE._replace(inside=True, release=f"{sys.hexversion:08x}", build=BUILD) in found.interpreters
