# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Directories full of packages: one line each, several processes, and a run that goes on where another stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from pkgtools.cli.package_pool import State
from pkgtools.cli.parallel import each_in_order
from pkgtools.runtime.errors import UsageError
from tests.cli.packages import PKGTOOLS, environment, run, write_deb
from tests.lab.signals import HEEDING

NUMBER = 40


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    top = tmp_path / "pool"
    for number in range(NUMBER):
        write_deb(top / f"{number % 3}" / f"p{number:02}_1_all.deb", f"p{number}", bad=number % 5 == 4)
    return top


def lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    return done.stdout.splitlines()


def test_each_package_is_a_line(pool: Path) -> None:
    (pool / "broken.deb").write_bytes(b"no package")
    (pool / "README").touch()
    done = run(pool, "check", pool)
    words = [line.split()[0] for line in lines(done)]
    assert (words.count("ok"), words.count("unreadable")) == (32, 1)
    assert sum("bytecode-in-deb" in line for line in lines(done)) == 8
    assert (len(words), done.returncode) == (NUMBER + 1, 2)
    assert done.stderr.splitlines() == [
        f"{NUMBER + 1} packages checked",
        f"note: not looked at, no packages by their names: {pool}/README",
    ]


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes_say_the_same_in_the_same_order(jobs: int, pool: Path) -> None:
    one, several = (run(pool, "check", f"-j{number}", pool) for number in (1, jobs))
    assert (several.stdout, several.stderr, several.returncode) == (one.stdout, one.stderr, one.returncode)


def test_what_was_checked_is_left_out_the_next_time(pool: Path, tmp_path: Path) -> None:
    argv = ("check", "--state", tmp_path / "state", pool)
    first, second = run(pool, *argv), run(pool, *argv)
    assert (len(lines(first)), len(lines(second))) == (NUMBER, 0)
    assert (first.returncode, second.returncode) == (1, 1)
    assert second.stderr == f"0 packages checked, {NUMBER} checked before\n"


def test_changed_package_is_checked_again(pool: Path, tmp_path: Path) -> None:
    argv = ("check", "--state", tmp_path / "state", pool)
    run(pool, *argv)
    write_deb(pool / "0/p00_1_all.deb", "another", bad=True)
    (line,) = lines(run(pool, *argv))
    assert "another 1" in line


def test_package_that_could_not_be_read_is_tried_again(pool: Path, tmp_path: Path) -> None:
    (pool / "broken.deb").write_bytes(b"no package")
    argv = ("check", "--state", tmp_path / "state", pool)
    first, second = run(pool, *argv), run(pool, *argv)
    assert (first.returncode, second.returncode, len(lines(second))) == (2, 2, 1)


OPTIONS = {
    "persona": ["--persona", "auditor"],
    "rule": ["--rule", "broken-pyc"],
    "fail on": ["--fail-on", "danger"],
    "compile": ["--compile"],
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_what_was_checked_for_something_else_does_not_count(options: list[str], pool: Path, tmp_path: Path) -> None:
    argv = ("check", "--state", tmp_path / "state", pool)
    run(pool, *argv)
    assert len(lines(run(pool, *argv, *options))) == NUMBER


def test_order_of_rules_does_not_matter(pool: Path, tmp_path: Path) -> None:
    argv = ("check", "--state", tmp_path / "state", pool)
    run(pool, *argv, "-r", "broken-pyc", "-r", "wrong-magic", "-r", "syntax-error")
    assert lines(run(pool, *argv, "-r", "syntax-error", "-r", "wrong-magic", "-r", "broken-pyc")) == []


def test_killed_run_goes_on_where_it_was(pool: Path, tmp_path: Path) -> None:
    whole = run(pool, "check", pool)
    argv = [*PKGTOOLS, "check", "--state", str(tmp_path / "state"), str(pool)]
    said: list[str] = []
    environ = {**environment(), "PYTHONUNBUFFERED": "1"}
    for _ in range(3):
        with subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
        ) as process:
            if process.stdout is None:
                raise AssertionError("it is a pipe")
            said += [process.stdout.readline() for _ in range(5)]
            process.kill()
            said += process.stdout.readlines()
    done = run(pool, *argv[3:])
    seen = [line.rstrip("\n") for line in said if line.endswith("\n")] + lines(done)
    assert sorted(set(seen)) == sorted(lines(whole))
    assert len(seen) <= NUMBER + 3  # each time the one that it was at may come twice
    assert done.returncode == whole.returncode


def test_line_that_was_not_finished_is_taken_away(pool: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    argv = ("check", "--state", state, pool)
    run(pool, *argv)
    state.write_bytes(state.read_bytes()[:-20])
    for number in (1, 0):
        done = run(pool, *argv)
        assert (len(lines(done)), done.returncode) == (number, 1)


BROKEN = {"text": b"hello\n", "number": b"1\n", "list": b"[1]\n", "nested": b"[" * 99999 + b"\n", "binary": b"\xff\0\n"}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_file_that_is_no_state_is_refused_and_kept(content: bytes, pool: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_bytes(content)
    done = run(pool, "check", "--state", state, pool)
    assert (done.returncode, done.stdout, state.read_bytes()) == (2, "", content)
    assert "isn't a state of ours" in done.stderr


@pytest.mark.parametrize("name", ["none/state", "."])
def test_state_that_cannot_be_written_is_said(name: str, pool: Path, tmp_path: Path) -> None:
    done = run(pool, "check", "--state", tmp_path / name, pool)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("pkgtools check: ")


def test_interrupt_ends_it_soon(tmp_path: Path) -> None:
    for number in range(3000):
        write_deb(tmp_path / "pool" / f"p{number}.deb", f"p{number}")
    argv = [*HEEDING, *PKGTOOLS, "check", "-j2", str(tmp_path / "pool")]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        if process.stdout is None or process.stderr is None:
            raise AssertionError("both are pipes")
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        output, said = process.communicate(timeout=300)
    assert (process.returncode, said) == (130, "")
    assert output.count("\n") < 3000  # it had not looked at all of them


def test_closed_standard_output_is_no_traceback(pool: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    argv = [*PKGTOOLS, "check", "-j2", str(pool)]
    done = subprocess.run(argv, check=False, stdout=writing, stderr=subprocess.PIPE, text=True, env=environment())
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, "")


def doubled(number: int, *, deadly: frozenset[int]) -> int:
    if number in deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


DEADLY = {
    "none": frozenset[int](),
    "first": frozenset({0}),
    "last": frozenset({19}),
    "neighbours": frozenset({5, 6}),
    "all": frozenset(range(20)),
}


@pytest.mark.parametrize("deadly", DEADLY.values(), ids=DEADLY)
def test_thing_that_kills_its_process_harms_no_other(deadly: frozenset[int]) -> None:
    found = list(each_in_order(partial(doubled, deadly=deadly), range(20), 2))
    assert found == [(number, None if number in deadly else 2 * number) for number in range(20)]


def test_file_that_is_no_state_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "acme.txt"
    path.write_text("not ours, and no end of line")
    with pytest.raises(UsageError):
        State(path, "asked")
    assert path.read_text() == "not ours, and no end of line"
