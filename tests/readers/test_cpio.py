# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""cpio archives as cpio(1) writes them, rpm's stripped ones, and broken ones."""

from __future__ import annotations

import io
import random
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from pkgtools.readers.rpm.cpio import BrokenArchive, read_members
from tests.lab.needs import need_tools


def plain(name: bytes, content: bytes = b"", *, size: int | None = None) -> bytes:
    """Make a member in the new ASCII format; `size` is what it says of its content."""
    fields = (7, 0o100644, 0, 0, 1, 0, len(content) if size is None else size, 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08x" % one for one in fields) + name + b"\0"
    return padded(head) + padded(content)


def stripped(number: int, content: bytes = b"") -> bytes:
    """Make a member of rpm's kind."""
    return padded(b"07070X%08x" % number) + padded(content)


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


END = plain(b"TRAILER!!!")
SIZES = [5, 0, 100_000]


def members(archive: bytes) -> list[tuple[bytes, int | None, bytes]]:
    return [(one.name, one.number, one.read(1 << 30)) for one in read_members(io.BytesIO(archive), SIZES.__getitem__)]


@pytest.mark.parametrize("kind", ["newc", "crc"])
def test_what_cpio_writes_is_read(kind: str, tmp_path: Path) -> None:
    need_tools(["cpio"])
    contents = {b"a": b"", b"b c": b"12345", "\u00e9".encode(): bytes(70_000), b"n" * 255: b"x"}
    for name, content in contents.items():
        (tmp_path / name.decode()).write_bytes(content)
    names = b"".join(name + b"\0" for name in contents)
    argv = ["cpio", "-o", "-0", "--quiet", "-H", kind]
    archive = subprocess.run(argv, input=names, cwd=tmp_path, check=True, capture_output=True).stdout
    assert {name: content for name, _, content in members(archive)} == contents


def test_stripped_members_have_the_sizes_of_the_header() -> None:
    archive = stripped(2, b"y" * 100_000) + stripped(0, b"12345") + stripped(1) + END
    assert members(archive) == [(b"", 2, b"y" * 100_000), (b"", 0, b"12345"), (b"", 1, b"")]


def test_what_the_caller_does_not_read_is_skipped() -> None:
    archive = plain(b"a", b"x" * 900_001) + plain(b"b", b"12345") + plain(b"c", b"678") + END
    stream = read_members(io.BytesIO(archive), SIZES.__getitem__)
    found = [(one.name, one.read(2), one.size) for one in stream]
    assert found == [
        (b"a", b"xx", 900_001),
        (b"b", b"12", 5),
        (b"c", b"67", 3),
    ]


def test_name_ends_at_its_first_nul() -> None:
    assert members(plain(b"a\0/../b") + END)[0][0] == b"a"


BROKEN = {
    "empty": (b"", "at byte 0 .*too early"),
    "no archive": (b"PK\3\4" * 30, "member of a cpio archive"),
    "no trailer": (plain(b"a", b"x"), "too early"),
    "cut in a header": (plain(b"a")[:50], "too early"),
    "cut in a name": (plain(b"abcdef")[:112], "too early"),
    "cut in a content": (plain(b"a", b"x" * 100)[:-50], "too early"),
    "cut in a stripped one": (stripped(0, b"12345")[:-4], "too early"),
    "no number": (plain(b"a").replace(b"000081a4", b"0000_1a4"), "no number"),
    "number with a sign": (plain(b"a").replace(b"000081a4", b"+00081a4"), "no number"),
    "no name": (b"070701" + b"0" * 104 + END, "can't have 0 bytes"),
    "long name": (plain(b"a" * 4097) + END, "can't have 4098 bytes"),
    "name without end": (plain(b"a" * 5).replace(b"aaaaa\0", b"aaaaaa") + END, "has no end"),
    "stripped, out of the header": (stripped(3) + END, "file 3 of the header"),
    "huge member": (plain(b"a", b"x", size=0xFFFFFFFF) + END, "too early"),
    "binary format": (b"\xc7\x71" + bytes(200), "member of a cpio archive"),
}


@pytest.mark.parametrize(("archive", "said"), BROKEN.values(), ids=BROKEN)
def test_broken_archive_says_where(archive: bytes, said: str) -> None:
    with pytest.raises(BrokenArchive, match=said):
        members(archive)


def test_damaged_archive_never_raises_anything_else() -> None:
    whole = plain(b"a", b"x" * 50) + stripped(0, b"12345") + plain(b"dir/b", b"") + END
    dice = random.Random(1)
    for _ in range(2000):
        content = bytearray(whole[: dice.choice((len(whole), dice.randrange(len(whole))))])
        for _ in range(dice.randrange(4)):
            if content:
                content[dice.randrange(len(content))] = dice.choice((0, 0xFF, 0x30, dice.randrange(256)))
        with suppress(BrokenArchive):
            members(bytes(content))
