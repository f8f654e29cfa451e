# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Errors and death at every system call: nothing broken has a final name, nothing is silent, a re-run heals."""

from __future__ import annotations

import itertools
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.runtime.faults import (
    ALTERNATIVES,
    CALLS,
    LEVELS,
    SOURCES,
    Fault,
    damage,
    lay_out,
    lay_out_named,
    lay_out_stored,
    points,
    points_in_forks,
    references,
    require_strace,
    run_with,
    scars,
    silence,
)
from tests.runtime.sandbox import APP, Sandbox

BOTH_WAYS = True
STORES = True
ERRORS = ("KILL", "ENOSPC", "EIO", "EROFS", "EINTR", "EACCES")
QUICK = [
    *((call, "ENOSPC") for call in ("mkdirat", "write", "renameat", "linkat")),
    *((call, "KILL") for call in ("write", "renameat")),
]
"""What a full disk and a loss of power do; a fault takes two runs for each time that the call is made."""
SLOW = [pair for pair in itertools.product(CALLS, ERRORS) if pair not in QUICK]


class Undisturbed(NamedTuple):
    """The calls of a run in which nothing goes wrong, by their numbers."""

    forks: bool
    lay_out: Callable[[Sandbox], None]
    main: dict[str, range]
    in_forks: dict[str, range]

    def faults(self, call: str, what: str) -> Iterator[Fault]:
        """Return the faults of one kind at every call, in the main process and in forks."""
        names = [name for name in ALTERNATIVES.get(call, (call,)) if name in self.main]
        assert names or call in self.in_forks, f"no {call} in a whole run: has the writer changed?"
        for name in names:
            yield from (Fault(name, what, number) for number in self.main[name])
        yield from (Fault(call, what, number, in_forks=True) for number in self.in_forks.get(call, ()))


LAYOUTS = {"": lay_out, " with the store": lay_out_stored, " with a named store": lay_out_named}


WAYS = [way + store for store in LAYOUTS for way in ("pipes", "forks")]


@pytest.fixture(
    scope="module",
    params=[pytest.param(way, marks=pytest.mark.slow) if way == "pipes with a named store" else way for way in WAYS],
)
def where(scratch: Path, request: pytest.FixtureRequest) -> Iterator[Undisturbed]:
    """Return the calls of an undisturbed run, with workers behind pipes and with forks, with and without a store."""
    require_strace()
    way, _, store = request.param.partition(" ")
    laid_out = LAYOUTS[f" {store}" if store else ""]
    directory = Path(tempfile.mkdtemp(dir=scratch))
    directory.chmod(0o755)
    sandbox = Sandbox(directory / "system", forks=way == "forks")
    laid_out(sandbox)
    main = points(sandbox, directory / "log")
    shutil.rmtree(sandbox.root)
    sandbox = Sandbox(directory / "system", forks=sandbox.forks)
    laid_out(sandbox)
    in_forks = points_in_forks(sandbox, directory / "log") if sandbox.forks else {}
    yield Undisturbed(sandbox.forks, laid_out, main, in_forks)
    shutil.rmtree(directory)


def _check(scratch: Path, call: str, what: str, where: Undisturbed) -> list[str]:
    """Let `what` happen at each `call` of a run, one after the other; return what was wrong then."""
    wrong: list[str] = []
    for fault in where.faults(call, what):
        directory = Path(tempfile.mkdtemp(dir=scratch))
        directory.chmod(0o755)
        sandbox = Sandbox(directory / "system", forks=where.forks)
        where.lay_out(sandbox)
        right = references(sandbox)
        ran = run_with(sandbox, fault)
        found = [*damage(sandbox, right), *silence(sandbox, ran, right), *scars(sandbox, right)]
        if what != "KILL" and ran.status not in {0, 2}:
            found.append(f"ended with {ran.status}: {ran.talk[-300:]}")
        wrong.extend(f"{fault}: {text}" for text in found)
        shutil.rmtree(directory)
    return wrong


