# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Other programs: started by an argument list, in a clean environment, with nothing of ours open."""

from __future__ import annotations

import os
import signal
from typing import NamedTuple

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
"""All that a program of ours gets to see: nothing of the caller's environment."""

_NOT_STARTED = 127


class Result(NamedTuple):
    """What a program said."""

    status: int
    """Its exit status; 128 and more if a signal ended it; 127 if it couldn't be started."""
    output: bytes


def run(argv: tuple[str, ...], *, directory: int | None = None, given: bytes = b"") -> Result:
    """Run a program to its end and return what it wrote to its standard output.

    `directory` is a descriptor of its working directory, / if there is none; `given` (a few bytes) is its input.
    """
    child_input, parent_output = os.pipe()
    parent_input, child_output = os.pipe()
    process = start(argv, child_input, child_output, directory=directory)
    os.close(child_input)
    os.close(child_output)
    if given:
        os.write(parent_output, given)
    os.close(parent_output)
    chunks = []
    with open(parent_input, "rb", buffering=0) as stream:
        while chunk := stream.read(1 << 16):
            chunks.append(chunk)
    return Result(wait(process), b"".join(chunks))


def start(argv: tuple[str, ...], standard_input: int, standard_output: int, *, directory: int | None = None) -> int:
    """Start a program and return its process number; its messages go nowhere."""
    process = os.fork()
    if process:
        return process
    try:
        os.dup2(standard_input, 0)
        os.dup2(standard_output, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.chdir("/" if directory is None else directory)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execvpe(argv[0], argv, ENVIRONMENT)  # noqa: S606 - an argument list, no shell
    finally:
        os._exit(_NOT_STARTED)


def wait(process: int) -> int:
    """Wait for a process to end and return its status as a shell would give it."""
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)
