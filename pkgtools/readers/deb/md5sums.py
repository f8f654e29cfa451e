# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the checksums that a .deb brings (deb-md5sums(5)), and files that are lists of names, a line each."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from pkgtools.model.package import Digest

if TYPE_CHECKING:
    from collections.abc import Iterator

_MD5SUM = re.compile(r"([0-9a-f]{32})  (?:\./)?(.+)")


def read_md5sums(content: bytes) -> Iterator[tuple[str, Digest]]:
    """Yield paths, relative to the root directory, with their digests; lines that are none are left out."""
    for line in read_lines(content):
        if found := _MD5SUM.fullmatch(line):
            yield found[2], Digest(algorithm="md5", value=found[1])


def read_lines(content: bytes) -> Iterator[str]:
    """Yield the lines, which end with a newline and nothing else that might stand in a name."""
    return (line.rstrip(b"\n").decode("utf-8", "surrogateescape") for line in io.BytesIO(content))
