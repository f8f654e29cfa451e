# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode that pip and others left in a build root goes, and so do its lines of a list of files."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import pkgtools.rpmbuild.uncache as module
from pkgtools.rpmbuild.uncache import uncache, unlist

SITE = "usr/lib/python3.12/site-packages"


def make(root: Path, *paths: str) -> None:
    for path in paths:
        place = root / SITE / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()


def left(root: Path) -> set[str]:
    return {str(path.relative_to(root / SITE)) for path in (root / SITE).rglob("*")}


def run(monkeypatch: pytest.MonkeyPatch, root: str) -> int:
    """Run the program in this process, and return its exit status; `exit_with` would leave signals ignored here."""
    programs: list[Callable[[], int]] = []
    monkeypatch.setattr(module, "exit_with", programs.append)
    monkeypatch.setattr("sys.argv", ["uncache", "--root", root])
    module.main()
    return programs[0]()


def test_bytecode_of_sources_goes_with_the_cache_directory(tmp_path: Path) -> None:
    make(tmp_path, "p/m.py", "p/a.b.py", "p/m.pyc")
    make(tmp_path, *(f"p/__pycache__/m.cpython-{tag}.pyc" for tag in ("312", "312.opt-1", "311", "312-pytest-8.4")))
    make(tmp_path, "p/__pycache__/a.b.cpython-312.pyc")
    assert uncache(str(tmp_path)) == 6
    assert left(tmp_path) == {"p", "p/m.py", "p/a.b.py"}


def test_what_has_no_source_stays_and_no_link_is_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    kept = {"only.pyc", "p/__pycache__/gone.cpython-312.pyc", "p/__pycache__/notes.txt", "q/n.py"}
    make(root, *kept, "p/m.py", "p/__pycache__/m.cpython-312.pyc")
    make(outside, "n.cpython-312.pyc", "n.py", "__pycache__/n.cpython-312.pyc")
    (root / SITE / "q/__pycache__").symlink_to(outside / SITE)
    (root / SITE / "linked").symlink_to(outside / SITE)
    assert uncache(str(root)) == 1
    assert kept < left(root)
    assert left(outside) == {"n.cpython-312.pyc", "n.py", "__pycache__", "__pycache__/n.cpython-312.pyc"}


def test_lines_go_of_what_is_gone(tmp_path: Path) -> None:
    make(tmp_path, "p/m.py", "p/__pycache__/m.cpython-312.pyc", "q/n.py", "q/__pycache__/gone.cpython-312.pyc")
    uncache(str(tmp_path))
    listed = tmp_path / "files"
    gone = f"""%dir /{SITE}/p/__pycache__
/{SITE}/p/__pycache__/m.cpython-312{{,.opt-?}}.pyc
%dir "/{SITE}/p/__pycache__/"
"/{SITE}/p/__pycache__/m.*"
%attr(0644, root, root) /{SITE}/p/__pycache__/m.cpython-312.pyc
/{SITE}/q/__pycache__/n.*
"""
    kept = f"""%dir /{SITE}/p
/{SITE}/p/m.py
%dir /{SITE}/q/__pycache__
/{SITE}/q/__pycache__/gone.cpython-312{{,.opt-?}}.pyc
%lang(de) /{SITE}/p/\udcff.mo
"""
    listed.write_text(gone + kept, encoding="utf-8", errors="surrogateescape")
    unlist(listed, str(tmp_path))
    assert listed.read_text(encoding="utf-8", errors="surrogateescape") == kept


def test_lines_stay_of_which_rpm_finds_something(tmp_path: Path) -> None:
    """Patterns, and names that %pyproject_save_files writes as patterns; what isn't a line of ours keeps its bytes."""
    make(tmp_path, *(f"{name}/__pycache__/gone.cpython-312.pyc" for name in ("p", "t[1]", "50%", "u\x85")), "p/m.py")
    kept = f"""  /{SITE}/*/__pycache__/gone.*
/{SITE}/p/__pycache__/*
/{SITE}/p/__pycache__/{{m,gone}}.cpython-312{{,.opt-?}}.pyc
%dir "/{SITE}/t[[]1]/__pycache__"
"/{SITE}/t[[]1]/__pycache__/gone.cpython-312{{,.opt-?}}.pyc"
/{SITE}/50%%/__pycache__/gone.cpython-312.pyc
/{SITE}/u\x85/__pycache__/gone.cpython-312.pyc
# comment\r
"""
    gone = f"  /{SITE}/*/__pycache__/m.*\n/{SITE}/p/__pycache__/{{m,n}}.cpython-312.pyc\r\n"
    listed = tmp_path / "files"
    listed.write_bytes((gone + kept).encode())
    unlist(listed, str(tmp_path))
    assert listed.read_bytes().decode() == kept


def test_directory_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, "p/m.py")

    def scandir(path: str) -> NoReturn:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(os, "scandir", scandir)  # root reads all
    assert run(monkeypatch, str(tmp_path)) == 2
    assert capsys.readouterr().err == f"pkgtools-uncache: {tmp_path}: permission denied\n"


@pytest.mark.parametrize("root", ["/", "//", "/usr/..", "/nonexistent/root"])
def test_no_system_is_taken_for_a_build_root(
    root: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "uncache", lambda _: pytest.fail("something would be removed"))
    assert run(monkeypatch, root) == 2
    assert f"build root '{root}': it must be a directory other than /" in capsys.readouterr().err
