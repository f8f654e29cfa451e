# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Running commands and counting what they cost."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Command = Sequence[str]
"""An argv list."""


class Cost(NamedTuple):
    """What one or several commands took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of processor time, user and system, of the command and all its children."""

    def minus(self, other: "Cost") -> "Cost":
        """Return the difference, never below a tenth of a millisecond."""
        return Cost(max(self.wall - other.wall, 1e-4), max(self.cpu - other.cpu, 1e-4))


def measure(commands: Sequence[Command], environment: dict[str, str]) -> Cost:
    """Run commands one after the other and return what they took together.

    Raises CalledProcessError, after printing its output, if one of them fails.
    """
    wall = cpu = 0.0
    for command in commands:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        wall += time.perf_counter() - started
        cpu += usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.stdout:
            process.stdout.close()
        if process.returncode:
            sys.stderr.buffer.write(output)
            raise subprocess.CalledProcessError(process.returncode, list(command))
    return Cost(wall, cpu)


def clean_environment(scratch: Path) -> dict[str, str]:
    """Return an environment that no setting of the caller reaches."""
    return {
        "HOME": str(scratch),
        "LC_ALL": "C.UTF-8",
        "PATH": PATH,
        "UV_CACHE_DIR": str(scratch / "uv-cache"),
        "UV_LINK_MODE": "hardlink",
        "UV_NO_CONFIG": "1",
    }


class Ratio(NamedTuple):
    """How much more one contender took than another, round by round."""

    median: float
    low: float
    high: float


def compare(dividends: Sequence[float], divisors: Sequence[float]) -> Ratio:
    """Divide what was measured in the same rounds."""
    ratios = [dividend / divisor for dividend, divisor in zip(dividends, divisors, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))
