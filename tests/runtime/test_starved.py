# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Where the system gives no limits, processes or descriptors, right bytecode stays, and the exit status says so."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pkgtools.runtime.compile.exchange import CompileRequest, LevelTask
from pkgtools.runtime.compile.job import CompileRun, compile_wanted
from pkgtools.runtime.compile.limits import MEMORY, ways_to_start
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.compile.pool import Pool, worker_code
from pkgtools.runtime.facts import InstalledPath, Policy, Reason
from pkgtools.runtime.report import Report
from tests.lab.work import allow_one_fork
from tests.runtime.sandbox import APP, HERE, HOST_PYTHON, Sandbox, pyc_of

BOTH_WAYS = True

MANY = 24
"""More sources than a fork of the main process compiles."""
LIMIT = 2 << 30
BROKEN_PRLIMIT = (
    "/usr/bin/unshare",
    "-m",
    "/bin/sh",
    "-ec",
    'for one in $1; do mount --bind /etc/hostname "$one"; done; shift; exec "$@"',
    "sh",
)
WORKERS = (str(HOST_PYTHON), "-I", "-S", "-B", "-c")


def _foreign_pycs(sandbox: Sandbox) -> dict[str, tuple[int, int]]:
    """Write sources with right pycs that no record knows, as in an image; return their inodes."""
    for number in range(MANY):
        sandbox.write(f"{APP}/m{number}.py", f"value = {number}\n")
    sandbox.compile(APP)
    for path in sandbox.below("/var/lib/pkgtools/record"):
        os.unlink(sandbox.path(path))
    return _inodes(sandbox)


def _inodes(sandbox: Sandbox) -> dict[str, tuple[int, int]]:
    found = {path: os.lstat(sandbox.path(path)) for path in sandbox.pycs()}
    return {path: (one.st_ino, one.st_ctime_ns) for path, one in found.items()}


def _broken(*programs: str) -> tuple[str, ...]:
    """Return a wrapper under which programs don't run."""
    return (*BROKEN_PRLIMIT, " ".join(programs))


LOWER_LIMIT = ("/usr/bin/setpriv", "--bounding-set=-sys_resource", "/usr/bin/prlimit", f"--as={LIMIT}")
NO_CHILDREN_REPORTED = ("/bin/sh", "-c", 'trap "" CHLD; exec "$@"', "sh")
WORKING = [
    pytest.param(LOWER_LIMIT, id="lower-hard-limit"),
    pytest.param(_broken("/usr/bin/prlimit"), id="prlimit-broken"),
    pytest.param(NO_CHILDREN_REPORTED, id="sigchld-ignored"),
]


@pytest.mark.parametrize("wrapper", WORKING)
@pytest.mark.parametrize("options", [(), ("--verify",)], ids=["plain", "verify"])
def test_workers_start_all_the_same_and_right_pycs_stay_untouched(
    options: tuple[str, ...], wrapper: tuple[str, ...], sandbox: Sandbox
) -> None:
    before = _foreign_pycs(sandbox)
    sandbox.write(f"{APP}/new.py")
    ran = sandbox.compile(*options, APP, wrapper=wrapper)
    assert (ran.status, ran.summary) == (0, {"fresh": MANY, "compiled": 1})
    assert {path: inode for path, inode in _inodes(sandbox).items() if "/new." not in path} == before


