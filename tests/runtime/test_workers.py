# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Workers that die, hang, stop, lie or run out of memory cost the one source that they had."""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pkgtools.runtime.compile.exchange import Answer, CompileRequest, LevelTask
from pkgtools.runtime.compile.pool import Pool, worker_code
from pkgtools.runtime.compile.steps import Action
from tests.lab.work import no_hang
from tests.runtime.sandbox import APP, HOST_PYTHON, Sandbox, pyc_of, reference_pyc

PYTHON = (str(HOST_PYTHON), "-I", "-S", "-B", "-c")
HONEST = (*PYTHON, worker_code())
BIG = b"value = 1\n" + b"# filler\n" * 400_000
"""A source that no pipe holds (3.6 MB)."""


def _request(name: str, source: bytes = b"value = 1\n", levels: tuple[int, ...] = (0,)) -> tuple[str, CompileRequest]:
    tasks = tuple(LevelTask(level, Action.COMPILE.value, b"") for level in levels)
    return name, CompileRequest(f"/opt/{name}.py", source, False, tasks)


def _ask(pool: Pool[str], requests: Iterator[tuple[str, CompileRequest]]) -> dict[str, list[str]]:
    return {ticket: [result.status for result in answer.results] for ticket, answer in pool.run(requests)}


def _rigged(prelude: str) -> tuple[str, ...]:
    """Return a worker that does something before it serves."""
    return (*PYTHON, f"import os, signal, sys, time\n{prelude}\n" + worker_code())


MUTE = [
    pytest.param(_rigged("os.kill(os.getpid(), signal.SIGSTOP)"), 0.1, id="is-stopped"),
    pytest.param(_rigged("time.sleep(600)"), 0.1, id="hangs"),
]
"""Each worker costs the whole timeout."""
FAULTS = [
    *MUTE,
    pytest.param(_rigged("os._exit(3)"), 0.6, id="dies-at-once"),
    pytest.param(_rigged("os.kill(os.getpid(), signal.SIGKILL)"), 0.6, id="is-killed"),
    pytest.param(_rigged("os.kill(os.getpid(), signal.SIGSEGV)"), 0.6, id="segfaults"),
    pytest.param(_rigged("os.close(1)"), 0.6, id="closes-its-output"),
    pytest.param(_rigged("os.close(0)"), 0.6, id="closes-its-input"),
    pytest.param(("/nonexistent/python3.99",), 0.6, id="is-not-there"),
    pytest.param(("/bin/true",), 0.6, id="is-no-interpreter"),
    pytest.param(_rigged("os.write(1, b'\\5\\0\\0\\0xxxxx')"), 0.6, id="answers-nonsense"),
    pytest.param(_rigged("os.write(1, b'\\1\\0\\0\\0' + b'0')"), 0.6, id="answers-too-few-tasks"),
    pytest.param(_rigged("os.write(1, b'\\6\\0\\0\\0' + b'0\\0hm:0')"), 0.6, id="answers-unknown-status"),
    pytest.param(_rigged("os.write(1, b'\\10\\0\\0\\0' + b'0\\0whole:')"), 0.6, id="answers-no-length"),
    pytest.param(_rigged("os.write(1, b'\\x0b\\0\\0\\0' + b'0\\0whole:-99')"), 0.6, id="answers-negative"),
    pytest.param(_rigged("os.write(1, b'\\x0b\\0\\0\\0' + b'0\\0whole:0:0')"), 0.6, id="answers-two-lengths"),
]


@pytest.mark.parametrize("source", [b"value = 1\n", BIG], ids=["small", "bigger-than-a-pipe"])
@pytest.mark.parametrize(("argv", "timeout"), FAULTS)
def test_worker_that_never_answers_is_the_environments_fault_and_no_hang(
    argv: tuple[str, ...], timeout: float, source: bytes
) -> None:
    with no_hang():
        answers = _ask(Pool(argv, 2, timeout), iter([_request("a", source), _request("b", source)]))
    assert answers == {"a": ["no-worker"], "b": ["no-worker"]}


def test_pool_goes_on_after_a_crash_with_a_new_worker() -> None:
    exploding = worker_code().replace("def _attempt(", "def _first(", 1) + ""
    code = exploding.replace(
        'if __name__ == "__main__":',
        "def _attempt(source, path, level, action, found):\n"
        "    import os, time\n"
        "    if b'die' in path: os._exit(9)\n"
        "    if b'hang' in path: time.sleep(600)\n"
        "    return _first(source, path, level, action, found)\n\n"
        'if __name__ == "__main__":',
    )
    names = ["good1", "die1", "good2", "hang", "good3", "die2", "good4"]
    answers = _ask(Pool((*PYTHON, code), 2, 1.5), iter([_request(name, levels=(0, 1)) for name in names]))
    statuses = {"good": "compiled", "die": "worker-crash", "hang": "timeout"}
    assert answers == {name: [statuses[name.rstrip("1234")]] * 2 for name in names}


