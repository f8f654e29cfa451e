# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Imports from a build root, by the interpreter that the package is for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pkgtools.rpmbuild.imports import choose


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a build root with modules good and bad."""
    site = tmp_path / "usr/lib" / "python{}.{}".format(*sys.version_info[:2]) / "site-packages"
    (site / "good/sub").mkdir(parents=True)
    for name, text in {
        "good/__init__.py": "",
        "good/sub/__init__.py": "import good",
        "good/bad.py": "import no_such_module_anywhere",
        "leaves.py": "raise SystemExit(0)",
        "by_pth/inner.py": "",
        "extra.pth": "by_pth\n",
        "json.py": "raise RuntimeError('not the standard one')",
    }.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(text)
    return tmp_path


def run(root: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, list[str]]:
    argv = [sys.executable, "-m", "pkgtools.rpmbuild.imports", "--interpreter", sys.executable, "--root", str(root)]
    done = subprocess.run([*argv, *arguments], capture_output=True, text=True, check=False, env=env)
    return done.returncode, done.stderr.splitlines()


def test_modules_are_imported_from_the_build_root(root: Path) -> None:
    assert run(root, "good,good.sub", "inner") == (0, [])
    assert not list(root.rglob("*.pyc"))


def test_all_failures_are_told(root: Path) -> None:
    status, lines = run(root, "good", "good.bad", "leaves", "json")
    assert status == 1
    assert lines == [
        "pkgtools-check-import: good.bad: ModuleNotFoundError: No module named 'no_such_module_anywhere'",
        "pkgtools-check-import: leaves: SystemExit: 0",
        "pkgtools-check-import: json: RuntimeError: not the standard one",
    ]


def test_options_choose(root: Path) -> None:
    listed = root / "modules"
    listed.write_text("good\ngood.bad\n")
    assert run(root, "-f", str(listed), "-e", "*.bad") == (0, [])
    assert run(root, "-t", "-f", str(listed)) == (0, [])
    assert run(root, "-t", "good.sub")[1] == [
        "pkgtools-check-import: no module is left to be imported: name some, or exclude fewer"
    ]


def test_names_that_begin_with_a_hyphen_are_no_options(root: Path) -> None:
    (root / "-f").write_text("good\n")
    done = run(root, f"-f{root}/-f", "-e-x*", "--", "-t")
    assert done[0] == 1
    assert done[1] == ["pkgtools-check-import: -t: ModuleNotFoundError: No module named '-t'"]


def test_file_or_interpreter_that_is_not_there_is_told(root: Path) -> None:
    assert run(root, "-f", "/nonexistent/list") == (
        1,
        ["pkgtools-check-import: /nonexistent/list: No such file or directory"],
    )
    assert run(root, "--interpreter", "/nonexistent/python", "good") == (
        1,
        ["pkgtools-check-import: /nonexistent/python: No such file or directory"],
    )


def test_packagers_pythonpath_replaces_the_build_root(root: Path) -> None:
    assert run(root, "good", env={"PYTHONPATH": str(Path.cwd())})[0] == 1


def test_choice_keeps_order_and_names_each_once() -> None:
    assert choose(["b,a", "a c.d"], ["c.*"], top_level_only=False) == ["b", "a"]
