# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Broken, forged and hostile packages: one error that says where, little memory, little time."""

from __future__ import annotations

import gzip
import random
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.model.package import Package
from pkgtools.readers.rpm.frame import check_block
from pkgtools.readers.rpm.rpm_file import read_rpm
from pkgtools.readers.rpm.tags import Tag
from pkgtools.readers.unreadable import UnreadablePackage
from tests.lab.work import most_calls
from tests.readers.rpm_crafted import (
    LEAD,
    MAGIC,
    TRAILER,
    Value,
    bare,
    crafted,
    header,
    measured,
    member,
    numbers,
    string,
    strings,
)
from tests.readers.rpm_samples import TINY, build_spec

MOST_MEMORY = 64 << 10
"""KiB beyond what the interpreter has with its modules."""

START = 96 + 8 + 8 + 16 + 4 + 4
"""Where the header of a crafted package begins: behind lead, signature header and padding."""
INDEX = START + 16


def write(directory: Path, content: bytes) -> Path:
    path = directory / "crafted.rpm"
    path.write_bytes(content)
    return path


def entry(tag: int, kind: int, offset: int, count: int) -> bytes:
    return struct.pack(">IIII", tag, kind, offset, count)


def with_index(*entries: bytes, store: bytes = b"ab\0cd\0ef\0gh\0") -> bytes:
    """Make a package whose header has these index entries."""
    first = MAGIC + header({1000: numbers(0)})
    counts = struct.pack(">II", len(entries), len(store))
    return LEAD + first + bytes(-len(first) % 8) + MAGIC + counts + b"".join(entries) + store


WHOLE = crafted(bare(["a.py"]))
FRAMES: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", "not an RPM package", 0),
    "no package": (b"!<arch>\n" * 40, "not an RPM package", 0),
    "cut in the lead": (WHOLE[:50], "within its lead", 50),
    "nothing but a lead": (WHOLE[:96], "where a header should be", 96),
    "cut in the signature's counts": (WHOLE[:110], "where a header should be", 96),
    "no signature": (WHOLE[:96] + b"\x8e\xad\xe7\1" + WHOLE[100:], "there is no header", 96),
    "old version of a header": (WHOLE[:96] + b"\x8e\xad\xe8\2" + WHOLE[100:], "there is no header", 96),
    "something in the reserved bytes": (WHOLE[:103] + b"\1" + WHOLE[104:], "there is no header", 96),
    "cut in the signature": (WHOLE[:116], "within a header, 16 bytes too early", 104),
    "cut in the padding": (WHOLE[:134], "after its signature", 134),
    "nothing behind the signature": (WHOLE[:START], "where a header should be", START),
    "cut in the header": (WHOLE[:-1], "within a header, 1 bytes too early", START + 8),
    "signature without tags": (WHOLE[:104] + bytes(4) + WHOLE[108:], "can't have 0 tags", 104),
    "too many tags": (WHOLE[: START + 8] + b"\0\1\0\0" + WHOLE[START + 12 :], "can't have 65536 tags", START + 8),
    "negative number of tags": (WHOLE[: START + 8] + b"\xff" * 4 + WHOLE[START + 12 :], "4294967295 tags", START + 8),
    "no values": (WHOLE[: START + 12] + bytes(4) + WHOLE[START + 16 :], "can't have 0 bytes", START + 12),
    "2 GiB of values": (WHOLE[: START + 12] + b"\x7f" + WHOLE[START + 13 :], "can't have 213", START + 12),
    "32 MiB of values": (WHOLE[: START + 12] + b"\2\0\0\0" + WHOLE[START + 16 :], "within a header", START + 8),
    "value outside": (with_index(entry(1000, 6, 12, 1)), "value outside", INDEX),
    "value far outside": (with_index(entry(1000, 7, 0xFFFFFFFF, 1)), "value outside", INDEX),
    "values that overlap": (with_index(entry(1000, 7, 0, 4), entry(1001, 6, 3, 1)), "fewer than 4 values", INDEX),
    "values in the same place": (
        with_index(entry(1000, 6, 0, 1), entry(1001, 6, 0, 1)),
        "where another one is",
        INDEX + 16,
    ),
    "tag twice": (with_index(entry(1000, 6, 0, 1), entry(1000, 6, 3, 1)), "is there twice", INDEX),
    "no value": (with_index(entry(1000, 6, 0, 0)), "has no values", INDEX),
    "no type": (with_index(entry(1000, 0, 0, 1)), "type 0", INDEX),
    "unknown type": (with_index(entry(1000, 10, 0, 1)), "type 10", INDEX),
    "two of a single string": (with_index(entry(1000, 6, 0, 2)), "can't have 2 strings", INDEX),
    "2 Gi strings": (with_index(entry(1117, 8, 0, 0x7FFFFFFF)), "can't have 2147483647 strings", INDEX),
    "a string more than there is": (with_index(entry(1117, 8, 0, 5)), "has 4 strings, not 5", INDEX),
    "string without end": (with_index(entry(1000, 6, 0, 1), store=b"abc"), "has 0 strings, not 1", INDEX),
    "2 Gi numbers": (with_index(entry(1028, 4, 0, 0x7FFFFFFF)), "can't have 2147483647 numbers", INDEX),
    "a number more than there is": (with_index(entry(1028, 4, 0, 4)), "fewer than 4 values", INDEX),
    "numbers at an odd place": (with_index(entry(1028, 4, 2, 1)), "at an odd place", INDEX),
    "2 Gi bytes": (with_index(entry(1000, 7, 0, 0x7FFFFFFF)), "fewer than 2147483647 values", INDEX),
}


