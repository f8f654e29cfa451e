# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: paths as package managers list them, made plain, so that where a path lies can be told from its beginning."""

from __future__ import annotations

import os
import posixpath

_ABOVE = b"/.."


def plain_lines(data: bytes) -> list[bytes]:
    """Return the lines of a list of paths; no `..` is left in any."""
    lines = data.split(b"\n")
    return [plain(line) for line in lines] if _ABOVE in data else lines


def plain_names(data: bytes) -> list[str]:
    """Return the same, decoded: whole, for line by line takes twice as long."""
    lines = os.fsdecode(data).split("\n")
    return [os.fsdecode(plain(os.fsencode(line))) for line in lines] if _ABOVE in data else lines


def plain(path: bytes) -> bytes:
    """Return a path without `..`, as text: where a link is before it, the file may be another one, or none."""
    return posixpath.normpath(path) if _ABOVE in path else path
