# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Runs without root's rights: what can't be read is said, counted, and in the exit status."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.packages import PKGTOOLS, environment, write_deb
from tests.lab.needs import need_tools
from tests.readers.test_root import make
from tests.rules.bytecode import PUBLIC, cached, pair

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
M, N = f"{PUBLIC}/m.py", f"{PUBLIC}/closed/n.py"
PROGRAM = "/usr/bin/python3.11"


@pytest.fixture
def place() -> Iterator[Path]:
    """Return a directory that everybody can look into; those of pytest are closed to others."""
    need_tools(["setpriv"], root=True)
    if subprocess.run(
        [*NOBODY, *PKGTOOLS, "--version"], check=False, capture_output=True, env=environment()
    ).returncode:
        pytest.skip("nobody can run this Python, or read this checkout")
    with tempfile.TemporaryDirectory(prefix="pkgtools-unprivileged-") as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


def run(place: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {**environment(), "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    argv = [*NOBODY, *PKGTOOLS, *arguments]
    return subprocess.run(argv, check=False, capture_output=True, text=True, env=given, cwd=place)


def system(place: Path) -> Path:
    top = make(place / "root", {**pair(M), **pair(N), PROGRAM: ""})
    os.chmod(top / PROGRAM[1:], 0o755)
    return top


COMMANDS = {
    "audit": ("audit", "-j1", "root"),
    "audit --no-compile": ("audit", "--no-compile", "root"),
    "audit --fix -n": ("audit", "--fix", "-n", "-j1", "root"),
    "verify": ("verify", "-j1", "root"),
    "inspect": ("inspect", "--root", "root"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_directory_that_is_closed_is_said_once_and_makes_the_status_2(
    arguments: tuple[str, ...], place: Path
) -> None:
    top = system(place)
    before = run(place, *arguments)
    os.chmod(f"{top}{PUBLIC}/closed", 0o700)
    done = run(place, *arguments)
    assert (before.returncode, done.returncode) == (0, 2)
    said = (done.stdout + done.stderr).splitlines()
    assert [line.strip() for line in said if "permission denied" in line] == [
        f"note: {PUBLIC}/closed: permission denied"
    ]
    assert sum("1 path not read" in line or "1 path could not be read" in line for line in said) == 1


def test_what_is_closed_is_a_gap_in_json(place: Path) -> None:
    top = system(place)
    os.chmod(f"{top}{PUBLIC}/closed", 0o700)
    for arguments in (("audit", "--json", "-j1", "root"), ("audit", "--json", "--no-compile", "root")):
        document = json.loads(run(place, *arguments).stdout)
        (gap,) = document["verdicts"][0]["coverage"]["gaps"]
        assert (gap["what"], gap["number"], gap["obstacle"]) == ("paths", 1, "unreadable")
        assert run(place, *arguments, "--allow-unchecked").returncode == 0


@pytest.mark.parametrize("path", [M, cached(M)], ids=["source", "pyc"])
def test_a_file_that_is_closed_is_counted_once(path: str, place: Path) -> None:
    os.chmod(f"{system(place)}{path}", 0o600)
    done = run(place, "verify", "-j1", "root")
    assert done.returncode == 2
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ") and "not looked at" not in line]
    assert len(notes) == 2  # how many of a tag, and which
    assert f"note: {path}: permission denied" in notes


@pytest.mark.parametrize("command", ["check", "inspect", "verify"])
def test_a_package_that_is_closed_is_one_line(command: str, place: Path) -> None:
    os.chmod(write_deb(place / "a.deb", "a"), 0o600)
    done = run(place, command, "a.deb")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"pkgtools {command}: a.deb: permission denied\n"


@pytest.mark.parametrize("command", ["check", "inspect"])
def test_a_file_of_a_tree_that_is_closed_is_one_line(command: str, place: Path) -> None:
    make(place / "tree", {M: "x = 1\n", f"{PUBLIC}/o.py": "x = 1\n"})
    os.chmod(f"{place}/tree{M}", 0o600)
    done = run(place, command, "tree")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"pkgtools {command}: tree: tree{M}: permission denied\n"
