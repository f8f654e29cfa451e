# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which loader a program names (elf(5), PT_INTERP): the one thing that root has to know before anything of it runs."""

from __future__ import annotations

import os

_MAGIC = b"\x7fELF"
_PT_INTERP = 3
_MOST_HEADERS = 128
_LONGEST_PATH = 4096


class NotElf(ValueError):
    """A file isn't an ELF program."""


def loader_in(descriptor: int) -> str | None:
    """Return the path of the loader that an open program names; None for a static one. Raises NotElf, OSError."""
    head = os.pread(descriptor, 64, 0)
    if len(head) < 64 or head[:4] != _MAGIC or head[4] not in {1, 2} or head[5] not in {1, 2}:
        raise NotElf("it isn't an ELF program")
    is_64 = head[4] == 2

    def number(data: bytes, offset: int, size: int) -> int:
        return int.from_bytes(data[offset : offset + size], "little" if head[5] == 1 else "big")

    table, entry, count = (
        (number(head, 32, 8), number(head, 54, 2), number(head, 56, 2))
        if is_64
        else (number(head, 28, 4), number(head, 42, 2), number(head, 44, 2))
    )
    for index in range(min(count, _MOST_HEADERS)):
        header = os.pread(descriptor, entry, table + index * entry)
        if number(header, 0, 4) == _PT_INTERP:
            offset, size = (
                (number(header, 8, 8), number(header, 32, 8))
                if is_64
                else (number(header, 4, 4), number(header, 16, 4))
            )
            path = os.pread(descriptor, min(size, _LONGEST_PATH), offset).rstrip(b"\0")
            if not path.startswith(b"/") or b"\0" in path:
                raise NotElf("the path of its loader isn't absolute")
            return os.fsdecode(path)
    return None
