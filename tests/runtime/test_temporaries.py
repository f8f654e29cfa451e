# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Temporary files of two runs are never mixed up, living ones are never swept, dead ones always go."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime.facts import InstalledPath, Ownership
from pkgtools.runtime.policy.layout import NAME_MAX, parse_pyc_name, parse_temporary_name
from pkgtools.runtime.system import safefs, temporaries
from tests.runtime.faults import require_strace
from tests.runtime.sandbox import APP, TRIGGERS, Sandbox, pyc_of
from tests.runtime.sandbox import temporaries as temporary_files

BOTH_WAYS = True

OWN = Ownership(0o644, 0, 0)
CACHE = f"{APP}/__pycache__"
NAMES = ["m.cpython-311.pyc", "n" * 250, "x" * 255, "\udcff" * 255]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    """Return an open directory."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


@given(target=st.text(min_size=1, max_size=255), serial=st.integers(0, 2**31))
def test_name_fits_has_the_runs_token_and_is_no_pyc(target: str, serial: int) -> None:
    token = temporaries.new_token()
    name = temporaries.temporary_name(token, target, serial)
    assert temporaries.token_of(name) == temporaries.token_of(temporaries.lock_name(token)) == token
    assert len(name) <= NAME_MAX // 2
    assert (parse_pyc_name(name), parse_temporary_name(name)) == (None, None)


@pytest.mark.parametrize("target", NAMES, ids=len)
def test_t23_target_of_any_length_has_a_temporary(target: str, directory: int) -> None:
    files = safefs.TemporaryFiles()
    written = files.write(InstalledPath(f"/c/{target}"), directory, b"body", OWN)
    safefs.publish(directory, written, target)
    assert os.stat(target, dir_fd=directory).st_size == 4
    files.release(lambda _: directory)
    assert os.listdir(directory) == [target]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".tmp",
        ".pkgtools-.tmp",
        ".pkgtools-1-1.tmp",
        ".pkgtools-0123456789abcdef.tmp",
        "x.pkgtools-0123456789abcdef.lock",
    ],
)
def test_other_hidden_files_are_not_ours(name: str) -> None:
    assert temporaries.token_of(name) is None


def test_two_runs_never_choose_the_same_names(directory: int) -> None:
    one, other = safefs.TemporaryFiles(), safefs.TemporaryFiles()
    path = InstalledPath("/c/m.cpython-311.pyc")
    assert one.write(path, directory, b"1", OWN).name != other.write(path, directory, b"2", OWN).name
    one.release(lambda _: directory)
    other.release(lambda _: directory)


def test_living_run_is_not_swept_and_a_dead_one_is(directory: int) -> None:
    files = safefs.TemporaryFiles()
    path = InstalledPath("/c/m.cpython-311.pyc")
    written = files.write(path, directory, b"body", OWN)
    names = frozenset(os.listdir(directory))
    assert temporaries.living(directory, names) == names
    assert not temporaries.remove_dead(directory, written.name)
    files.release(lambda _: directory)  # the lock goes, as with the process
    assert temporaries.living(directory, frozenset([written.name])) == frozenset()
    assert temporaries.remove_dead(directory, written.name)
    assert os.listdir(directory) == []


def test_lock_is_one_that_no_other_user_could_hold(directory: int) -> None:
    lock = temporaries.RunLock(directory)
    found = os.stat(temporaries.lock_name(lock.token), dir_fd=directory)
    assert (found.st_mode & 0o777, found.st_uid) == (0o600, 0)
    lock.release(directory)


def test_without_locks_nothing_of_another_run_is_swept(directory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    files = safefs.TemporaryFiles()

    def fail(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    written = files.write(InstalledPath("/c/m.pyc"), directory, b"body", OWN)
    assert written.name in temporaries.living(directory, frozenset(os.listdir(directory)))
    assert not temporaries.remove_dead(directory, written.name)
    files.release(lambda _: directory)


def test_lock_that_a_sweeper_took_first_is_made_anew(directory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between making the lock file and locking it another run may take it for one of the dead."""
    real = fcntl.flock
    tokens: list[str] = []

    def sweep_first(descriptor: int, operation: int) -> None:
        if not tokens:
            tokens.extend(os.listdir(directory))
            os.unlink(tokens[0], dir_fd=directory)
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    lock = temporaries.RunLock(directory)
    assert os.listdir(directory) == [temporaries.lock_name(lock.token)] != tokens
    lock.release(directory)


