# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The owners that a user namespace doesn't know."""

from __future__ import annotations

import os


def unmapped_user() -> int | None:
    """Return the user id under which this user namespace shows all owners that it doesn't know; None if it knows all.

    See user_namespaces(7). Where the number itself is mapped it may be an owner like any other, and is taken for one.
    """
    try:
        with open("/proc/self/uid_map", "rb") as stream:
            ranges = [tuple(map(int, line.split())) for line in stream]
        with open("/proc/sys/kernel/overflowuid", "rb") as stream:
            number = int(stream.read())
    except (OSError, ValueError):
        return None
    known = any(first <= number < first + length for first, _, length in ranges)
    return None if known or not ranges else number


def is_root() -> bool:
    """Whether this process has root's rights: not what fakeroot(1) says, which deceives the C library alone."""
    try:
        with open("/proc/self/status", "rb") as stream:
            lines = [line for line in stream if line.startswith(b"Uid:")]
    except OSError:
        lines = []
    return int(lines[0].split()[2]) == 0 if lines else os.geteuid() == 0


def mapped(number: int) -> bool:
    """Whether this user namespace knows a number as a user's and a group's; without /proc it knows all."""
    return all(_is_in(kind, number) for kind in ("uid_map", "gid_map"))


def _is_in(kind: str, number: int) -> bool:
    try:
        with open(f"/proc/self/{kind}", "rb") as stream:
            ranges = [tuple(map(int, line.split())) for line in stream]
    except (OSError, ValueError):
        return True
    return any(first <= number < first + length for first, _, length in ranges)