def test_every_request_has_exactly_one_answer() -> None:
    requests = [_request(f"m{n}", f"value = {n}\n".encode() * (n % 7 * 300 + 1), (0, 1, 2)) for n in range(80)]
    seen: list[tuple[str, Answer]] = list(Pool[str](HONEST, 3, 30).run(iter(requests)))
    assert sorted(ticket for ticket, _ in seen) == sorted(ticket for ticket, _ in requests)
    assert {result.status for _, answer in seen for result in answer.results} == {"compiled"}


def test_no_worker_and_no_descriptor_is_left_when_all_is_answered() -> None:
    def held() -> tuple[str, int]:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
        return children, len(os.listdir("/proc/self/fd"))

    before = held()
    _ask(Pool(HONEST, 3, 60), iter([_request(f"m{number}") for number in range(9)]))
    assert held() == before


def test_next_request_is_there_before_the_last_one_is_answered() -> None:
    waiting = worker_code().replace(
        'if __name__ == "__main__":',
        "_first = _attempt\n\n"
        "def _attempt(source, path, level, action, found):\n"
        "    import select\n"
        "    if b'waits' in path: select.select([0], [], [])\n"
        "    return _first(source, path, level, action, found)\n\n"
        'if __name__ == "__main__":',
    )
    with no_hang():
        answers = _ask(Pool((*PYTHON, waiting), 1, 60), iter([_request("waits"), _request("big", BIG), _request("m")]))
    assert answers == {"waits": ["compiled"], "big": ["compiled"], "m": ["compiled"]}


def test_worker_that_dies_costs_only_the_request_that_it_was_at() -> None:
    deadly = worker_code().replace(
        'if __name__ == "__main__":',
        "_first = _attempt\n\n"
        "def _attempt(source, path, level, action, found):\n"
        "    import os\n"
        "    if b'die' in path: os._exit(9)\n"
        "    return _first(source, path, level, action, found)\n\n"
        'if __name__ == "__main__":',
    )
    names = ["a", "die1", "b", "die2", "c", "d", "die3"]
    requests = [_request(name, BIG if name in "bd" else b"value = 1\n") for name in names]
    answers = _ask(Pool((*PYTHON, deadly), 1, 60), iter(requests))
    assert answers == {name: ["worker-crash" if "die" in name else "compiled"] for name in names}


def test_text_of_the_worker_is_read_once() -> None:
    assert worker_code() is worker_code()


def test_worker_has_no_more_address_space_than_it_may(sandbox: Sandbox) -> None:
    hungry = (
        worker_code()
        .replace("def _attempt(", "def _unused(", 1)
        .replace(
            'if __name__ == "__main__":',
            "def _attempt(source, path, level, action, found):\n"
            "    try:\n        bytearray(5 << 30)\n"
            "    except MemoryError:\n        return b'out-of-memory', b'MemoryError'\n"
            "    return b'compiled', b''\n\n"
            'if __name__ == "__main__":',
        )
    )
    assert _ask(Pool((*PYTHON, hungry), 1, 60), iter([_request("m")])) == {"m": ["out-of-memory"]}


def test_t23_unsealed_pyc_that_kills_whoever_loads_it_is_made_anew(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    right = reference_pyc(sandbox, source)
    sandbox.write(pyc_of(source), right[:16] + _bomb())
    ran = sandbox.compile(APP)
    assert ran.status == 0
    assert sandbox.read(pyc_of(source)) == right


def _bomb() -> bytes:
    """Return a body that asks for a tuple of two thousand million elements: 16 GiB."""
    return b"(" + (0x7FFFFFFF).to_bytes(4, "little") + marshal.dumps(None)


def test_source_that_takes_longer_than_the_timeout_is_one_failure(sandbox: Sandbox) -> None:
    slow = sandbox.write(f"{APP}/slow.py", "x = [" + "(1, [2, {3: 4}], 5), " * 300_000 + "]\n")
    good = sandbox.write(f"{APP}/good.py")
    ran = sandbox.compile("--timeout", "0.4", APP)
    assert (ran.status, ran.of(pyc_of(slow))) == (0, ("failed", "timeout"))
    assert sandbox.pycs() == {pyc_of(good)}
    assert "timeout" in ran.talk


def test_interpreter_that_hangs_is_a_reported_skip(sandbox: Sandbox) -> None:
    good = sandbox.write(f"{APP}/good.py")
    os.symlink("/bin/sleep", sandbox.path("/usr/bin/python3.98"))  # dies of its arguments
    sandbox.write("/usr/bin/python3.99", "#!/bin/sh\nexec sleep 600\n", mode=0o755)
    for program in ("sh", "sleep"):
        sandbox.write(f"/bin/{program}", b"")
    ran = sandbox.compile(APP, limit=60)
    assert ran.of("/usr/bin/python3.99") == ("skipped", "broken-interpreter")
    assert sandbox.pycs() == {pyc_of(good)}