@pytest.mark.parametrize(("content", "said", "offset"), FRAMES.values(), ids=list(FRAMES))
def test_broken_frame_is_said_with_its_place(content: bytes, said: str, offset: int, tmp_path: Path) -> None:
    path = write(tmp_path, content)
    with pytest.raises(UnreadablePackage, match=said) as raised:
        read_rpm(path)
    assert raised.value.offset == offset
    assert str(raised.value).startswith(f"{path}: at byte {offset}: ")


def test_every_truncation_is_noticed(tmp_path: Path) -> None:
    content = build_spec(TINY, tmp_path, "--define=_binary_payload w1.gzdio").read_bytes()
    payload = content.rindex(b"\x1f\x8b")
    lengths = [*range(200), *range(200, payload, 37), *range(payload, len(content))]
    for length in lengths:
        with pytest.raises(UnreadablePackage):
            read_rpm(write(tmp_path, content[:length]))


def mutate(content: bytes, dice: random.Random, start: int, end: int) -> bytes:
    """Change a few bits, or a few bytes to telling values, between two places."""
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 5)):
        place = dice.randrange(start, end)
        changed[place] = dice.choice((changed[place] ^ 1 << dice.randrange(8), 0, 0xFF, 0x7F, dice.randrange(256)))
    return bytes(changed)


COMPRESSIONS = ["w.ufdio", "w1.gzdio", "w1.xzdio", "w3.zstdio", "w9.lzdio", "w9.bzdio"]


def header_start(content: bytes) -> int:
    """Return where the header behind the signature header is."""
    return content.index(MAGIC, content.index(MAGIC) + 1)


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_damage_behind_the_signature_is_always_noticed(compression: str, tmp_path: Path) -> None:
    content = build_spec(TINY, tmp_path, f"--define=_binary_payload {compression}").read_bytes()
    dice, unnoticed = random.Random(compression), []
    for number in range(60 if compression == "w3.zstdio" else 200):
        changed = mutate(content, dice, header_start(content), len(content))
        found = outcome(write(tmp_path, changed))
        if changed != content and not isinstance(found, str) and not found.flaws:
            unnoticed.append(number)
    assert unnoticed == []


def test_damaged_signature_is_read_or_refused(tmp_path: Path) -> None:
    content = build_spec(TINY, tmp_path).read_bytes()
    dice, outcomes = random.Random(3), set()
    for _ in range(300):
        found = outcome(write(tmp_path, mutate(content, dice, 0, 600)))
        outcomes.add("refused" if isinstance(found, str) else "flawed" if found.flaws else "read")
    assert outcomes == {"refused", "flawed", "read"}


