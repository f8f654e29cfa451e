# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""RPM packages made byte by byte, as nobody's rpmbuild would, and what it costs to read them."""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pkgtools.readers.rpm.tags import Tag
from tests.lab.ours import CHECKOUT
from tests.lab.work import COUNTING

Value = tuple[int, bytes, int]
"""Type, bytes in the store and number of a tag's values."""


def numbers(*values: int, width: int = 4) -> Value:
    """Make the value of a tag that has whole numbers of some bytes each."""
    kinds = {1: 2, 2: 3, 4: 4, 8: 5}
    return kinds[width], b"".join(one.to_bytes(width, "big") for one in values), len(values)


def strings(*values: str) -> Value:
    """Make the value of a tag that has an array of strings."""
    return 8, b"".join(one.encode() + b"\0" for one in values), len(values)


def string(value: str) -> Value:
    """Make the value of a tag that has a string."""
    return 6, value.encode() + b"\0", 1


def header(tags: Mapping[int, Value]) -> bytes:
    """Make a header, without the magic number, as a database has it."""
    index, store = b"", b""
    for tag, (kind, value, count) in tags.items():
        store += bytes(-len(store) % {3: 2, 4: 4, 5: 8}.get(kind, 1))
        index += struct.pack(">IIII", tag, kind, len(store), count)
        store += value
    return struct.pack(">II", len(tags), len(store)) + index + store


LEAD = b"\xed\xab\xee\xdb\3\0" + bytes(90)
MAGIC = b"\x8e\xad\xe8\1\0\0\0\0"


def crafted(tags: Mapping[int, Value], payload: bytes = b"", signature: Mapping[int, Value] | None = None) -> bytes:
    """Make a package of tags that are `bare` ones at least."""
    first = MAGIC + header(signature or {1000: numbers(0)})
    return LEAD + first + bytes(-len(first) % 8) + MAGIC + header(tags) + payload


def bare(names: Sequence[str] = (), sizes: Sequence[int] | None = None) -> dict[int, Value]:
    """Make the tags of a package whose files, in /opt, have these names; Tag has the numbers' names."""
    tags = {
        Tag.NAME: string("bare"),
        Tag.VERSION: string("1"),
        Tag.RELEASE: string("1"),
        Tag.SOURCERPM: string("bare.src.rpm"),
    }
    if names:
        tags |= {
            Tag.FILESIZES: numbers(*(sizes or [0] * len(names))),
            Tag.FILEMODES: numbers(*[0o100644] * len(names), width=2),
            Tag.DIRINDEXES: numbers(*[0] * len(names)),
            Tag.BASENAMES: strings(*names),
            Tag.DIRNAMES: strings("/opt/"),
        }
    return {int(tag): value for tag, value in tags.items()}


def member(name: bytes, content: bytes = b"", *, size: int | None = None) -> bytes:
    """Make a member of a payload; `size` is what it says of its content."""
    fields = (7, 0o100644, 0, 0, 1, 0, len(content) if size is None else size, 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % one for one in fields) + name + b"\0"
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)


TRAILER = member(b"TRAILER!!!")


_CHILD = f"""{COUNTING}
import bz2, gzip, lzma, sys
from pathlib import Path
import rpmfile
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.readers.rpm.rpm_file import read_rpm
def memory(name):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith(name))
Path("/proc/self/clear_refs").write_text("5")  # forgets the peak, which a child has from its parent, too
before = memory("VmRSS")
def work():
    global said
    try:
        said = f"{{len(read_rpm(Path(sys.argv[1])).files)}} files"
    except UnreadablePackage as error:
        said = error.wrong
number = calls(work)
print(memory("VmHWM") - before, number, said)
"""


def measured(path: Path) -> tuple[str, int, int]:
    """Read a package in a child and return what came of it, KiB of memory beyond the start, and calls."""
    argv = [sys.executable, "-c", _CHILD, str(path)]
    said = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout
    memory, number, outcome = said.rstrip("\n").split(" ", 2)
    return outcome, int(memory), int(number)
