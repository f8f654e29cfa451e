# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The file systems that are mounted below a directory, bind mounts among them (proc_pid_mountinfo(5))."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pkgtools.runtime.errors import EnvironmentFault, said
from pkgtools.runtime.facts import InstalledPath

_TABLE = Path("/proc/self/mountinfo")
_MOUNT_POINT = 4
"""The field of a line, counted from 0."""
_ESCAPED = re.compile(rb"\\([0-7]{3})")


def mount_points(top: Path) -> frozenset[InstalledPath]:
    """Return the mount points below a directory, as the system in it sees them.

    Raises EnvironmentFault where /proc isn't mounted: then a bind mount can't be told from a directory.
    """
    root = os.fsencode(top.resolve()).rstrip(b"/") + b"/"
    try:
        lines = _TABLE.read_bytes().splitlines()
    except OSError as error:
        raise EnvironmentFault(f"{_TABLE}: {said(error)}: mount /proc, or cross file systems") from error
    fields = (line.split(b" ") for line in lines)
    points = [_ESCAPED.sub(_unescaped, line[_MOUNT_POINT]) for line in fields if len(line) > _MOUNT_POINT]
    return frozenset(
        InstalledPath(os.fsdecode(b"/" + point[len(root) :]))
        for point in points
        if point.startswith(root) and point != root
    )


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 8) & 0xFF])
