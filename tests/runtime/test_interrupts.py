# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A signal ends what runs at installation: no worker, no temporary, no traceback, and the status that shells expect."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pytest

from tests.lab.signals import ENDINGS, HUGE_SOURCE, compiling, end_while
from tests.runtime.faults import DEAD, STRACE, damage, lay_out, points, references, require_strace
from tests.runtime.sandbox import APP, CHECKOUT, CLEAN_ENVIRONMENT, HOST_PYTHON, PUBLIC, TRIGGERS, Sandbox, temporaries

BOTH_WAYS = True

QUICK_CALLS = {"write", "linkat", "renameat"}
COMPILERS = {
    "pkgtools-compile": (APP,),
    "pkgtools-trigger": (),
    "py3compile": (APP,),
}
_EVERY_WAY = [*itertools.product(COMPILERS, ENDINGS, (False, True))]
"""Each command, each signal, to the command alone or to its group."""
QUICK = [(command, ending, all_) for command, ending, all_ in _EVERY_WAY if all_ == (ending == "interrupt")]
SLOW = [pytest.param(*way, marks=pytest.mark.slow) for way in _EVERY_WAY if way not in QUICK]


@pytest.mark.parametrize(("command", "ending", "to_all"), [*QUICK, *SLOW])
def test_signal_leaves_no_worker_and_no_temporary(command: str, ending: str, *, to_all: bool, sandbox: Sandbox) -> None:
    number, status = ENDINGS[ending]
    for directory in (APP, PUBLIC):
        sandbox.write(f"{directory}/small.py")
        sandbox.write(f"{directory}/zz_huge.py", HUGE_SOURCE)
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    ended = end_while(
        [TRIGGERS / command, *COMPILERS[command]], number, compiling(1), to_all=to_all, env=environment, cwd="/"
    )
    assert (ended.status, ended.said, ended.left) == (status, b"", ())
    assert temporaries(sandbox) == []


@pytest.mark.parametrize("quick", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["quick", "the-rest"])
def test_signal_at_any_call_leaves_no_temporary(quick: bool, sandbox: Sandbox, tmp_path: Path) -> None:
    require_strace()
    lay_out(sandbox)
    sandbox.compile(APP)  # the first run of all makes its state directory, with calls that no other makes
    subprocess.run(["/bin/rm", "-rf", sandbox.path(APP)], check=True)
    lay_out(sandbox)
    where = points(sandbox, tmp_path / "log")
    assert set(where) >= {"openat", *QUICK_CALLS} - ({"linkat"} if sandbox.forks else set())  # forks write and link
    for call in (name for name in where if (name in QUICK_CALLS) == quick):
        for when in where[call]:
            state = [sandbox.path(path) for path in ("/var/lib/pkgtools/record", "/var/cache/pkgtools/interpreters")]
            subprocess.run(["/bin/rm", "-rf", sandbox.path(APP), *state], check=True)  # each run makes the same calls
            lay_out(sandbox)
            right = references(sandbox)
            wrapper = (str(STRACE), "-o", "/dev/null", f"--trace={call}", f"--inject={call}:signal=TERM:when={when}")
            ran = sandbox.compile("-O", "0,1", APP, wrapper=wrapper)
            assert ran.status == 143, f"{call} {when}: {ran}"
            assert "Traceback" not in ran.talk, f"{call} {when}: {ran.talk}"
            left = [path for path in temporaries(sandbox) if not path.endswith(DEAD)]
            assert left == [], f"{call} {when}"
            assert list(damage(sandbox, right)) == []


def test_ignored_interrupt_stays_ignored(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    script = 'trap "" INT; exec "$@"'
    wrapper = ("/bin/sh", "-c", script, "sh", str(STRACE), "-o", "/dev/null", "--trace=openat")
    inject = "--inject=openat:signal=INT:when=1+"
    require_strace()
    assert sandbox.compile(APP, wrapper=(*wrapper, inject)).status == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("pkgtools-compile", "--help"),
        ("pkgtools-compile", "--version"),
        ("pkgtools-compile", "-v", "-n", APP),
        ("pkgtools-compile", "--json", "-", APP),
        ("pkgtools-clean", "--help"),
        ("pkgtools-clean", "-v", "-n", APP),
        ("pkgtools-trigger", "--help"),
        ("pkgtools-trigger", "--all", "-n", "--json", "-"),
        ("py3compile", "--help"),
        ("py3clean", "--help"),
        ("py3compile", "-v", APP),
    ],
    ids=" ".join,
)
def test_pipe_that_is_closed_is_silent(arguments: tuple[str, ...], sandbox: Sandbox) -> None:
    for number in range(50):
        sandbox.write(f"{APP}/m{number}.py")
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    argv = [str(TRIGGERS / arguments[0]), *arguments[1:]]
    done = subprocess.run(argv, check=False, stdout=writing, stderr=subprocess.PIPE, env=environment)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_second_signal_disturbs_nothing_and_the_third_ends_it() -> None:
    code = """
import signal
from pkgtools.runtime.interrupts import exit_with

def program():
    raised = []
    for number in range(1, 5):
        try:
            signal.raise_signal(signal.SIGTERM)
            [None for _ in range(100)]
        except KeyboardInterrupt:
            raised.append(number)
    print(raised)
    return 0

exit_with(program)
"""
    argv = [str(HOST_PYTHON), "-c", code]
    done = subprocess.run(
        argv, check=False, capture_output=True, env={**CLEAN_ENVIRONMENT, "PYTHONPATH": str(CHECKOUT)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (143, b"[1, 3, 4]\n", b"")
