# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Forks that do the whole way: one that dies, hangs or lies costs at most the source that it was at."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pkgtools.runtime.compile.exchange import LevelResult
from pkgtools.runtime.compile.forks import Forks, Lost
from pkgtools.runtime.compile.limits import MEMORY, OwnLimit
from pkgtools.runtime.compile.making import Made, as_fields, from_fields
from pkgtools.runtime.compile.steps import Action, CompileJob, Work
from pkgtools.runtime.facts import (
    BytecodeTarget,
    CacheState,
    FileState,
    InstalledPath,
    Ownership,
    Policy,
    Reason,
)
from tests.lab.work import allow_one_fork, held, no_hang
from tests.runtime.sandbox import APP, HERE, source_file

PLAIN = Policy()
CACHE = InstalledPath(f"{APP}/__pycache__")
OWNERSHIP = Ownership(0o644, 0, 0)
MADE = Made(b"digest", 1, (LevelResult("syntax-error", b"as wanted"),))


def _job(name: str) -> CompileJob:
    source = source_file(f"{APP}/{name}.py")
    target = BytecodeTarget(source, HERE, 0, CACHE, f"{name}.pyc")
    state = FileState(0o100644, 0, 0, 10, 1, 1, (1, 1))
    cache = CacheState(InstalledPath(APP), CACHE, True, Ownership(0o755, 0, 0), None, False)
    return CompileJob(source, state, cache, (Work(target, Action.COMPILE, Reason.MISSING, OWNERSHIP),))


def _fail() -> None:
    raise ValueError


class Rigged:
    """Does to the process what the name of a source says."""

    def __init__(self, _number: int) -> None:
        self.deeds: dict[str, Callable[[], Made | None]] = {
            "die": lambda: os._exit(9),
            "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
            "stop": lambda: os.kill(os.getpid(), signal.SIGSTOP),
            "hang": lambda: time.sleep(600),
            "raise": _fail,
            "long": lambda: MADE._replace(levels=(LevelResult("syntax-error", b"x" * 300_000),)),
            "lie": lambda: MADE._replace(levels=MADE.levels * 2),
            "pass": lambda: None,
        }

    def make(self, job: CompileJob) -> Made | None:
        deed = self.deeds.get(job.source.name[:-3].rstrip("0123456789"))
        return MADE if deed is None else deed()


def _run(
    shares: list[list[str]], size: int = 2, timeout: float = 30, maker: Callable[[int], object] = Rigged
) -> dict[str, Made | Lost | None]:
    forks = Forks(maker, lambda: frozenset({3}), size, timeout)  # type: ignore[arg-type] # all that a fork asks of it
    found: dict[str, Made | Lost | None] = {}
    with no_hang():
        for job, made in forks.run([tuple(map(_job, names)) for names in shares]):
            assert job.source.name[:-3] not in found
            found[job.source.name[:-3]] = made
    forks.close()
    return found


@pytest.mark.parametrize("size", [1, 3])
def test_every_job_is_answered_once_and_nothing_is_left(size: int) -> None:
    shares = [[f"m{number}", f"n{number}"] for number in range(200)]
    before = held()
    assert _run(shares, size) == dict.fromkeys(itertools.chain(*shares), MADE)
    assert held() == before


def test_steps_are_done_while_forks_work(tmp_path: Path) -> None:
    """The fork ends when the last step is done."""
    mark = tmp_path / "done"

    def wait() -> Made:
        while not mark.exists():
            time.sleep(0.001)
        return MADE

    def steps() -> Iterator[bool]:
        yield from itertools.repeat(True, 5)
        mark.touch()
        yield True

    maker = Rigged(0)
    maker.deeds["wait"] = wait
    forks = Forks(lambda _: maker, lambda: frozenset({3}), 1, 30)  # type: ignore[arg-type,return-value] # as above
    meanwhile = steps()
    with no_hang():
        assert [made for _, made in forks.run([(_job("wait"),), (_job("m"),)], meanwhile)] == [MADE, MADE]
    assert next(meanwhile, None) is None


DEADLY = {"die": "status 9", "kill": "status 137", "raise": "status 127"}


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("how", DEADLY)
def test_fork_that_dies_costs_its_source_and_the_rest_of_its_share_is_done(how: str, size: int) -> None:
    shares = [["a", f"{how}1", "b", f"{how}2"], ["c"], [f"{how}3"], ["d", "e", f"{how}4"]]
    found = _run(shares, size)
    lost = Lost(Reason.WORKER_CRASH, f"the interpreter ended with {DEADLY[how]}")
    assert found == {**dict.fromkeys("abcde", MADE), **{f"{how}{number}": lost for number in range(1, 5)}}