FEW = {
    "one processor": ("/usr/bin/taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))),
    "no proc": ("/usr/bin/unshare", "-m", "/bin/sh", "-ec", 'mount -t tmpfs none /proc; exec "$@"', "sh"),
}


@pytest.mark.parametrize("wrapper", FEW.values(), ids=FEW)
def test_more_sources_than_a_fork_compiles_are_compiled(wrapper: tuple[str, ...], sandbox: Sandbox) -> None:
    for number in range(MANY):
        sandbox.write(f"{APP}/m{number}.py", f"value = {number}\n")
    ran = sandbox.compile(APP, wrapper=wrapper)
    assert (ran.status, ran.summary) == (0, {"compiled": MANY})


def test_without_any_limit_to_memory_big_sources_wait_and_that_is_said_once(sandbox: Sandbox) -> None:
    before = _foreign_pycs(sandbox)
    sandbox.write(f"{APP}/new.py")
    big = sandbox.write(f"{APP}/big.py", "# filler\n" * 200_000)
    ran = sandbox.compile(APP, wrapper=_broken("/usr/bin/prlimit", "/usr/bin/dash"))
    assert (ran.status, ran.of(pyc_of(big))) == (2, ("error", "no-worker"))
    assert [one.reason for one in ran.told].count("no-memory-limit") == 1
    assert {path: inode for path, inode in _inodes(sandbox).items() if "/new." not in path} == before
    assert sandbox.exists(pyc_of(f"{APP}/new.py"))


@pytest.mark.parametrize(
    "options",
    [(), pytest.param(("--verify",), marks=pytest.mark.slow), pytest.param(("-f",), marks=pytest.mark.slow)],
    ids=["plain", "verify", "force"],
)
def test_right_pycs_stay_with_however_few_descriptors(options: tuple[str, ...], sandbox: Sandbox) -> None:
    _foreign_pycs(sandbox)
    right = {path: sandbox.read(path) for path in sandbox.pycs()}
    for number in range(6, 24):
        ran = sandbox.compile(*options, APP, wrapper=("/usr/bin/prlimit", f"--nofile={number}"))
        assert {path: sandbox.read(path) for path in sandbox.pycs()} == right
        assert ran.status == 2 or ran.summary in ({"fresh": MANY}, {"compiled": MANY}), number


@pytest.mark.parametrize("action", ["plain", "verify", "thorough"])
def test_worker_that_never_answers_costs_no_right_pyc_and_ends_with_2(
    action: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _foreign_pycs(sandbox)
    monkeypatch.setattr("pkgtools.runtime.compile.pipes.command", lambda *_: ("/bin/false",))
    tree, report = sandbox.tree(), Report("compile")
    names = tuple(sorted(f"m{number}.py" for number in range(MANY)))
    wanted = [Wanted(InstalledPath(APP), InstalledPath(APP), names, (HERE,), (0,))]
    policy = Policy(verify=action == "verify", thorough=action == "thorough")
    compile_wanted(tree, wanted, CompileRun(policy), report)
    tree.close()
    assert (report.exit_code(strict=False), _inodes(sandbox)) == (2, before)
    assert {outcome.reason for outcome in report.outcomes} == {Reason.NO_WORKER}


def _request(name: str) -> tuple[str, CompileRequest]:
    return name, CompileRequest(f"/opt/{name}.py", b"value = 1\n", False, (LevelTask(0, "compile", b""),))


def test_crash_is_said_of_a_source_only_when_a_second_worker_dies_of_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    flaky = worker_code().replace(
        'if __name__ == "__main__":',
        "_first = _attempt\n\n"
        "def _attempt(source, path, level, action, found):\n"
        "    import os\n"
        f"    if b'flaky' in path and not os.path.exists({str(mark)!r}):\n"
        f"        os.mkdir({str(mark)!r})\n"
        "        os._exit(9)\n"
        "    if b'deadly' in path: os._exit(9)\n"
        "    return _first(source, path, level, action, found)\n\n"
        'if __name__ == "__main__":',
    )
    pool = Pool[str]((*WORKERS, flaky), 1, 30)
    answers = {
        name: answer.results[0].status for name, answer in pool.run(map(_request, ("a", "flaky", "deadly", "b")))
    }
    assert answers == {"a": "compiled", "flaky": "compiled", "deadly": "worker-crash", "b": "compiled"}


def test_no_more_processes_than_the_system_gives_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_one_fork(monkeypatch)
    names = [f"m{number}" for number in range(9)]
    pool = Pool[str]((*WORKERS, worker_code()), 3, 30)
    assert {name: answer.results[0].status for name, answer in pool.run(map(_request, names))} == dict.fromkeys(
        names, "compiled"
    )


@pytest.mark.parametrize("call", ["fork", "pipe"])
def test_no_process_at_all_is_the_environments_fault(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> tuple[int, int]:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(os, call, fail)
    pool = Pool[str]((*WORKERS, worker_code()), 3, 30)
    assert {answer.results[0].status for _, answer in pool.run(map(_request, "abc"))} == {"no-worker"}


def test_limit_that_holds_already_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, asked in ((None, True), (MEMORY + 1, True), (MEMORY, False), (LIMIT, False)):
        monkeypatch.setattr("pkgtools.runtime.compile.limits._soft_limit", lambda soft=soft: soft)
        first = ways_to_start(("python3",))[0]
        assert first is not None
        assert any(word.startswith("--as=") for word in first) is asked


def test_workers_that_die_together_where_none_can_be_started_cost_no_more_than_their_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one's request waits for the other worker, whose end was noticed in the same moment."""
    mark = tmp_path / "mark"
    deadly = worker_code().replace(
        'if __name__ == "__main__":',
        "_first = _attempt\n\n"
        "def _attempt(source, path, level, action, found):\n"
        "    import os, time\n"
        "    while b'deadly' in path:\n"
        f"        if os.path.exists({str(mark)!r}): os._exit(9)\n"
        "        time.sleep(0.01)\n"
        "    return _first(source, path, level, action, found)\n\n"
        'if __name__ == "__main__":',
    )

    def fail() -> tuple[int, int]:
        raise OSError(24, "Too many open files")

    found: dict[str, str] = {}
    pool = Pool[str]((*WORKERS, deadly), 3, 30)
    for name, answer in pool.run(map(_request, ("a", "b", "c", "deadly-1", "deadly-2", "last", "deadly-3"))):
        found[name] = answer.results[0].status
        if name == "last":
            monkeypatch.setattr(os, "pipe", fail)
            mark.touch()
            while len(_zombies()) < 2:
                time.sleep(0.01)
    living = dict.fromkeys(("a", "b", "c", "last"), "compiled")
    deadly_ones = sorted(found.pop(name) for name in ("deadly-1", "deadly-2", "deadly-3"))
    assert found == living
    # one of them may have killed its second worker, the last that there was
    assert deadly_ones[:2] == ["no-worker"] * 2
    assert deadly_ones[2] in {"no-worker", "worker-crash"}


def _zombies() -> list[str]:
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    return [child for child in children if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"]
