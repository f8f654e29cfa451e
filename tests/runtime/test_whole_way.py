# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Forks do the whole way for the running system: what they die of, leave and must not be used for."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pkgtools.runtime.compile import bodies, perform, worker
from pkgtools.runtime.compile.job import CompileRun, CompileSettings, compile_wanted
from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.facts import (
    InstalledPath,
    Policy,
)
from pkgtools.runtime.report import Report
from pkgtools.runtime.system.trust import Tree
from tests.lab.work import held
from tests.runtime.sandbox import APP, HERE, Sandbox, pyc_of, reference_pyc, temporaries

PLAIN = Policy()
CACHE = InstalledPath(f"{APP}/__pycache__")


@pytest.fixture
def tree(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    """Return a system that forks of the tests' process may work for."""
    monkeypatch.setattr(bodies, "is_this_one", lambda _tree, _interpreter: True)
    tree = sandbox.tree()
    yield tree
    tree.close()


def _compile(
    tree: Tree, names: tuple[str, ...], timeout: float = 60, levels: tuple[int, ...] = (0,), policy: Policy = PLAIN
) -> Report:
    report = Report("compile")
    wanted = [Wanted(InstalledPath(APP), InstalledPath(APP), tuple(f"{name}.py" for name in names), (HERE,), levels)]
    settings = CompileSettings(workers=2, timeout=timeout, durable=False)
    compile_wanted(tree, wanted, CompileRun(policy, settings), report)
    return report


def _statuses(report: Report) -> dict[str, str]:
    return {
        os.path.basename(one.path).partition(".")[0]: f"{one.status.value} {one.reason.value}"
        for one in report.outcomes
    }


def _rig(monkeypatch: pytest.MonkeyPatch, deed: Callable[[], None], name: str = "bad") -> None:
    """Let forks, and no worker behind pipes, do something when they compile a certain source."""
    real = worker.make

    def make(path: bytes, source: bytes, tasks: list[tuple[int, bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        if name.encode() in path:
            deed()
        return real(path, source, tasks)

    monkeypatch.setattr(worker, "make", make)


def test_source_at_which_a_fork_dies_is_tried_by_a_worker_and_no_temporary_stays(
    sandbox: Sandbox, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("a", "bad", "c", "d")
    for name in names:
        sandbox.write(f"{APP}/{name}.py", f"{name} = 1\n")
    _rig(monkeypatch, lambda: os._exit(9))
    report = _compile(tree, names, levels=(0, 1))
    assert report.summary() == {"compiled": len(names), "linked": len(names)}
    assert temporaries(sandbox) == []
    assert set(os.listdir(sandbox.path(CACHE))) == {
        f"{n}.{HERE.cache_tag}{opt}.pyc" for n in names for opt in ("", ".opt-1")
    }
    assert [n for n in names if sandbox.read(pyc_of(f"{APP}/{n}.py")) != reference_pyc(sandbox, f"{APP}/{n}.py")] == []


def test_source_at_which_a_fork_hangs_is_one_failure(
    sandbox: Sandbox, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "bad", "c"):
        sandbox.write(f"{APP}/{name}.py")
    _rig(monkeypatch, lambda: time.sleep(600))
    found = _statuses(_compile(tree, ("a", "bad", "c"), timeout=0.5))
    assert found == {"a": "compiled missing", "bad": "failed timeout", "c": "compiled missing"}
    assert temporaries(sandbox) == []


def test_interrupt_leaves_no_fork_and_nothing_that_they_made(
    sandbox: Sandbox, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "bad", "c"):
        sandbox.write(f"{APP}/{name}.py")
    parent = os.getpid()

    def interrupt() -> None:
        time.sleep(0.5)
        while True:  # an exception is lost while the parent runs logging's function for the time after a fork
            os.kill(parent, signal.SIGINT)
            time.sleep(5)

    _rig(monkeypatch, interrupt)
    before = held()
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in a shell's background jobs
    try:
        with pytest.raises(KeyboardInterrupt):
            _compile(tree, ("a", "bad", "c"))
    finally:
        signal.signal(signal.SIGINT, handler)
    assert held()[0] == before[0]
    assert not sandbox.exists(CACHE)


def test_source_that_changes_under_a_fork_is_compiled_again(
    sandbox: Sandbox, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "bad"):
        sandbox.write(f"{APP}/{name}.py")
    place = sandbox.path(f"{APP}/bad.py")

    def replace() -> None:
        if Path(place).read_text() != "value = 2\n":
            Path(place).write_text("value = 2\n")

    _rig(monkeypatch, replace)
    assert _statuses(_compile(tree, ("a", "bad"))) == {"a": "compiled missing", "bad": "compiled missing"}
    assert sandbox.read(pyc_of(f"{APP}/bad.py")) == reference_pyc(sandbox, f"{APP}/bad.py")


def test_bad_source_leaves_no_cache_directory_of_ours(sandbox: Sandbox, tree: Tree) -> None:
    sandbox.write(f"{APP}/bad.py", "x = (\n")
    assert _statuses(_compile(tree, ("bad",))) == {"bad": "failed syntax-error"}
    assert not sandbox.exists(CACHE)


def test_bad_source_takes_its_wrong_pyc_along(sandbox: Sandbox, tree: Tree) -> None:
    source = sandbox.write(f"{APP}/bad.py")
    sandbox.compile(APP)
    sandbox.write(source, "x = (\n", mtime=1_600_000_000)
    assert _statuses(_compile(tree, ("bad",))) == {
        "bad": "failed syntax-error",
        "__pycache__": "removed empty-directory",
    }
    assert sandbox.pycs() == set()


def test_large_source_without_a_limit_is_left_to_a_worker_that_has_one(
    sandbox: Sandbox, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.write(f"{APP}/big.py", "# filler\n" * 200_000)
    sandbox.write(f"{APP}/small.py")
    _rig(monkeypatch, lambda: os._exit(9), "big")
    monkeypatch.setattr("pkgtools.runtime.compile.limits._PRLIMIT", "/nonexistent")
    found = _statuses(_compile(tree, ("big", "small")))
    assert found == {"big": "compiled missing", "small": "compiled missing"}


def test_process_that_interned_what_a_new_one_has_not_makes_no_other_bytes(sandbox: Sandbox, tree: Tree) -> None:
    interned = sys.intern("{")
    assert interned == "{"
    sandbox.write(f"{APP}/a.py", "x = '{', '*', 'a', '}'\n")
    sandbox.write(f"{APP}/b.py", "x = '*', 'a'\n")
    assert _statuses(_compile(tree, ("a", "b"))) == {"a": "compiled missing", "b": "compiled missing"}
    for name in "ab":
        assert sandbox.read(pyc_of(f"{APP}/{name}.py")) == _reference_of_new_process(sandbox, f"{APP}/{name}.py")


def _reference_of_new_process(sandbox: Sandbox, source: str) -> bytes:
    other = Sandbox(sandbox.root.parent / "other")
    os.link(sandbox.path(source), other.path(source))
    other.compile(APP)
    return other.read(pyc_of(source))


class _Used(Exception):
    """Forks are about to do the whole way."""


def test_no_fork_does_the_whole_way_for_another_owner_a_comparison_or_another_root(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise _Used

    monkeypatch.setattr(perform, "Forks", fail)
    sandbox.write(f"{APP}/m.py")
    with closing(sandbox.tree()) as tree:
        _compile(tree, ("m",))  # another root
        monkeypatch.setattr(bodies, "is_this_one", lambda _tree, _interpreter: True)
        sandbox.write(f"{APP}/n.py")
        _compile(tree, ("n",), policy=Policy(verify=True))
        sandbox.write(f"{APP}/o.py")
        with pytest.raises(_Used):
            _compile(tree, ("o",))
    with closing(Tree(str(sandbox.root), frozenset({0, 1000}))) as tree:
        _compile(tree, ("o",))
    assert sandbox.pycs() == {pyc_of(f"{APP}/{name}.py") for name in "mno"}
