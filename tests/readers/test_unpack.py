# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Each compression: whole, cut off, damaged, with something behind it, and far more than is reasonable."""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import random
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.readers.tar.unpack import unpack
from pkgtools.readers.unreadable import UnreadablePackage
from tests.lab.needs import need_tools

PATH = Path("sample.deb")
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)
DATA = random.Random(0).randbytes(200_000) + bytes(100_000) + b"the end"


def zstd(data: bytes) -> bytes:
    need_tools(["zstd"])
    return subprocess.run(["zstd", "-q"], input=data, check=True, capture_output=True).stdout


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gz": gzip.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "bz2": bz2.compress,
    "zst": zstd,
}
PACKED = [name for name in PACKERS if name]


def unpacked(packed: bytes, how: str, *, single: bool = False) -> bytes:
    with unpack(io.BytesIO(packed), how, len(packed), PATH, single=single) as stream:
        parts = []
        while part := stream.read(50_000):
            parts.append(part)
        return b"".join(parts)


@pytest.mark.parametrize("how", PACKERS)
@pytest.mark.parametrize("data", [b"", b"x", DATA], ids=["empty", "byte", "long"])
def test_what_was_packed_comes_out(how: str, data: bytes) -> None:
    assert unpacked(PACKERS[how](data), how) == data


@pytest.mark.parametrize("how", ["gz", "xz", "bz2", "zst"])
def test_streams_may_follow_one_another(how: str) -> None:
    assert unpacked(PACKERS[how](b"first ") + PACKERS[how](b"second"), how) == b"first second"


@pytest.mark.parametrize("how", PACKED)
@pytest.mark.parametrize("missing", [1, 9, 100_000])
def test_cut_off_data_are_noticed(how: str, missing: int) -> None:
    with pytest.raises(BROKEN):
        unpacked(PACKERS[how](DATA)[:-missing], how)


@pytest.mark.parametrize("how", ["gz", "xz", "bz2", "zst"])
def test_damaged_data_are_noticed(how: str) -> None:
    packed = bytearray(PACKERS[how](DATA))
    packed[len(packed) // 2] ^= 0x10
    with pytest.raises(BROKEN):
        unpacked(bytes(packed), how)


@pytest.mark.parametrize("how", PACKED)
def test_something_else_behind_the_data_is_noticed(how: str) -> None:
    with pytest.raises(BROKEN):
        unpacked(PACKERS[how](DATA) + b"garbage, and not a little of it", how)


@pytest.mark.parametrize("how", PACKED)
def test_something_else_than_packed_data_is_noticed(how: str) -> None:
    with pytest.raises(BROKEN):
        unpacked(b"\xff" + DATA, how)


@pytest.mark.parametrize("how", ["gz", "xz", "lzma", "bz2"])
@pytest.mark.parametrize("zeros", [1, 70_000])
def test_zeros_behind_the_data_are_padding(how: str, zeros: int) -> None:
    assert unpacked(PACKERS[how](DATA) + bytes(zeros), how) == DATA


@pytest.mark.parametrize("how", ["xz", "bz2"])
def test_padding_between_streams_is_no_end(how: str) -> None:
    packed = PACKERS[how](b"first ") + bytes(200_000) + PACKERS[how](b"second")
    assert unpacked(packed, how) == b"first second"


@pytest.mark.parametrize("how", ["gz", "xz", pytest.param("lzma", marks=pytest.mark.slow), "bz2", "zst"])
def test_bomb_ends_at_the_limit(how: str) -> None:
    packed = PACKERS[how](bytes(96 << 20))
    size = 0
    with (
        pytest.raises(OSError, match="more comes out of it") as raised,
        unpack(io.BytesIO(packed), how, len(packed), PATH) as it,
    ):
        while part := it.read(1 << 20):
            size += len(part)
    assert raised.value.errno == errno.EFBIG
    assert size <= (64 << 20) + 250 * len(packed)


def test_reader_may_stop_early() -> None:
    packed = zstd(DATA * 20)
    with unpack(io.BytesIO(packed), "zst", len(packed), PATH) as stream:
        assert stream.read(10) == DATA[:10]


def test_xz_that_wants_much_memory_is_refused() -> None:
    packed = bytearray(lzma.compress(b"x"))
    start = 12  # the block's header: size, flags, filter's number, size of its properties, dictionary, ..., CRC-32
    size = (packed[start] + 1) * 4
    packed[start + 4] = 36  # 1 GiB
    packed[start + size - 4 : start + size] = zlib.crc32(packed[start : start + size - 4]).to_bytes(4, "little")
    with pytest.raises(lzma.LZMAError, match=r"[Mm]emory"):
        unpacked(bytes(packed), "xz")


def test_zstd_that_wants_much_memory_is_refused() -> None:
    need_tools(["zstd"])
    argv = ["zstd", "-q", "--ultra", "-1", "--long=31"]
    packed = subprocess.run(argv, input=DATA, check=True, capture_output=True).stdout
    with pytest.raises(OSError, match=r"[Mm]emory"):
        unpacked(packed, "zst")


def test_unknown_compression_is_refused() -> None:
    with pytest.raises(UnreadablePackage, match="'br'"):
        unpacked(b"", "br")


@pytest.mark.parametrize("how", ["xz", "bz2", "zst", "lzma"])
@pytest.mark.parametrize("behind", ["stream", "nothing packed", "text"])
def test_nothing_follows_a_single_stream(how: str, behind: str) -> None:
    rest = {"stream": PACKERS[how](b"second"), "nothing packed": PACKERS[how](b""), "text": b"behind"}[behind]
    with pytest.raises(OSError, match="something follows the compressed data"):
        unpacked(PACKERS[how](b"first") + rest, how, single=True)


@pytest.mark.parametrize("how", PACKED)
def test_zeros_may_follow_a_single_stream(how: str) -> None:
    assert unpacked(PACKERS[how](DATA) + bytes(512), how, single=True) == DATA


@pytest.mark.parametrize("frame", ["skippable", "empty"])
def test_frames_that_give_nothing_are_counted(frame: str) -> None:
    """Four MiB of the shortest take seconds otherwise."""
    one = b"\x50\x2a\x4d\x18" + bytes(4) if frame == "skippable" else PACKERS["zst"](b"")
    assert unpacked(PACKERS["zst"](b"first") + one * 1000 + PACKERS["zst"](b"last"), "zst") == b"firstlast"
    with pytest.raises(OSError, match="more than 100000 compressed streams"):
        unpacked(PACKERS["zst"](b"first") + one * 100_000 + PACKERS["zst"](b"last"), "zst")
