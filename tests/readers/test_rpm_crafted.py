# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages whose header contradicts itself or the payload, old ones, and what isn't a package; by both readers."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import subprocess
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.readers.rpm.rpm_file import read_rpm
from pkgtools.readers.rpm.tags import SIGNATURE_NUMBERS, Tag
from pkgtools.readers.unreadable import UnreadablePackage
from tests.readers.rpm_crafted import TRAILER, bare, crafted, member, numbers, string, strings
from tests.readers.rpm_samples import (
    read,
)


def write(directory: Path, content: bytes) -> Path:
    path = directory / "crafted.rpm"
    path.write_bytes(content)
    return path


DIFFERENCES = {
    "missing": ([member(b"./opt/a.py", b"x")], "1 of the files that its header names are missing from the payload"),
    "stranger": (
        [member(b"./opt/a.py", b"x"), member(b"./opt/b.py", b"y"), member(b"./opt/c.py")],
        "1 of the files are in the payload, and its header doesn't name them: /opt/c.py",
    ),
    "twice": (
        [member(b"opt/a.py", b"x"), member(b"/opt/b.py", b"y"), member(b"./opt/a.py", b"x")],
        "1 of the files are in the payload more than once: /opt/a.py",
    ),
    "longer": (
        [member(b"./opt/a.py", b"x"), member(b"./opt/b.py", b"yy")],
        "1 of the files have another size in the payload than in the header: /opt/b.py",
    ),
    "hostile name": (
        [member(b"./opt/a.py", b"x"), member(b"./opt/b.py", b"y"), member(b"../../e\x1b[2J")],
        "1 of the files are in the payload, and its header doesn't name them: '/../../e\\x1b[2J'",
    ),
}


