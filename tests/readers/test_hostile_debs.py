# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages made to break or to exhaust the reader: it gives one error, or a good read, soon and in little memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import File
from pkgtools.readers.package import read_package
from pkgtools.readers.unreadable import UnreadablePackage
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.lab.work import most_calls
from tests.readers.deb_crafted import (
    CONTROL,
    END,
    VERSION,
    ar,
    ar_header,
    deb,
    entry,
    long_gzip,
    measured,
    packed_deb,
    pax,
)

pytestmark = pytest.mark.slow

MEMORY = 64 << 10
"""KiB beyond the start."""

LINE = b"0123456789abcde\n"
MILLION = 1_000_000


def control_of(fields: bytes) -> bytes:
    return entry(b"./control", fields) + END


def big_member(name: bytes, size: int) -> bytes:
    return entry(name, size=b"%011o\0" % size)


def script_of(text: bytes) -> bytes:
    return deb(END, entry(b"./control", b"Package: a\n") + entry(b"./postinst", b"#!/bin/sh\n" + text) + END)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "ar: negative size": (lambda: ar(VERSION) + ar_header("x", -60), "broken"),
    "ar: huge size": (lambda: ar(VERSION) + ar_header("x", 9_999_999_999), "member"),
    "ar: size isn't a number": (lambda: ar(VERSION) + ar_header("x", "ten"), "broken"),
    "ar: size of nothing": (lambda: ar(VERSION) + ar_header("x", ""), "broken"),
    "ar: thousands of members": (lambda: ar(VERSION, *[("x", b"")] * 5000), "too many"),
    "ar: data twice": (
        lambda: ar(VERSION, ("control.tar", CONTROL), ("data.tar", END), ("data.tar", END)),
        "the same name",
    ),
    "ar: control in the data": (lambda: ar(VERSION, ("data.tar", CONTROL)), "control.tar"),
    "control: gigabytes": (
        lambda: packed_deb(gzip.compress(END), long_gzip(big_member(b"./control", 2 << 30), bytes(1 << 20), 160)),
        "bytes",
    ),
    "control: a field of gigabytes": (
        lambda: packed_deb(
            gzip.compress(END), long_gzip(big_member(b"./control", 2 << 30) + b"Package: ", b"a" * (1 << 20), 100)
        ),
        "bytes",
    ),
    "control: many paragraphs": (lambda: deb(END, control_of(b"Package: a\n\n" * 80_000)), "more than one paragraph"),
    "control: a field twice": (lambda: deb(END, control_of(b"Package: a\nPackage: b\n")), "line 2"),
    "control: no field": (lambda: deb(END, control_of(b"Package: a\nwhat is this\n")), "line 2"),
    "control: begins inside a field": (lambda: deb(END, control_of(b" x\nPackage: a\n")), "line 1"),
    "md5sums: too large": (
        lambda: packed_deb(
            gzip.compress(END), long_gzip(CONTROL[:-1024] + big_member(b"./md5sums", 100 << 20), LINE * 65536, 101)
        ),
        "md5sums",
    ),
    "script: too large": (
        lambda: packed_deb(
            gzip.compress(END), long_gzip(CONTROL[:-1024] + big_member(b"./postinst", 100 << 20), LINE * 65536, 101)
        ),
        "postinst",
    ),
    "tar: a longname of megabytes": (lambda: deb(entry(b"x", b"a" * (1 << 20), kind=b"L") + entry(b"y") + END), "name"),
    "tar: PAX of megabytes": (lambda: deb(pax([(b"path", b"a" * (1 << 20))]) + entry(b"y") + END), "name"),
    "tar: deep names": (
        lambda: deb(b"".join(pax([(b"path", b"%d/" % n + b"d/" * 1900)]) + entry(b"x") for n in range(500)) + END),
        "too deep",
    ),
    "tar: deep names of sources": (
        lambda: deb(
            b"".join(pax([(b"path", b"%d/" % n + b"d/" * 1900 + b".py")]) + entry(b"x") for n in range(500)) + END
        ),
        "too deep",
    ),
    "tar: a name of 60 KiB": (lambda: deb(pax([(b"path", b"d/" * 30000)]) + entry(b"x") + END), "a name"),
    "tar: a chain of longnames": (lambda: deb(entry(b"x", b"a", kind=b"L") * 5000 + entry(b"y") + END), "broken"),
    "tar: a chain of PAX": (lambda: deb(pax([(b"a", b"b")]) * 5000 + entry(b"y") + END), "broken"),
    "tar: a broken header between files": (
        lambda: deb(entry(b"a.py", b"x = 1\n") + b"x" * 512 + entry(b"b.py", b"x = 2\n") + END),
        "invalid header",
    ),
    "tar: negative size": (lambda: deb(entry(b"x", size=b"\xff" * 12) + END), "negative"),
    "tar: negative size by PAX": (lambda: deb(pax([(b"size", b"-512")]) + entry(b"x") + END), "broken"),
    "tar: base-256 size": (lambda: deb(entry(b"x.py", size=b"\x80" + b"\xff" * 11) + END), "broken"),
    "tar: exabytes in a source": (lambda: deb(entry(b"x.py", size=b"\x80" + bytes(3) + b"\xff" * 8) + END), "broken"),
    "tar: bomb": (
        lambda: packed_deb(long_gzip(big_member(b"./big", 1 << 30), bytes(1 << 20), 1 << 10)),
        "more comes out of it",
    ),
    "tar: bomb in a source": (
        lambda: packed_deb(long_gzip(big_member(b"./big.py", 1 << 30), bytes(1 << 20), 1 << 10)),
        "more comes out of it",
    ),
}


