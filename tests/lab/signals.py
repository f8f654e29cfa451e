# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A command that is sent a signal while it works, and the processes that it leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_LOOKS = 3000
"""Looks at the processes, a hundredth of a second apart, before a test gives up."""
HUGE_SOURCE = "x = [" + "(1, [2, {3: 4}], 5), " * 600_000 + "]\n"
"""Takes any interpreter many seconds, in one call of C code that no signal reaches."""
_AT_WORK = 150 << 20
"""Bytes of memory from which on a process is in the midst of compiling it."""
HEEDING = ("/usr/bin/env", "--default-signal=HUP,INT,TERM")
"""What a command is started with: a shell's background job, as the tests may be one, ignores interrupts."""
ENDINGS = {"hangup": (signal.SIGHUP, 129), "interrupt": (signal.SIGINT, 130), "terminate": (signal.SIGTERM, 143)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process as the kernel describes it."""

    number: int
    parent: int
    session: int
    state: str
    memory: int
    """Bytes that are in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    status: int
    output: bytes
    said: bytes
    left: tuple[Process, ...]
    """Processes of its session that still run."""


def end_while(
    argv: Sequence[object],
    number: signal.Signals,
    is_at_work: Callable[[tuple[Process, ...]], bool],
    *,
    to_all: bool = False,
    **how: object,
) -> Ended:
    """Start a command in a session of its own, send a signal when `is_at_work` holds, and see how it ends.

    The signal is sent to the command alone, or to all its processes, as a terminal does it.
    """
    with subprocess.Popen(
        [*HEEDING, *map(str, argv)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **how
    ) as process:  # type: ignore[call-overload] # the keywords of Popen
        until(lambda: is_at_work(session(process.pid)) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        if to_all:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        output, said = process.communicate(timeout=300)
        left = session(process.pid)
        for one in left:
            os.kill(one.number, signal.SIGKILL)
    return Ended(status=process.returncode, output=output, said=said, left=left)


def compiling(number: int) -> Callable[[tuple[Process, ...]], bool]:
    """Return the sign that so many processes are in the midst of compiling `HUGE_SOURCE`."""
    return lambda running: sum(one.memory > _AT_WORK for one in running) >= number


def session(number: int) -> tuple[Process, ...]:
    """Return the living processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        one = Process(
            number=int(path.parent.name),
            parent=int(fields[1]),
            session=int(fields[3]),
            state=fields[0],
            memory=int(fields[21]) * 4096,
        )
        if one.session == number and one.state not in "ZX":
            found.append(one)
    return tuple(found)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds. Raises AssertionError when it never does."""
    for _ in range(_LOOKS):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")