@pytest.mark.parametrize(("members", "flaw"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_difference_between_header_and_payload_is_a_flaw(members: list[bytes], flaw: str, tmp_path: Path) -> None:
    path = write(tmp_path, crafted(bare(["a.py", "b.py"], [1, 1]), b"".join(members) + TRAILER))
    (found,) = read(path, True).flaws
    assert found.startswith(flaw)


def test_longer_content_is_not_intact_even_if_it_begins_well(tmp_path: Path) -> None:
    tags = bare(["a.py"], [1]) | {int(Tag.FILEDIGESTS): strings(hashlib.md5(b"x").hexdigest())}
    (file,) = read_rpm(write(tmp_path, crafted(tags, member(b"./opt/a.py", b"xy") + TRAILER))).files
    assert file.is_intact is False


LINKED = {
    "content at the last": (b"", b"", b"x = 1"),
    "content at the first": (b"x = 1", b"", b""),
    "content at each": (b"x = 1", b"x = 1", b"x = 1"),
}


@pytest.mark.parametrize("contents", LINKED.values(), ids=list(LINKED))
def test_content_of_a_file_with_several_names_is_read_wherever_it_is(
    contents: tuple[bytes, ...], tmp_path: Path
) -> None:
    names = ["a.py", "b.txt", "c.py"]
    given: list[tuple[str, bytes]] = []
    inodes = {int(Tag.FILEINODES): numbers(7, 7, 7), int(Tag.FILEDEVICES): numbers(1, 1, 1)}
    members = zip(names, contents, strict=True)
    payload = b"".join(member(f"./opt/{name}".encode(), content) for name, content in members)
    look = ReadingOptions(sink=lambda path, content, _: given.append((path, content)))
    package = read_rpm(write(tmp_path, crafted(bare(names, [5, 5, 5]) | inodes, payload + TRAILER)), look)
    assert [(file.path, file.link, file.facts is not None) for file in package.files] == [
        ("/opt/a.py", "", True),
        ("/opt/b.txt", "/opt/a.py", False),
        ("/opt/c.py", "/opt/a.py", True),
    ]
    assert given == [("/opt/a.py", b"x = 1"), ("/opt/c.py", b"x = 1")]
    assert package.flaws == ()


def test_same_inode_with_other_content_is_another_file(tmp_path: Path) -> None:
    inodes = {int(Tag.FILEINODES): numbers(7, 7), int(Tag.FILEDEVICES): numbers(1, 1)}
    payload = member(b"./opt/a.py", b"x") + member(b"./opt/b.py", b"yy") + TRAILER
    package = read_rpm(write(tmp_path, crafted(bare(["a.py", "b.py"], [1, 2]) | inodes, payload)))
    assert [(file.link, file.facts is not None) for file in package.files] == [("", True), ("", True)]
    assert package.flaws == ()


OLD = {
    "gzip, unnamed": (gzip.compress, None),
    "gzip": (gzip.compress, "gzip"),
    "plain, though gzip is named": (bytes, "gzip"),
    "bzip2": (bz2.compress, "bzip2"),
    "lzma": (lambda data: lzma.compress(data, lzma.FORMAT_ALONE), "lzma"),
}


@pytest.mark.parametrize(("pack", "name"), OLD.values(), ids=OLD)
def test_old_package_with_whole_names_is_read(pack: type[bytes], name: str | None, tmp_path: Path) -> None:
    payload = pack(member(b"opt/a.py", b"x = 1") + TRAILER)
    tags = bare(["a.py"], [5])
    for tag in (Tag.BASENAMES, Tag.DIRNAMES, Tag.DIRINDEXES):
        del tags[tag]
    tags[Tag.OLDFILENAMES] = strings("/opt/a.py")
    tags[Tag.FILEDIGESTS] = strings(hashlib.md5(b"x = 1").hexdigest())
    if name:
        tags[Tag.PAYLOADCOMPRESSOR] = string(name)
    signature = {SIGNATURE_NUMBERS[Tag.SIGMD5]: (7, bytes(16), 16)}
    package = read(write(tmp_path, crafted(tags, payload, signature)), True)
    assert [(file.path, file.is_intact) for file in package.files] == [("/opt/a.py", True)]
    assert package.flaws == ("it doesn't have the md5 digest that its signature header names",)


def test_wide_sizes_are_read(tmp_path: Path) -> None:
    tags = bare(["large"])
    del tags[Tag.FILESIZES]
    tags[Tag.LONGFILESIZES] = numbers(5 << 30, width=8)
    (file,) = read(write(tmp_path, crafted(tags)), False).files
    assert file.size == 5 << 30


REFUSED = {
    "no compression that is known": ({Tag.PAYLOADCOMPRESSOR: string("br")}, "'br'"),
    "a delta": ({Tag.PAYLOADFORMAT: string("drpm")}, "'drpm'"),
    "fewer modes than files": ({Tag.FILEMODES: numbers(1, width=2)}, "1 values of FILEMODES for 2 files"),
    "fewer owners than files": ({Tag.FILEUSERNAME: strings("a")}, "1 values of FILEUSERNAME for 2 files"),
    "no such directory": ({Tag.DIRINDEXES: numbers(0, 1)}, "directory 1 of 1"),
    "names that are numbers": ({Tag.BASENAMES: numbers(1, 2)}, "BASENAMES can't have the type 4"),
    "numbers that are names": ({Tag.FILEFLAGS: strings("a", "b")}, "FILEFLAGS can't have the type 8"),
    "long directory": ({Tag.DIRNAMES: strings("/" + "a" * 4096)}, "too long"),
    "a trigger without script": (
        {
            Tag.TRANSFILETRIGGERNAME: strings("/"),
            Tag.TRANSFILETRIGGERINDEX: numbers(0),
            Tag.TRANSFILETRIGGERFLAGS: numbers(1 << 16),
        },
        "no script",
    ),
    "a trigger without flags": (
        {Tag.FILETRIGGERNAME: strings("/"), Tag.FILETRIGGERINDEX: numbers(0), Tag.FILETRIGGERSCRIPTS: strings("x")},
        "FILETRIGGERFLAGS",
    ),
    "dependencies without versions": ({Tag.REQUIRENAME: strings("a"), Tag.REQUIREVERSION: strings("1", "2")}, "fewer"),
    "no name": ({Tag.NAME: string("")}, "no name"),
}


@pytest.mark.parametrize(("tags", "said"), REFUSED.values(), ids=REFUSED)
def test_header_that_contradicts_itself_is_refused(
    tags: dict[int, tuple[int, bytes, int]], said: str, tmp_path: Path
) -> None:
    path = write(tmp_path, crafted({**bare(["a", "b"]), **tags}, member(b"./opt/a") + member(b"./opt/b") + TRAILER))
    with pytest.raises(UnreadablePackage, match=said):
        read(path, True)


def test_many_names_in_a_long_directory_are_no_bomb(tmp_path: Path) -> None:
    count = 100_000
    tags = bare(["a"] * count) | {int(Tag.DIRNAMES): strings("/" + "d" * 4000)}
    with pytest.raises(UnreadablePackage, match="too long"):
        read_rpm(write(tmp_path, crafted(tags)))


@pytest.mark.parametrize("name", ["missing.rpm", "", "fifo"])
def test_what_is_no_file_is_said_with_its_name(name: str, tmp_path: Path) -> None:
    subprocess.run(["mkfifo", str(tmp_path / "fifo")], check=True)
    with pytest.raises(UnreadablePackage) as raised:
        read_rpm(tmp_path / name)
    assert str(raised.value).startswith(f"{tmp_path / name}: ")