@pytest.mark.parametrize(("call", "what"), QUICK)
def test_t23_fault_at_every_call_leaves_whole_files_and_heals(
    call: str, what: str, scratch: Path, where: Undisturbed
) -> None:
    assert _check(scratch, call, what, where) == []


@pytest.mark.slow
@pytest.mark.parametrize(("call", "what"), SLOW)
def test_t23_other_faults_at_every_call_leave_whole_files_and_heal(
    call: str, what: str, scratch: Path, where: Undisturbed
) -> None:
    assert _check(scratch, call, what, where) == []


def test_t23_what_cannot_be_made_durable_gets_no_final_name(sandbox: Sandbox) -> None:
    require_strace()
    lay_out(sandbox)
    right = references(sandbox)
    fail = "--inject=syncfs,sync,fsync,fdatasync:error=EIO"
    wrapper = ("/usr/bin/strace", "-f", "-o", "/dev/null", "--trace=syncfs,sync,fsync,fdatasync", fail)
    ran = sandbox.compile("-O", "0,1", APP, wrapper=wrapper)
    assert (ran.status, {(one.status, one.reason) for one in ran.told if one.level is not None}) == (
        2,
        {("error", "io-error")},
    )
    assert sandbox.pycs() == set()
    assert list(scars(sandbox, right)) == []


@pytest.mark.parametrize("fault", ["", "--inject=syncfs:error=EIO"], ids=["syncfs-works", "syncfs-fails"])
def test_t23_contents_are_durable_before_the_names_and_names_in_the_end(
    fault: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    require_strace()
    lay_out(sandbox)
    log = tmp_path / "log"
    calls = "--trace=syncfs,sync,fsync,fdatasync,renameat,renameat2,rename,write,linkat,fchmod"
    wrapper = ("/usr/bin/strace", "-f", "-o", str(log), calls, *([fault] if fault else []))
    assert sandbox.compile("-O", "0,1", APP, wrapper=wrapper).status == 0
    lines = [line.split(None, 1)[1] for line in log.read_text(errors="replace").splitlines()]
    renames = [at for at, line in enumerate(lines) if line.startswith("rename") and ".pyc" in line]
    prepared = [at for at, line in enumerate(lines) if line.startswith("linkat")]
    synced = [at for at, line in enumerate(lines) if "sync" in line.partition("(")[0] and line.endswith("= 0")]
    assert len(renames) == len(SOURCES) * len(LEVELS)
    before = [at for at in synced if at < min(renames)]
    after = [at for at in synced if at > max(renames)]
    directories = len({path.rpartition("/")[0] for path in SOURCES})  # few: each is synced by itself
    assert (len(before), len(after)) == (len(renames) if fault else 1, directories)
    assert max(prepared) < min(before)
    assert len(before) + len(after) == len(synced)


@pytest.mark.parametrize(
    ("names", "synced"),
    [
        (("m",), ["fsync", "rename", "fsync"]),
        (("m", "n"), ["syncfs", "rename", "rename", "fsync"]),
        (tuple(f"{letter}/m" for letter in "abcde"), ["syncfs", *["rename"] * 5, "syncfs"]),
    ],
    ids=["one pyc", "few directories", "many directories"],
)
def test_t23_few_files_and_directories_are_synced_one_by_one(
    names: tuple[str, ...], synced: list[str], sandbox: Sandbox, tmp_path: Path
) -> None:
    require_strace()
    for name in names:
        sandbox.write(f"{APP}/{name}.py")
    log = tmp_path / "log"
    wrapper = ("/usr/bin/strace", "-f", "-o", str(log), "--trace=syncfs,fsync,renameat,renameat2,rename")
    assert sandbox.compile(APP, wrapper=wrapper).status == 0
    lines = [line.split(None, 1)[1] for line in log.read_text(errors="replace").splitlines()]
    told = [line for line in lines if "sync" in line.partition("(")[0] or ".pyc" in line]
    assert [re.sub(r"(at2?)?\(.*", "", line) for line in told] == synced
