# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Works for the workers of a test's cluster, which import them."""

from __future__ import annotations

import os
import signal
import time

POISON = 7


def twice(number: int) -> int:
    """Double a number; one of them kills who is at it."""
    if number == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * 2


def wait(number: int) -> int:
    """Take longer than any test."""
    time.sleep(600)
    return number
