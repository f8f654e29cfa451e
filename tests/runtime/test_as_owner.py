# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Work as the owner of a directory: with the owner's rights and no more, and no way for the owner to hold root up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.runtime import as_owner as module
from pkgtools.runtime.as_owner import as_owner
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.system.trust import Tree
from tests.lab.signals import HUGE_SOURCE, session
from tests.runtime.sandbox import APP, CHECKOUT, CLEAN_ENVIRONMENT, TRIGGERS, Sandbox

OWNER = (1000, 1001)
PLACE = InstalledPath(APP)
Report = Callable[[Outcome], None]
Progress = Callable[[int, int], None]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a child no more seconds than its timeout."""
    monkeypatch.setattr(module, "_GRACE", 0.0)


def _told(outcomes: list[Outcome]) -> list[tuple[Status, Reason, str]]:
    return [(one.status, one.reason, one.path) for one in outcomes]


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def test_child_has_the_owners_rights_and_no_more(sandbox: Sandbox) -> None:
    code = f"""
import os
from pkgtools.runtime.as_owner import as_owner
from pkgtools.runtime.system.trust import Tree

def work(tree, report, progress):
    assert os.getresuid() == ({OWNER[0]},) * 3, os.getresuid()
    assert os.getresgid() == ({OWNER[1]},) * 3, os.getresgid()
    assert os.getgroups() == [], os.getgroups()
    assert not os.path.exists("/dev/tty") or os.getsid(0) == os.getpid()
    return 7

os.setgroups([4, 24])
print(as_owner(Tree({str(sandbox.root)!r}), {OWNER}, "/opt", work))
"""
    environment = {**CLEAN_ENVIRONMENT, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("(7, [])\n", "")


def test_child_that_is_stopped_is_killed_and_told(sandbox: Sandbox) -> None:
    def work(_tree: Tree, _report: Report, _progress: Progress) -> int:
        os.kill(os.getpid(), signal.SIGSTOP)
        return 1

    result, outcomes = as_owner(sandbox.tree(), OWNER, PLACE, work)
    assert (result, _told(outcomes)) == (0, [(Status.ERROR, Reason.TIMEOUT, APP)])
    assert "stopped" in outcomes[0].detail


@pytest.mark.usefixtures("short")
def test_child_that_makes_no_progress_is_killed_and_told(sandbox: Sandbox) -> None:
    def work(_tree: Tree, _report: Report, _progress: Progress) -> int:
        time.sleep(600)
        return 1

    result, outcomes = as_owner(sandbox.tree(), OWNER, PLACE, work, 0.3)
    assert (result, _told(outcomes)) == (0, [(Status.ERROR, Reason.TIMEOUT, APP)])


@pytest.mark.usefixtures("short")
def test_progress_is_all_that_is_asked_for(sandbox: Sandbox) -> None:
    def work(_tree: Tree, report: Report, progress: Progress) -> int:
        for number in range(20):
            time.sleep(0.1)
            progress(number, 20)
        report(Outcome(Status.COMPILED, Reason.MISSING, PLACE))
        return 5

    result, outcomes = as_owner(sandbox.tree(), OWNER, PLACE, work, 1.5)
    assert (result, _told(outcomes)) == (5, [(Status.COMPILED, Reason.MISSING, APP)])


def test_grandchild_that_keeps_the_pipe_keeps_nobody_waiting_and_is_killed(sandbox: Sandbox) -> None:
    note = Path(sandbox.path("/note"))

    def work(_tree: Tree, _report: Report, _progress: Progress) -> int:
        if os.fork() == 0:
            time.sleep(600)
        return os.getpid()

    result, outcomes = as_owner(sandbox.tree(), OWNER, PLACE, work)
    assert (outcomes, note.exists()) == ([], False)
    _until(lambda: session(result) == ())


def test_child_that_dies_is_told(sandbox: Sandbox) -> None:
    def work(_tree: Tree, _report: Report, _progress: Progress) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 1

    assert _told(as_owner(sandbox.tree(), OWNER, PLACE, work)[1]) == [(Status.ERROR, Reason.IO_ERROR, APP)]


def _children(process: int) -> list[int]:
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(number) for number in path.read_text().split()] if path.exists() else []


@pytest.mark.parametrize("command", ["compile", "clean"])
def test_owner_who_stops_the_child_does_not_hang_root(command: str, sandbox: Sandbox) -> None:
    sandbox.directory(APP, owner=OWNER)
    for number in range(300):
        sandbox.write(f"{APP}/m{number}.py", owner=OWNER)
    sandbox.write(f"{APP}/huge.py", HUGE_SOURCE, owner=OWNER)
    if command == "clean":
        sandbox.directory(f"{APP}/__pycache__", owner=OWNER)
        for number in range(20_000):
            sandbox.write(
                f"{APP}/__pycache__/m{number % 300}.cpython-3{number % 30}.opt-{number}.pyc", b"", owner=OWNER
            )
    program = ["/usr/bin/python3", "-IBSXutf8", str(TRIGGERS / "run.py"), command, "--root", str(sandbox.root)]
    with subprocess.Popen([*program, "--as-owner", APP], stderr=subprocess.PIPE, env=CLEAN_ENVIRONMENT) as process:
        seen: list[int] = []

        def is_owners() -> bool:
            seen[:] = [one for one in _children(process.pid) if _owner(one) == OWNER[0]]
            return bool(seen) or process.poll() is not None

        _until(is_owners)
        as_the_owner = ["/usr/bin/setpriv", f"--reuid={OWNER[0]}", "--clear-groups", "/bin/kill", "-STOP", str(seen[0])]
        assert subprocess.run(as_the_owner, check=False).returncode == 0
        _, said = process.communicate(timeout=60)
    assert process.returncode == 102
    assert b"timeout: the process of user 1000 was stopped" in said
    assert session(seen[0]) == ()


def _owner(process: int) -> int:
    try:
        return os.stat(f"/proc/{process}/task").st_uid
    except (FileNotFoundError, ProcessLookupError):
        return -1