def test_file_that_took_a_temporarys_name_is_not_published(directory: int) -> None:
    files = safefs.TemporaryFiles()
    written = files.write(InstalledPath("/c/m.pyc"), directory, b"ours", OWN)
    other = os.open("other", os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=directory)
    os.write(other, b"theirs")
    os.close(other)
    os.rename("other", written.name, src_dir_fd=directory, dst_dir_fd=directory)
    with pytest.raises(OSError, match="isn't the one"):
        safefs.publish(directory, written, "m.pyc")
    assert "m.pyc" not in os.listdir(directory)
    files.release(lambda _: directory)


def _held_before_rename(sandbox: Sandbox) -> subprocess.Popen[bytes]:
    """Start a compilation that waits before it gives a pyc its name, as process number 7 of a namespace of its own."""
    wrapper = [
        "/usr/bin/strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "--trace=renameat",
        "--inject=renameat:delay_enter=30s",
    ]
    command = [str(TRIGGERS / "pkgtools-compile"), "--root", str(sandbox.root), APP]
    process = subprocess.Popen(["/usr/bin/unshare", "--pid", "--fork", "--mount-proc", *wrapper, *command])
    while not temporary_files(sandbox):
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("command", ["compile", "clean"])
def test_run_in_another_process_namespace_is_seen_to_live(command: str, sandbox: Sandbox) -> None:
    """Two containers share a directory: both are process 1 or 7."""
    require_strace()
    sandbox.write(f"{APP}/m.py")
    process = _held_before_rename(sandbox)
    held = temporary_files(sandbox)
    ran = sandbox.run(f"pkgtools-{command}", APP, wrapper=("/usr/bin/unshare", "--pid", "--fork", "--mount-proc"))
    assert (ran.status, temporary_files(sandbox)) == (0, held)
    process.send_signal(signal.SIGKILL)
    subprocess.run(["/usr/bin/pkill", "-KILL", "-f", str(sandbox.root)], check=False)
    process.wait()
    while sandbox.clean(APP).status == 0 and sandbox.exists(CACHE):
        time.sleep(0.05)  # until the killed process is gone, and its lock with it
    assert sandbox.compile(APP).status == 0
    assert sandbox.pycs() == {pyc_of(f"{APP}/m.py")}


@pytest.mark.parametrize(("owner", "mode"), [(65534, 0o600), (0, 0o644), (0, 0o660)])
def test_file_that_another_user_can_hold_locked_is_no_lock(owner: int, mode: int, sandbox: Sandbox) -> None:
    """Whoever could once write to the cache directory kept it from ever going with its package."""
    sandbox.write(f"{APP}/m.py")
    sandbox.directory(CACHE, owner=(65534, 65534))
    planted = [sandbox.write(f"{CACHE}/{name}", mode=mode, owner=(owner, owner)) for name in DEAD]
    with open(sandbox.path(planted[1]), "rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert sandbox.compile(APP).status == 0
        assert set(sandbox.below(CACHE)) == {pyc_of(f"{APP}/m.py")}
        assert sandbox.clean(APP).status == 0
    assert not sandbox.exists(CACHE)


DEAD = [".pkgtools-0123456789abcdef-00000000-1.tmp", ".pkgtools-0123456789abcdef.lock"]


def test_leftovers_and_empty_cache_directories_go_where_no_source_is(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    for name in DEAD:
        sandbox.write(f"{APP}/gone/__pycache__/{name}")
    sandbox.directory(f"{APP}/empty/__pycache__")
    sandbox.write(f"{APP}/kept/__pycache__/README")
    assert sandbox.compile(APP).status == 0
    assert not sandbox.exists(f"{APP}/gone/__pycache__")
    assert not sandbox.exists(f"{APP}/empty/__pycache__")
    assert sandbox.exists(f"{APP}/kept/__pycache__/README")


def test_state_file_of_a_dead_run_blocks_nobody_and_goes(sandbox: Sandbox) -> None:
    state = "/var/lib/pkgtools"
    sandbox.write(f"{state}/{DEAD[1]}", "half a report", mode=0o600)
    assert sandbox.run("pkgtools-trigger").status == 0
    names = {path.removeprefix(f"{state}/").partition("-")[0] for path in sandbox.below(state)}
    assert names <= {"trigger.json", "packages", "sources", "record"}
    assert {entry.mode for entry in sandbox.below(state).values()} <= {0o600, 0o700}
