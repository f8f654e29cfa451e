# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A signal ends what runs at installation: no worker, no temporary, no traceback, and the status that shells expect."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.lab.signals import ENDINGS, HUGE_SOURCE, compiling, end_while
from tests.runtime.faults import DEAD, STRACE, damage, lay_out, points, references, require_strace
from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, PUBLIC, TRIGGERS, Sandbox, temporaries

COMPILERS = {
    "pkgtools-compile": (APP,),
    "pkgtools-trigger": (),
    "py3compile": (APP,),
}


@pytest.mark.parametrize("to_all", [False, True], ids=["alone", "group"])
@pytest.mark.parametrize(("number", "status"), ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize(("command", "arguments"), COMPILERS.items(), ids=COMPILERS)
def test_signal_leaves_no_worker_and_no_temporary(
    command: str, arguments: tuple[str, ...], number: signal.Signals, status: int, *, to_all: bool, sandbox: Sandbox
) -> None:
    for directory in (APP, PUBLIC):
        sandbox.write(f"{directory}/small.py")
        sandbox.write(f"{directory}/zz_huge.py", HUGE_SOURCE)
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    ended = end_while([TRIGGERS / command, *arguments], number, compiling(1), to_all=to_all, env=environment, cwd="/")
    assert (ended.status, ended.said, ended.left) == (status, b"", ())
    assert temporaries(sandbox) == []


def test_signal_at_any_call_leaves_no_temporary(sandbox: Sandbox, tmp_path: Path) -> None:
    require_strace()
    lay_out(sandbox)
    sandbox.compile(APP)  # the first run of all makes its state directory, with calls that no other makes
    subprocess.run(["/bin/rm", "-rf", sandbox.path(APP)], check=True)
    lay_out(sandbox)
    where = points(sandbox, tmp_path / "log")
    assert set(where) >= {"openat", "write"}
    for call in where:
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
    "arguments", [("--help",), ("--version",), ("-v", "-n", APP), ("--json", "-", APP)], ids=" ".join
)
def test_pipe_that_is_closed_is_silent(arguments: tuple[str, ...], sandbox: Sandbox) -> None:
    for number in range(50):
        sandbox.write(f"{APP}/m{number}.py")
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    argv = [str(TRIGGERS / "pkgtools-compile"), *arguments]
    done = subprocess.run(argv, check=False, stdout=writing, stderr=subprocess.PIPE, env=environment)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