@pytest.mark.parametrize("how", ["hang", "stop"])
def test_fork_that_takes_too_long_costs_its_source(how: str) -> None:
    found = _run([["a", how, "b"], ["c"]], timeout=0.5)
    assert found == {**dict.fromkeys("abc", MADE), how: Lost(Reason.TIMEOUT, "no answer within 0.5 s")}


def test_answers_that_no_pipe_holds_block_nobody() -> None:
    shares = [[f"long{number}", f"m{number}"] for number in range(40)]
    assert _run(shares).keys() == set(itertools.chain(*shares))


@pytest.mark.parametrize("what", ["lie", "pass"])
def test_what_a_fork_cannot_do_or_answers_wrongly_is_left_to_others(what: str) -> None:
    assert _run([["a"], [what, "b"]], 1)["a"] == MADE
    assert _run([["a"], [what, "b"]], 1)[what] is None


def test_forks_that_die_before_any_source_are_not_started_for_ever() -> None:
    def prepare(_number: int) -> object:
        os._exit(1)

    before = held()
    assert _run([["a"], ["b"]], maker=prepare) == {"a": None, "b": None}
    assert held() == before


@pytest.mark.parametrize("call", ["fork", "pipe", "memfd_create"])
def test_without_a_process_or_descriptor_everything_is_left_to_others(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(24, "Too many open files")

    before = held()
    monkeypatch.setattr(os, call, fail)
    assert _run([["a"], ["b"]]) == {"a": None, "b": None}
    assert held() == before


def test_one_fork_does_all_where_no_second_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_one_fork(monkeypatch)
    assert _run([["a"], ["b"], ["c"]], 3) == dict.fromkeys("abc", MADE)


@pytest.mark.parametrize(("moment", "limited"), [(1000.0, 0), (0.0, 1)])
def test_a_fork_is_limited_once_and_only_after_a_moment(
    moment: float, limited: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit starts a process, for a source that takes a hundredth of the moment."""
    started: list[int] = []
    monkeypatch.setattr("pkgtools.runtime.compile.forks._MOMENT", moment)
    monkeypatch.setattr("pkgtools.runtime.compile.forks.limit_process", started.append)
    names = [f"m{number}" for number in range(50)]
    assert _run([[name] for name in names], 1) == dict.fromkeys(names, MADE)
    assert len(started) == limited


def test_forks_end_when_their_parent_is_killed() -> None:
    reading, writing = os.pipe()

    class Slow(Rigged):
        def make(self, job: CompileJob) -> Made | None:
            os.write(kept, b".")
            time.sleep(0.01)
            return super().make(job)

    kept = writing
    parent = os.fork()
    if parent == 0:
        forks = Forks(Slow, lambda: frozenset({kept}), 2, 30)  # type: ignore[arg-type] # as above
        for _ in forks.run([tuple(_job(f"m{share}-{n}") for n in range(500)) for share in range(4)]):
            pass
        os._exit(0)
    os.close(writing)
    assert os.read(reading, 1) == b"."
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    seen = 0
    with no_hang():
        while chunk := os.read(reading, 4096):  # until the last fork has closed its end
            seen += len(chunk)
    os.close(reading)
    assert seen < 2000


def _limits() -> list[str]:
    rows = [line.split() for line in Path("/proc/self/limits").read_text(encoding="ascii").splitlines()]
    return [row[-3] for row in rows if row[:2] in (["Max", "core"], ["Max", "address"])]


LIMITED = ["0", str(MEMORY)]


def test_fork_limits_itself_before_a_large_source() -> None:
    class Limiting(Rigged):
        def make(self, _job: CompileJob) -> Made | None:
            return MADE if OwnLimit().holds() and _limits() == LIMITED else None

    assert _run([["a"]], maker=Limiting) == {"a": MADE}


def test_fork_that_is_at_a_source_for_long_is_limited_meanwhile() -> None:
    class Waiting(Rigged):
        def make(self, _job: CompileJob) -> Made | None:
            while _limits() != LIMITED:
                time.sleep(0.01)
            return MADE

    assert _run([["a"], ["b"]], maker=Waiting) == {"a": MADE, "b": MADE}


@pytest.mark.parametrize("made", [None, MADE, MADE._replace(levels=())], ids=["none", "made", "changed"])
def test_what_a_fork_says_is_what_is_read(made: Made | None) -> None:
    assert from_fields(as_fields(made)) == made


@pytest.mark.parametrize(
    "fields", [(1,), (b"", 1, 2), (b"", 1, ((),)), (b"", 1, (("no", 1),)), (b"", 1, (("outcome", "x", "y"),))]
)
def test_nonsense_is_no_answer(fields: tuple[object, ...]) -> None:
    with pytest.raises((TypeError, ValueError, KeyError)):
        from_fields(fields)
