# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Errors and death at every system call: nothing broken has a final name, nothing is silent, a re-run heals."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.faults import (
    ALTERNATIVES,
    CALLS,
    LEVELS,
    SOURCES,
    Fault,
    damage,
    lay_out,
    points,
    references,
    require_strace,
    run_with,
    scars,
    silence,
)
from tests.runtime.sandbox import APP, Sandbox

ERRORS = ("KILL", "ENOSPC", "EIO", "EROFS", "EINTR", "EACCES")
QUICK = [
    *((call, "ENOSPC") for call in CALLS if call != "openat"),
    *((call, "KILL") for call in ("mkdirat", "write", "renameat", "linkat")),
]
SLOW = [pair for pair in itertools.product(CALLS, ERRORS) if pair not in QUICK]


@pytest.fixture(scope="module")
def where(scratch: Path) -> Iterator[dict[str, range]]:
    """Return the calls of an undisturbed run, by their numbers."""
    require_strace()
    directory = Path(tempfile.mkdtemp(dir=scratch))
    directory.chmod(0o755)
    sandbox = Sandbox(directory / "system")
    lay_out(sandbox)
    yield points(sandbox, directory / "log")
    shutil.rmtree(directory)


def _check(scratch: Path, call: str, what: str, where: dict[str, range]) -> list[str]:
    """Let `what` happen at each `call` of a run, one after the other; return what was wrong then."""
    wrong: list[str] = []
    names = [name for name in ALTERNATIVES.get(call, (call,)) if name in where]
    assert names, f"no {call} in a whole run: has the writer changed?"
    for name in names:
        for number in where[name]:
            fault = Fault(name, what, number)
            directory = Path(tempfile.mkdtemp(dir=scratch))
            directory.chmod(0o755)
            sandbox = Sandbox(directory / "system")
            lay_out(sandbox)
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
    call: str, what: str, scratch: Path, where: dict[str, range]
) -> None:
    assert _check(scratch, call, what, where) == []


@pytest.mark.slow
@pytest.mark.parametrize(("call", "what"), SLOW)
def test_t23_other_faults_at_every_call_leave_whole_files_and_heal(
    call: str, what: str, scratch: Path, where: dict[str, range]
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
    directories = len({path.rpartition("/")[0] for path in SOURCES})
    assert (len(before), len(after)) == ((len(renames), directories) if fault else (1, 1))
    assert max(prepared) < min(before)
    assert len(before) + len(after) == len(synced)
