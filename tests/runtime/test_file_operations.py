# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The file operations alone: exact effects, no descriptor left open, nothing left behind by a failure."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Ownership, Reason
from pkgtools.runtime.system import safefs, temporaries
from pkgtools.runtime.system.processes import run

OWN = Ownership(0o640, 0, 65533)
PATH = InstalledPath("/c/m.pyc")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "below").mkdir(0o777)
    (tmp_path / "link").symlink_to("below")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def _write_and_publish(directory: int) -> None:
    files = safefs.TemporaryFiles()
    written = files.write(PATH, directory, b"body", OWN)
    files.link(PATH, directory, written)
    safefs.publish(directory, written, "m.pyc")
    files.release(lambda _: directory)


def _sweep_what_lives(directory: int) -> None:
    files = safefs.TemporaryFiles()
    written = files.write(PATH, directory, b"body", OWN)
    assert not temporaries.remove_dead(directory, written.name)
    assert temporaries.living(directory, frozenset([written.name])) == {written.name}
    files.release(lambda _: directory)
    safefs.remove_file(directory, written.name)


OPERATIONS: dict[str, Callable[[int], object]] = {
    "make a directory": lambda d: safefs.make_directory(d, "new", OWN),
    "make one that is there": lambda d: safefs.make_directory(d, "below", OWN),
    "claim": lambda d: safefs.claim_directory(d, "below", OWN),
    "claim a link": lambda d: safefs.claim_directory(d, "link", OWN),
    "repair": lambda d: safefs.repair_file(d, "file", OWN),
    "repair a link": lambda d: safefs.repair_file(d, "link", OWN),
    "repair a directory": lambda d: safefs.repair_file(d, "below", OWN),
    "write": _write_and_publish,
    "write the state": lambda d: safefs.write_state(d, "state", b"state", PATH),
    "sync a file": lambda d: safefs.sync_file(d, "file"),
    "open a directory": lambda d: safefs.open_file(d, "below"),
    "open a link": lambda d: safefs.open_file(d, "link"),
    "sync a file system": safefs.sync_file_system,
    "sweep what is dead": lambda d: temporaries.remove_dead(d, temporaries.temporary_name("0" * 16, "m.pyc", 1)),
    "sweep what lives": _sweep_what_lives,
    "run a program": lambda _: run(("/bin/true",), errors=True),
    "run a program that isn't there": lambda _: run(("/nonexistent",)),
    "run a program for too long": lambda _: run(("/bin/sleep", "600"), timeout=0.05),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_descriptor_stays_open(name: str, directory: int) -> None:
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(3):
        try:
            OPERATIONS[name](directory)
        except OSError:
            continue
    assert set(os.listdir("/proc/self/fd")) == before


def test_directory_is_made_with_exactly_this_owner_and_mode(directory: int) -> None:
    os.umask(os.umask(0o077))
    safefs.make_directory(directory, "new", OWN)
    found = os.stat("new", dir_fd=directory)
    assert (found.st_mode & 0o7777, found.st_uid, found.st_gid) == (0o640, 0, 65533)


def test_directory_that_is_there_is_left_as_it_is(directory: int) -> None:
    before = os.stat("below", dir_fd=directory)
    safefs.make_directory(directory, "below", OWN)
    assert os.stat("below", dir_fd=directory) == before


def test_claimed_directory_is_ours_and_a_link_is_not_followed(directory: int) -> None:
    with pytest.raises(NotADirectoryError):
        safefs.claim_directory(directory, "link", OWN)
    assert os.stat("below", dir_fd=directory).st_gid == 0
    safefs.claim_directory(directory, "below", OWN)
    found = os.stat("below", dir_fd=directory)
    assert (found.st_mode & 0o7777, found.st_gid) == (0o640, 65533)


def test_what_is_right_already_is_not_touched(directory: int) -> None:
    safefs.repair_file(directory, "file", OWN)
    before = os.stat("file", dir_fd=directory)
    safefs.repair_file(directory, "file", OWN)
    assert os.stat("file", dir_fd=directory) == before


def test_temporary_that_cannot_be_settled_is_not_left(directory: int) -> None:
    files = safefs.TemporaryFiles()
    with pytest.raises(OverflowError):  # no error of the system: whatever it is
        files.write(PATH, directory, b"body", Ownership(0o644, 1 << 40, 0))
    files.release(lambda _: directory)
    assert sorted(os.listdir(directory)) == ["below", "file", "link"]


def test_state_that_cannot_be_written_leaves_nothing(directory: int) -> None:
    os.mkdir("state", dir_fd=directory)
    os.mkdir("state/in it", dir_fd=directory)
    with pytest.raises(OSError, match="directory"):
        safefs.write_state(directory, "state", b"state", PATH)
    assert sorted(os.listdir(directory)) == ["below", "file", "link", "state"]


def test_state_is_not_written_where_others_can_write(directory: int) -> None:
    below = os.open("below", os.O_RDONLY, dir_fd=directory)
    os.fchmod(below, 0o777)
    with pytest.raises(Refused):
        safefs.write_state(below, "state", b"state", PATH)
    assert os.listdir(below) == []
    os.close(below)


def test_lock_whose_directory_is_out_of_reach_is_let_go(directory: int) -> None:
    files = safefs.TemporaryFiles()
    written = files.write(PATH, directory, b"body", OWN)

    def refuse(path: InstalledPath) -> int:
        raise Refused(path, Reason.SYMLINK, "a link")

    files.release(refuse)
    assert temporaries.remove_dead(directory, written.name)


def test_lock_file_that_is_gone_is_let_go(directory: int) -> None:
    lock = temporaries.RunLock(directory)
    os.unlink(temporaries.lock_name(lock.token), dir_fd=directory)
    lock.release(directory)
    lock.close()


@pytest.mark.parametrize("kind", ["directory", "link", "fifo"])
def test_lock_that_no_run_made_keeps_no_temporary(kind: str, directory: int) -> None:
    token = temporaries.new_token()
    name = temporaries.temporary_name(token, "m.pyc", 1)
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=directory))
    if kind == "directory":
        os.mkdir(temporaries.lock_name(token), dir_fd=directory)
    elif kind == "fifo":
        os.mkfifo(temporaries.lock_name(token), dir_fd=directory)
    else:
        os.symlink("file", temporaries.lock_name(token), dir_fd=directory)
    assert temporaries.remove_dead(directory, name)
    assert not temporaries.remove_dead(directory, name)
    assert not temporaries.remove_dead(directory, "m.pyc")