def test_damaged_header_is_read_or_refused(tmp_path: Path) -> None:
    content = build_spec(TINY, tmp_path, "--define=_binary_payload w.ufdio").read_bytes()
    start = header_start(content)
    dice = random.Random(5)
    outcomes = {type(outcome(write(tmp_path, mutate(content, dice, start, start + 1500)))) for _ in range(200)}
    assert outcomes == {Package, str}


def test_header_that_would_take_too_long_is_refused(tmp_path: Path) -> None:
    many = {number: string("x") for number in range(100_000, 100_000 + 2_000)}
    path = write(tmp_path, crafted(bare() | many | {200_000: (7, bytes(8 << 20), 8 << 20)}))
    with pytest.raises(UnreadablePackage, match=r"can't have 20.. tags and 8.* bytes of values"):
        read_rpm(path)


def outcome(path: Path) -> Package | str:
    """Read a package; of one that can't be read, return what is wrong with it."""
    try:
        return read_rpm(path)
    except UnreadablePackage as error:
        return error.wrong


def zeros(size: int) -> bytes:
    """Pack zeros with gzip."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()


def source_bomb() -> bytes:
    """Make a package whose one source is a gigabyte, as its header says."""
    size = 1 << 30
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(member(b"./opt/a.py", size=size))]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(128)]
    payload = b"".join(parts) + packer.compress(TRAILER) + packer.flush()
    tags = {int(Tag.FILEDIGESTS): strings("0" * 32), int(Tag.PAYLOADCOMPRESSOR): string("gzip")}
    return crafted(bare(["a.py"], [size]) | tags, payload)


def of_many(tag: Tag, values: Value) -> bytes:
    return crafted(bare(["a.py"]) | {int(tag): values}, member(b"./opt/a.py") + TRAILER)


CRAFTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "2 Gi strings": (lambda: with_index(entry(1117, 8, 0, 0x7FFFFFFF)), "can't have 2147483647 strings"),
    "2 GiB header": (lambda: WHOLE[: START + 12] + b"\x7f\xff\xff\xff" + WHOLE[START + 16 :], "can't have"),
    "zeros behind the trailer": (
        lambda: crafted(bare(), gzip.compress(TRAILER) + zeros(1 << 27)),
        "more comes out of it",
    ),
    "zeros for a payload": (lambda: crafted(bare(), zeros(1 << 27)), "member of a cpio archive"),
    "a source of a gigabyte": (source_bomb, "more comes out of it"),
    "many dependencies": (lambda: of_many(Tag.REQUIRENAME, strings(*["a"] * 200_000)), "1 files"),
    "many directories": (lambda: of_many(Tag.DIRNAMES, strings("/", *["a"] * 200_000)), "1 files"),
    "many names": (lambda: of_many(Tag.BASENAMES, strings(*["a"] * 200_000)), "values of DIRINDEXES"),
    "long name": (lambda: of_many(Tag.BASENAMES, strings("a" * 2_000_000)), "too long"),
    "long script": (lambda: of_many(Tag.POSTIN, string("a" * 2_000_000)), "1 files"),
    "long tag that nobody reads": (lambda: crafted({**bare(), 9999: (7, bytes(8 << 20), 8 << 20)}, TRAILER), "0 files"),
}


@pytest.mark.parametrize(("make", "said"), CRAFTED.values(), ids=list(CRAFTED))
def test_hostile_package_costs_little(make: Callable[[], bytes], said: str, tmp_path: Path) -> None:
    content = make()
    outcome, memory, number = measured(write(tmp_path, content))
    assert said in outcome
    assert memory < MOST_MEMORY
    assert number < most_calls(len(content))


@pytest.mark.parametrize("length", [0, 7, 8, -1, 1])
def test_header_of_a_database_has_the_size_that_it_says(length: int) -> None:
    whole = header(bare(["a.py"]))
    assert check_block(whole, Path("db")).entries.keys() == bare(["a.py"]).keys()
    content = whole + b"\0" if length == 1 else whole[:length]
    with pytest.raises(UnreadablePackage):
        check_block(content, Path("db"))
