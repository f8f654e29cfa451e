# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How our programs end: by themselves, or by a signal, which is raised as an exception so that all is put away first.

The exit status is then 128 and the signal's number, as shells count: 130 for ^C, 143 for SIGTERM.
"""

from __future__ import annotations

import os
import sys

from pkgtools.runtime.lean import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_INSISTENT = 3
"""Signals after which one is raised again: what was begun is taken back undisturbed by the second."""
_MOMENT = 0.05
"""Seconds."""
_received: list[int] = []
_holding: list[int] = []
"""For each block that is not to be interrupted, how many signals had come when it began."""


class Interrupted(KeyboardInterrupt):
    """The user or the system wants the program to end; its argument is the signal's number."""


def exit_with(program: Callable[[], int], answer: int = 0, *, at_once: bool = False) -> NoReturn:
    """Run a program and exit with `answer` and its status, or with the status of the signal that ended it.

    A pipe that its reader closed is not an error: the reader has enough. `at_once` leaves modules and objects as they
    are, which saves 2 ms of a run of 20; functions registered with atexit are not called.
    """
    raise_interrupts()
    status = 2
    try:
        try:
            status = program()
        except SystemExit as end:  # as argparse raises it, for --help
            status = int(end.code or 0)
        sys.stdout.flush()
        if is_interrupted():  # its exception was lost, and the moment has not passed
            raise Interrupted(_received[0])
    except BrokenPipeError:
        write_nowhere()
    except KeyboardInterrupt as interrupt:
        status, answer = interrupt_status(interrupt), 0
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if at_once:
        _flush()
        os._exit(answer + status)
    sys.exit(answer + status)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # as when the interpreter flushes them at its end: it cannot be reported
            continue


def write_nowhere() -> None:
    """Let go nowhere what is still to be written to the standard streams."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


class Held:
    """What is begun in its block is ended: a signal that comes is raised behind it.

    For the moment between a file's coming into being and its name being noted down for removal.
    """

    def __enter__(self) -> None:
        _holding.append(len(_received))

    def __exit__(self, *_error: object) -> None:
        """Raise Interrupted for a signal that came meanwhile."""
        before = _holding.pop()
        if before == 0 and _received and not _holding:
            raise Interrupted(_received[0])


def raise_interrupts() -> None:
    """Raise Interrupted for the signals that end programs, from now on; those that are ignored stay so.

    An exception that is raised while Python runs a destructor is lost: it is raised again a moment later.
    """
    sys.unraisablehook = _again_where_lost
    signal.signal(signal.SIGALRM, _interrupt_again)
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def is_interrupted() -> bool:
    """Whether one of these signals came, were its exception caught or lost."""
    return bool(_received)


def interrupt_status(interrupt: KeyboardInterrupt) -> int:
    """Return the exit status of a program that was interrupted."""
    number = interrupt.args[0] if isinstance(interrupt, Interrupted) else signal.SIGINT
    return 128 + int(number)


def _again_where_lost(lost: sys.UnraisableHookArgs) -> None:
    if isinstance(lost.exc_value, Interrupted):
        signal.setitimer(signal.ITIMER_REAL, _MOMENT)
    else:
        sys.__unraisablehook__(lost)


def _interrupt_again(_number: int, _frame: FrameType | None) -> None:
    raise Interrupted(_received[0])


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    if _holding:
        return
    if len(_received) == 1 or len(_received) >= _INSISTENT:
        raise Interrupted(_received[0])