@pytest.mark.parametrize(("make", "wrong"), REFUSED.values(), ids=REFUSED)
def test_what_can_be_no_package_is_refused_soon(make: Callable[[], bytes], wrong: str, tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    path.write_bytes(make())
    outcome, memory, number = measured(path)
    assert wrong in outcome
    assert memory < MEMORY
    assert number < most_calls(path.stat().st_size)


ENDURED: dict[str, tuple[Callable[[], bytes], int]] = {
    "symlinks in a circle": (
        lambda: deb(entry(b"a", kind=b"2", link=b"b") + entry(b"b", kind=b"2", link=b"a") + END),
        2,
    ),
    "hard link to itself": (lambda: deb(entry(b"a.py", kind=b"1", link=b"a.py") + END), 1),
    "hard link to what comes later": (
        lambda: deb(entry(b"a.py", kind=b"1", link=b"b.py") + entry(b"b.py", b"x") + END),
        2,
    ),
    "hard link to a directory": (lambda: deb(entry(b"a", kind=b"5") + entry(b"b.py", kind=b"1", link=b"a") + END), 2),
    "the same name often": (lambda: deb(entry(b"a.py", b"x") * 1000 + END), 1000),
    "a few deep names": (
        lambda: deb(b"".join(pax([(b"path", b"%d/" % n + b"d/" * 1900)]) + entry(b"x") for n in range(4)) + END),
        4,
    ),
    "thousands of longnames": (lambda: deb((entry(b"n", b"a" * 300, kind=b"L") + entry(b"x")) * 3000 + END), 3000),
    "PAX headers before each": (lambda: deb((pax([(b"comment", b"c" * 500)]) + entry(b"x")) * 3000 + END), 3000),
    "global PAX headers": (lambda: deb((pax([(b"comment", b"c" * 500)], b"g") + entry(b"x")) * 3000 + END), 3000),
    "sparse and huge": (
        lambda: deb(
            pax([(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"9" * 15)])
            + entry(b"x.py", b"1\n0\n0\n".ljust(512, b"\0"))
            + END
        ),
        1,
    ),
    "sources of print": (lambda: deb(entry(b"x.py", b"print a;" * (1 << 19)) + END), 1),
    "sources of except": (lambda: deb(entry(b"x.py", b"\nexcept " + b"a, " * (1 << 20)) + END), 1),
    "pycs of paths": (lambda: deb(entry(b"__pycache__/x.cpython-311.pyc", b"z1/" * (1 << 20)) + END), 1),
    "pycs of long paths": (lambda: deb(entry(b"__pycache__/x.cpython-311.pyc", b"z\xff/" * (1 << 20)) + END), 1),
    "a package in a package": (lambda: deb(entry(b"x.deb", deb(entry(b"y.deb", deb(END)) + END)) + END), 1),
    "a script of words": (lambda: script_of(b"a " * (1 << 18)), 0),
    "a script of quotes": (lambda: script_of(b"'\"" * (1 << 18)), 0),
    "a script of braces": (lambda: script_of(b"{ ( $( `" * ((1 << 17) - 16)), 0),
    "a script of heredocs": (lambda: script_of(b"cat <<E\n" * (1 << 16)), 0),
    "a script of conditions": (lambda: script_of(b"if true; then\n" * (1 << 15)), 0),
    "a script of variables": (lambda: script_of(b"".join(b"A%d=$A%d$A%d\n" % (n + 1, n, n) for n in range(30000))), 0),
    "triggers": (
        lambda: deb(END, entry(b"./control", b"Package: a\n") + entry(b"./triggers", b"interest /a\n" * 20000) + END),
        0,
    ),
    "dependencies": (lambda: deb(END, control_of(b"Package: a\nDepends: " + b"python3 (>= 3.9), " * 30000)), 0),
}


@pytest.mark.parametrize(("make", "files"), ENDURED.values(), ids=ENDURED)
def test_what_can_be_read_is_read_soon(make: Callable[[], bytes], files: int, tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    path.write_bytes(make())
    outcome, memory, number = measured(path)
    assert outcome == f"{files} files"
    assert memory < MEMORY
    assert number < most_calls(path.stat().st_size)


def one_file(tmp_path: Path, data: bytes) -> File:
    path = tmp_path / "x.deb"
    path.write_bytes(deb(data + END))
    (file,) = read_package(path, ReadingOptions()).files
    return file


NAMES = {
    "dots": (b"./../../etc/x", "/etc/x"),
    "absolute": (b"//etc/x", "/etc/x"),
    "newline": (b"./a\nb", "/a\nb"),
    "not UTF-8": (b"./caf\xe9", "/caf\udce9"),
    "control characters": (b"./\x1b[2J\x7f", "/\x1b[2J\x7f"),
}


@pytest.mark.parametrize(("name", "path"), NAMES.values(), ids=NAMES)
def test_name_is_kept_as_it_is(name: bytes, path: str, tmp_path: Path) -> None:
    assert one_file(tmp_path, entry(name)).path == path


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": lambda data: subprocess.run(["zstd", "-q"], input=data, check=True, capture_output=True).stdout,
}


@pytest.mark.parametrize("how", PACKERS)
def test_bomb_of_each_compression_is_refused(how: str, tmp_path: Path) -> None:
    if how == "zst":
        need_tools(["zstd"], root=False)
    packed = PACKERS[how](big_member(b"./big", 200 << 20) + bytes(200 << 20) + END)
    path = tmp_path / "x.deb"
    path.write_bytes(ar(VERSION, ("control.tar", CONTROL), (f"data.tar.{how}", packed)))
    outcome, memory, number = measured(path)
    assert "more comes out of it" in outcome
    assert memory < MEMORY
    assert number < most_calls(path.stat().st_size)


def test_million_members_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    path.write_bytes(packed_deb(long_gzip(b"", entry(b"./a") * 1000, 1100)))
    outcome, memory, _ = measured(path)
    assert outcome.endswith((" files and findings", "for its size"))
    assert memory < 1 << 20


def test_many_small_sources_cost_little_each(tmp_path: Path) -> None:
    sources = b"".join(
        entry(b"./usr/lib/python3/dist-packages/p/m%d.py" % number, b"x = 1\n") for number in range(100_000)
    )
    path = tmp_path / "x.deb"
    path.write_bytes(deb(sources + END))
    outcome, memory, _ = measured(path)
    assert outcome == "100000 files"
    assert memory < 200 << 10


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    need_tools(["dpkg-deb"], root=False)
    files = {f"/usr/lib/python3/dist-packages/acme/m{number}.py": f"x = {number}\n" * 40 for number in range(20)}
    package = SamplePackage(name="acme", files=files, scripts={"postinst": "exit 0\n"}, triggers="interest /x\n")
    return build_deb(package, tmp_path_factory.mktemp("whole")).read_bytes()


def read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(UnreadablePackage):
        read_package(path, ReadingOptions())


def test_truncated_package_is_refused_with_an_offset(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.deb"
    boundaries = {0, 7, 8, 67, 68, 71, 72, 73, 131, 132, *range(133, len(whole) - 8, 37)}
    for length in sorted(boundaries):
        path.write_bytes(whole[:length])
        with pytest.raises(UnreadablePackage) as raised:
            read_package(path, ReadingOptions())
        assert raised.value.offset is None or 0 <= raised.value.offset <= length


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_raise_nothing_else(whole: bytes, seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    for _ in range(150):
        content = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        read_or_refuse(tmp_path / "x.deb", bytes(content))


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits_in_unpacked_archives_raise_nothing_else(whole: bytes, seed: int, tmp_path: Path) -> None:
    data, dice = io.BytesIO(), random.Random(seed)
    with tarfile.open(fileobj=data, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(8):
            member = tarfile.TarInfo("d/" * (number * 30) + "m.py")
            member.size, member.pax_headers = 5, {"comment": "x" * number}
            archive.addfile(member, io.BytesIO(b"x = 1"))
    for _ in range(150):
        content, control = bytearray(data.getvalue()), bytearray(CONTROL)
        for damaged in (content, control):
            for _ in range(dice.randrange(4)):
                damaged[dice.randrange(len(damaged))] = dice.choice((0, 0x20, 0x80, 0xFF, dice.randrange(256)))
        read_or_refuse(tmp_path / "x.deb", deb(bytes(content), bytes(control)))