def test_removing_says_what_it_did(directory: int) -> None:
    assert [safefs.remove_file(directory, "file") for _ in range(2)] == [True, False]
    assert [safefs.remove_empty_directory(directory, "below") for _ in range(2)] == [True, False]
    assert not safefs.remove_empty_directory(directory, "link")
    os.mkdir("full", dir_fd=directory)
    os.mkdir("full/er", dir_fd=directory)
    assert not safefs.remove_empty_directory(directory, "full")
    with pytest.raises(IsADirectoryError):
        safefs.remove_file(directory, "full")


def test_program_that_takes_too_long_is_killed() -> None:
    done = run(("/bin/sleep", "600"), timeout=0.05)
    assert (done.status, done.is_late) == (128 + 9, True)


def test_what_a_program_says_is_returned_in_its_streams() -> None:
    done = run(("/bin/sh", "-c", "echo out; echo err >&2; pwd; cat; exit 5"), errors=True)
    assert (done.status, done.output, done.errors, done.is_late) == (5, b"out\n/\n", b"err\n", False)
    assert run(("/nonexistent",)).status == 127


def test_errors_of_a_program_are_returned_up_to_a_mebibyte() -> None:
    for size, kept in ((1000, 1000), (3 << 20, 1 << 20)):
        done = run(("/bin/sh", "-c", f"head -c {size} /dev/zero >&2"), errors=True)
        assert len(done.errors) == kept
