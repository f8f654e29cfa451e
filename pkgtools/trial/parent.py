# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A process that ends with its parent, and shares no keys with it (prctl(2), keyctl(2))."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import EnvironmentFault

if TYPE_CHECKING:
    import signal

_PDEATHSIG = 1
_JOIN_SESSION_KEYRING = 1
_KEYCTL = {"x86_64": 250, "i686": 288, "i386": 288, "armv7l": 311, "ppc64le": 271, "ppc64": 271, "s390x": 280}
"""The number of keyctl(2) on machines that were there before Linux gave new ones a common table."""
_KEYCTL_OF_NEW_MACHINES = 219


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this process a signal when the thread that forked it ends; a change of ids forgets this.

    A parent that ended before isn't noticed: the caller has to look.
    """
    ctypes.CDLL(None).prctl(_PDEATHSIG, number)


def leave_session_keyring() -> None:
    """Give this process a session keyring of its own; a user namespace keeps that of the caller, with all its keys.

    Raises EnvironmentFault where the kernel has keyrings and gives none.
    """
    machine = platform.machine()
    if machine == "x86_64" and sys.maxsize < 1 << 32:
        machine = "i386"
    libc = ctypes.CDLL(None, use_errno=True)
    number = _KEYCTL.get(machine, _KEYCTL_OF_NEW_MACHINES)
    if libc.syscall(number, _JOIN_SESSION_KEYRING, None) < 0 and ctypes.get_errno() != errno.ENOSYS:
        raise EnvironmentFault(f"no session keyring can be made: {os.strerror(ctypes.get_errno())}")
