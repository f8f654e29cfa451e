# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Programs and forks of ours have three descriptors, whatever the process has that starts them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pkgtools.runtime.system.processes import fork, nothing, run, wait


@pytest.fixture(autouse=True)
def _inherited() -> Iterator[None]:
    """Hold descriptors that a program would inherit, the lowest and a high one among them."""
    held = [os.open("/etc/passwd", os.O_RDONLY) for _ in range(3)]
    high = os.dup2(held[0], 900)
    for descriptor in held:
        os.set_inheritable(descriptor, True)
    yield
    for descriptor in (*held, high):
        os.close(descriptor)


def test_program_inherits_no_descriptor() -> None:
    done = run(("/bin/sh", "-c", "for f in /proc/$$/fd/*; do readlink $f; done"))
    assert b"/etc/passwd" not in done.output
    assert run(("/bin/sh", "-c", "echo /proc/$$/fd/*; exit 3")).status == 3


def test_fork_has_no_descriptor() -> None:
    ours, theirs = os.pipe()

    def work() -> None:
        os.write(1, " ".join(sorted(os.listdir("/proc/self/fd"), key=int)).encode())

    empty = nothing()
    process = fork(work, empty, theirs)
    os.close(theirs)
    os.close(empty)
    with open(ours, "rb") as stream:
        found = stream.read().split()
    assert wait(process) == 0
    assert found[:3] == [b"0", b"1", b"2"]
    assert len(found) == 4  # the fourth is the directory that is being read
