# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The content of files, as those give it who read packages and systems."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Protocol

from pkgtools.runtime.facts import InstalledPath

_CHUNK = 1 << 20

Fetch = Callable[[AbstractSet[InstalledPath]], dict[InstalledPath, bytes]]
"""Returns the contents of files of a package or system; of those that it could read."""


class Readable(Protocol):
    """The content of one file; at its end `read` returns nothing."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""


def read_up_to(stream: Readable, size: int) -> bytes:
    """Return `size` bytes of a stream, fewer if it ends before, asked for in reasonable pieces."""
    parts = []
    while size > 0 and (part := stream.read(min(size, _CHUNK))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def digest_of_attributes(attributes: Iterable[tuple[str, bytes]]) -> str:
    """Return a SHA-256 of extended attributes, each a name and a value, in their order; hexadecimal."""
    digest = hashlib.sha256()
    for name, value in attributes:
        digest.update(f"{name}\0{len(value)}\0".encode("utf-8", "surrogateescape") + value)
    return digest.hexdigest()
