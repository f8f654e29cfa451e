# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Other programs: started by an argument list, in a clean environment, with nothing of ours open."""

from __future__ import annotations

import os
import select
import sys
import time

from pkgtools.runtime.lean import NamedTuple, signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
"""All that a program of ours gets to see: nothing of the caller's environment.

Without a HOME, rpm 4.20 reads macros from a directory called `~` in its working directory.
"""

RPM = "/usr/bin/rpm"
"""rpm's program: where it is missing, rpm's records can't be read, and no package is taken for its own."""
_DESCRIPTORS = 1024
_MESSAGES = 1 << 20
NOT_STARTED = 127
"""The status of a program that couldn't be started; higher ones are signals."""


class ProcessResult(NamedTuple):
    """What a program said."""

    status: int
    """Its exit status; 128 and more if a signal ended it; 127 if it couldn't be started."""
    output: bytes
    """All of its standard output, undecoded; empty if it was killed for taking too long."""
    errors: bytes = b""
    """What it wrote to its standard error, where that was asked for."""
    is_late: bool = False
    """It was killed for taking too long."""


def run(
    argv: tuple[str, ...], *, directory: int | None = None, timeout: float = 600.0, errors: bool = False
) -> ProcessResult:
    """Run a program to its end and return what it wrote to its standard output; its input is empty.

    `directory` is a descriptor of its working directory, / if there is none. After `timeout` seconds it's killed.
    `errors`: return the first MiB of its standard error, too.
    """
    empty = nothing()
    ours, theirs = os.pipe()
    messages = os.memfd_create("errors") if errors else None
    process = start(argv, empty, theirs, messages, directory=directory)
    os.close(empty)
    os.close(theirs)
    try:
        output = read_until(ours, time.monotonic() + timeout)
    except BaseException:  # an interrupt above all; it is raised again
        os.kill(process, signal.SIGKILL)
        wait(process)
        raise
    finally:
        os.close(ours)
    if output is None:
        os.kill(process, signal.SIGKILL)
    status = wait(process)
    said = b"" if messages is None else _beginning(messages)
    return ProcessResult(status, output or b"", said, output is None)


def _beginning(descriptor: int) -> bytes:
    with open(descriptor, "rb", buffering=0) as stream:
        stream.seek(0)
        return stream.read(_MESSAGES)


def read_until(descriptor: int, deadline: float) -> bytes | None:
    """Read all that comes, to the end; None if the end hasn't come by `deadline`, a time of the monotonic clock."""
    chunks: list[bytes] = []
    while is_ready(descriptor, select.POLLIN, deadline):
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    return None


def write_fully(descriptor: int, data: bytes) -> None:
    """Write all of `data` to a pipe, waiting for its reader. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def is_ready(descriptor: int, event: int, deadline: float) -> bool:
    """Wait until a descriptor of any number is ready for an event of poll(2); False if it isn't by the deadline.

    select(2) takes none above 1,023, and a caller may leave us more open ones.
    """
    poll = select.poll()
    poll.register(descriptor, event)
    return bool(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))


def open_standard_streams() -> None:
    """Give standard streams that the caller closed a descriptor: the next file we open would get theirs."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            nothing()
    sys.stdin = sys.stdin or open(0, encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8")  # noqa: SIM115


def nothing() -> int:
    """Open what is empty and takes what is written: /dev/null, or memory where a chroot has no devices."""
    try:
        return os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return os.memfd_create("nothing")


def start(
    argv: tuple[str, ...],
    standard_input: int,
    standard_output: int,
    standard_error: int | None = None,
    *,
    directory: int | None = None,
) -> int:
    """Start a program and return its process number; without `standard_error` its messages go nowhere."""

    def work() -> None:
        os.execvpe(argv[0], argv, ENVIRONMENT)  # noqa: S606 - an argument list, no shell

    return fork(work, standard_input, standard_output, standard_error, directory=directory)


def spawn(argv: tuple[str, ...], standard_input: int | None = None) -> int:
    """Start a program that says nothing, and return its process number; cheaper than `start`. Raises OSError.

    It is found by its path, and may have descriptors of our caller's.
    """
    empty = nothing()
    given = empty if standard_input is None else standard_input
    streams = [(os.POSIX_SPAWN_DUP2, given, 0), *((os.POSIX_SPAWN_DUP2, empty, stream) for stream in (1, 2))]
    try:
        return os.posix_spawn(argv[0], argv, ENVIRONMENT, file_actions=streams, setsigdef=(signal.SIGPIPE,))
    finally:
        os.close(empty)


def succeeds(argv: tuple[str, ...], standard_input: int) -> bool:
    """Run a program that says nothing to its end; False too if it can't be started."""
    try:
        process = spawn(argv, standard_input)
    except OSError:
        return False
    try:
        return wait(process) == 0
    except BaseException:  # an interrupt; it is raised again
        os.kill(process, signal.SIGKILL)
        wait(process)
        raise


def fork(
    work: Callable[[], object],
    standard_input: int,
    standard_output: int,
    standard_error: int | None = None,
    *,
    directory: int | None = None,
    kept: frozenset[int] = frozenset(),
) -> int:
    """Do `work` in a fork of this process and return its number; all it has open are these descriptors, and `kept`."""
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        # inherited from a caller who doesn't wait for children: then the status of a program is lost
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process:
        return process
    status = NOT_STARTED
    try:
        os.dup2(standard_input, 0)
        os.dup2(standard_output, 1)
        os.dup2(nothing() if standard_error is None else standard_error, 2)
        os.chdir("/" if directory is None else directory)
        _close_all_but(kept)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        work()
        status = 0
    finally:
        os._exit(status)


def _close_all_but(kept: frozenset[int]) -> None:
    """Close all but the standard streams and `kept`; without /proc as many as a process may have by default."""
    try:
        highest = max(map(int, os.listdir("/proc/self/fd")))
    except OSError:
        highest = _DESCRIPTORS
    first = 3
    for descriptor in sorted(kept):
        os.closerange(first, descriptor)
        first = max(first, descriptor + 1)
    os.closerange(first, highest + 1)


def wait(process: int) -> int:
    """Wait for a process to end and return its status as a shell would give it."""
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)
