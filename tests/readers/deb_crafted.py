# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages made byte by byte, as no packer would, and what it costs to read them."""

from __future__ import annotations

import gzip
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from tests.lab.ours import CHECKOUT
from tests.lab.work import COUNTING

VERSION = ("debian-binary", b"2.0\n")


def ar_header(name: str, size: int | str) -> bytes:
    """Make the header of a member of an ar archive; `size` is what it says."""
    return f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size:<10}`\n".encode()


def ar(*members: tuple[str, bytes]) -> bytes:
    """Make an ar archive as deb(5) has it."""
    parts = (ar_header(name, len(data)) + data + b"\n" * (len(data) % 2) for name, data in members)
    return b"!<arch>\n" + b"".join(parts)


def entry(
    name: bytes, content: bytes = b"", *, kind: bytes = b"0", size: bytes | None = None, link: bytes = b""
) -> bytes:
    """Make a member of a tar archive; `size` is the field of 12 bytes, if it is to be another than the content's."""
    fields = (
        name[:100].ljust(100, b"\0"),
        b"0000644\0" + b"0000000\0" * 2,
        size or b"%011o\0" % len(content),
        b"00000000000\0" + b" " * 8 + kind + link[:100].ljust(100, b"\0") + b"ustar\x0000",
    )
    block = bytearray(b"".join(fields).ljust(512, b"\0"))
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + bytes(-len(content) % 512)


def pax(fields: Iterable[tuple[bytes, bytes]], kind: bytes = b"x") -> bytes:
    """Make the extended header that belongs to the next member."""
    content = b""
    for name, value in fields:
        length = len(name) + len(value) + 3
        length += len(str(length + len(str(length))))
        content += b"%d %s=%s\n" % (length, name, value)
    return entry(b"pax", content, kind=kind)


END = bytes(1024)
CONTROL = entry(b"./control", b"Package: acme\nVersion: 1\nArchitecture: all\n") + END


def deb(data: bytes, control: bytes = CONTROL, *, packed: bool = False) -> bytes:
    """Make a package of two tar archives."""
    if not packed:
        return ar(VERSION, ("control.tar", control), ("data.tar", data))
    return ar(VERSION, ("control.tar.gz", gzip.compress(control, 6)), ("data.tar.gz", gzip.compress(data, 6)))


def long_gzip(start: bytes, filler: bytes, times: int, end: bytes = b"") -> bytes:
    """Pack what is too long to be held: a start, a filler so many times, and an end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(
        [packer.compress(start), *(packer.compress(filler) for _ in range(times)), packer.compress(end), packer.flush()]
    )


def packed_deb(data: bytes, control: bytes | None = None) -> bytes:
    """Make a package of two archives that are packed by gzip already."""
    return ar(
        VERSION, ("control.tar.gz", gzip.compress(CONTROL) if control is None else control), ("data.tar.gz", data)
    )


def archive_of(tree: Iterable[tarfile.TarInfo]) -> bytes:
    """Make an archive of empty files by Python's own means."""
    return b"".join(one.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape") for one in tree) + END


_CHILD = f"""{COUNTING}
import bz2, gzip, hashlib, lzma, resource, sys, zstandard
from pathlib import Path
from pkgtools.check.one_package import CheckTask, rules_for
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.check.apply import judge_package
def memory(name):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith(name))
rules = rules_for(CheckTask())
Path("/proc/self/clear_refs").write_text("5")  # forgets the peak, which a child has from its parent, too
before = memory("VmRSS")
def work():
    global said
    try:
        package = read_package(Path(sys.argv[1]), ReadingOptions())
        judge_package(package, rules)
        said = f"{{len(package.files)}} files"
    except UnreadablePackage as error:
        said = error.wrong
number = calls(work)
print(memory("VmHWM") - before, number, said.replace(chr(10), " "))
"""


def measured(path: Path) -> tuple[str, int, int]:
    """Read and judge a package in a child; return what came of it, KiB of memory beyond the start, and calls."""
    argv = [sys.executable, "-c", _CHILD, str(path)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, cwd=CHECKOUT, timeout=300)
    memory, number, outcome = done.stdout.rstrip("\n").split(" ", 2)
    return outcome, int(memory), int(number)
