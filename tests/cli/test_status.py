# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools status`: a row for each directory that was named, and nothing wrong is known of what is right."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pkgtools.cli.inspect import inspect
from pkgtools.cli.status import status
from tests.readers.test_root import make
from tests.rules.bytecode import PUBLIC, SOURCE, TAG, cached, hashed, pair, pyc

M, N = f"{PUBLIC}/m.py", f"{PUBLIC}/n.py"
PROGRAM = f"/usr/bin/python3.{TAG.removeprefix('cpython-3')}"


def run(top: Path, *arguments: str) -> Result:
    return CliRunner().invoke(status, ["--root", str(top), *arguments], catch_exceptions=False)


def told(top: Path, *arguments: str) -> tuple[int, dict[str, Any], list[str]]:
    """Return the exit status, the directories by their names, and the problems."""
    done = run(top, "--json", *arguments)
    report = json.loads(done.stdout)
    return done.exit_code, {one["directory"]: one for one in report["directories"]}, report["problems"]


def system(top: Path, files: dict[str, str | bytes]) -> Path:
    return make(top, {PROGRAM: "", **files})


@pytest.mark.parametrize("others", [(), (PUBLIC,)])
def test_a_directory_that_is_not_there_is_a_problem(tmp_path: Path, others: tuple[str, ...]) -> None:
    top = system(tmp_path, pair(M))
    code, found, problems = told(top, *others, "/nosuch")
    assert (code, set(found)) == (2, set(others))
    assert problems == ["/nosuch: no-source: no such file or directory"]
    done = run(top, "/nosuch")
    assert (done.stdout, done.stderr) == ("", "pkgtools status: /nosuch: no-source: no such file or directory\n")


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    code, _, problems = told(system(tmp_path, pair(M)), M)
    assert (code, problems) == (2, [f"{M}: not-a-directory: name the directory that it lies in"])


def test_a_directory_without_modules_has_a_row(tmp_path: Path) -> None:
    code, found, problems = told(system(tmp_path, {"/srv/data/x": ""}), "/srv/data")
    assert (code, problems) == (0, [])
    assert (found["/srv/data"]["sources"], found["/srv/data"]["fresh"]) == (0, 0)


def test_an_empty_root_is_no_system(tmp_path: Path) -> None:
    code, found, problems = told(tmp_path)
    assert (code, found) == (2, {})
    assert problems == ["/: no-source: no public or registered directory here has modules: name a directory"]


def test_what_the_record_does_not_know_is_not_wrong(tmp_path: Path) -> None:
    """As after another tool compiled, in an image without state, or where a device has another number."""
    top = system(tmp_path, {**pair(M), **pair(N)})
    code, found, _ = told(top)
    one = found[PUBLIC]
    assert (one["sources"], one["fresh"], one["not_looked_into"], one["wanting"]) == (2, 0, 2, {})
    assert code == 0


@pytest.mark.parametrize(
    ("content", "wanting"),
    [
        (pyc(M, mtime=1), {"stale-source": 1}),
        (b"", {"truncated": 1}),
        (None, {"missing": 1}),
    ],
)
def test_what_is_known_to_be_wrong_is_wanting(tmp_path: Path, content: bytes | None, wanting: dict[str, int]) -> None:
    top = system(tmp_path, {M: SOURCE, **pair(N), **({} if content is None else {cached(M): content})})
    code, found, _ = told(top)
    assert (code, found[PUBLIC]["wanting"], found[PUBLIC]["not_looked_into"]) == (1, wanting, 1)


def test_a_wrong_mode_of_an_unrecorded_pyc_is_wanting(tmp_path: Path) -> None:
    top = system(tmp_path, pair(M))
    os.chmod(f"{top}{cached(M)}", 0o600)
    code, found, _ = told(top)
    assert (code, found[PUBLIC]["wanting"], found[PUBLIC]["not_looked_into"]) == (1, {"wrong-mode": 1}, 0)


def test_the_administrators_levels_and_mode_are_what_is_wanted(tmp_path: Path) -> None:
    conf = {"/etc/pkgtools/bytecode.conf": "levels = 0,1\ninvalidation-mode = checked-hash\n"}
    top = system(tmp_path, {M: SOURCE, cached(M): hashed(M), **conf})
    code, found, _ = told(top)
    assert (code, found[PUBLIC]["wanting"], found[PUBLIC]["not_looked_into"]) == (1, {"missing": 1}, 1)


def test_a_table_in_a_pipe_is_not_cut(tmp_path: Path) -> None:
    names = [f"/opt/{'n' * 60}/{letter * 60}" for letter in "ab"]
    top = system(tmp_path, {f"{names[0]}/m.py": SOURCE, **pair(f"{names[1]}/m.py")})
    lines = run(top, *names).stdout.splitlines()
    for name, state in zip(names, ("1 missing", " 1 "), strict=True):
        assert [state in line for line in lines if name in line] == [True]


def test_a_table_of_inspect_is_not_cut_either(tmp_path: Path) -> None:
    """--no-json, for what else is no terminal gets JSON."""
    path = f"/usr/share/{'n' * 100}/{'m' * 100}"
    top = make(tmp_path, {f"{path}/m.py": SOURCE})
    done = CliRunner().invoke(inspect, ["--no-json", str(top)], catch_exceptions=False)
    assert f" {path}: 1 modules, private" in done.stdout
