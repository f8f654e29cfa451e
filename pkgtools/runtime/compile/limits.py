# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Limits to what a worker may take, by programs: python3-minimal has no setrlimit(2)."""

from __future__ import annotations

import os

from pkgtools.runtime.system.processes import spawn, wait

_PRLIMIT = "/usr/bin/prlimit"
MEMORY = 4 << 30
"""Bytes of address space that a worker may have."""
UNLIMITED_SOURCE = 1 << 20
"""Bytes of source that may be compiled without a limit to memory."""
_SHELL_LIMIT = 'ulimit -c 0 && { [ -z "$1" ] || ulimit -v "$1"; } && shift && exec "$@"'


def ways_to_start(argv: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return commands that start a worker, the best first: limited by prlimit(1), by a shell, not at all.

    A lower limit that holds already is kept. prlimit may be missing, be in the middle of an upgrade, or be forbidden.
    """
    limit = str(MEMORY) if _is_above(_soft_limit(), MEMORY) else ""
    ways: list[tuple[str, ...]] = []
    if os.path.exists(_PRLIMIT):
        ways.append((_PRLIMIT, *((f"--as={limit}",) if limit else ()), "--core=0", "--", *argv))
    ways.append(("/bin/sh", "-c", _SHELL_LIMIT, "sh", str(MEMORY // 1024) if limit else "", *argv))
    ways.append(argv)
    return ways


def _soft_limit() -> int | None:
    """Return the bytes of address space that this process may have; None for no limit (proc_pid_limits(5))."""
    try:
        with open("/proc/self/limits", "rb") as stream:
            lines = stream.read().split(b"\n")
    except OSError:
        return None
    found = [line.split()[3] for line in lines if line.startswith(b"Max address space")]
    return int(found[0]) if found and found[0].isdigit() else None


def _is_above(limit: int | None, number: int) -> bool:
    return limit is None or limit > number


def limit_process(number: int) -> int | None:
    """Start to limit a process of ours, by its number, and return the number of prlimit(1); None where it's missing.

    A lower limit that holds for us, and so for it, is kept.
    """
    memory = (f"--as={MEMORY}",) if _is_above(_soft_limit(), MEMORY) else ()
    try:
        return spawn((_PRLIMIT, f"--pid={number}", *memory, "--core=0"))
    except OSError:  # or it is in the middle of an upgrade
        return None


class OwnLimit:
    """The limit to what this process may take, a fork of the main one; it is set when it's first asked for."""

    def __init__(self) -> None:
        """Set nothing yet."""
        self._holds: bool | None = None

    def holds(self) -> bool:
        """Return whether memory is limited, after an attempt to limit it."""
        if self._holds is None:
            limiter = limit_process(os.getpid())
            self._holds = limiter is not None and wait(limiter) == 0
        return self._holds or not _is_above(_soft_limit(), MEMORY)
