# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Our own programs, started as processes of their own: they have workers and temporary files to put away."""

from __future__ import annotations

import subprocess
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE = 10.0
"""Seconds that an interrupted program has to end by itself."""


def run_ours(
    argv: Sequence[str], *, output: IO[str] | None = None, errors: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. An interrupt is passed on as SIGTERM, and raised again when the program has ended.

    (subprocess.run would kill it, and leave its workers.)
    """
    with subprocess.Popen(argv, stdout=output, stderr=errors, text=True, errors="surrogateescape") as process:
        try:
            said = process.communicate()[1]
        except BaseException:  # an interrupt above all; it is raised again
            process.terminate()
            try:
                process.wait(_PATIENCE)
            finally:
                process.kill()
            raise
    return subprocess.CompletedProcess(argv, process.returncode, stderr=said)
