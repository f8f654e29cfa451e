# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What metadata and the files beside them say, and how much of it is kept."""

from __future__ import annotations

import io

import pytest

from pkgtools.bytecode.examine import LARGEST, ReadingOptions, examine
from pkgtools.model.distribution import DistributionFacts, InstallerFacts
from pkgtools.model.package import File, ProgramFacts, SettingsFacts
from pkgtools.runtime.facts import InstalledPath

INFO = "/usr/lib/python3/dist-packages/acme-1.dist-info"
UNIT = "/usr/lib/systemd/system/acme.service"


def read(path: str, content: bytes, mode: int = 0o100644) -> object:
    file = File(path=InstalledPath(path), mode=mode, size=len(content))
    return examine(file, io.BytesIO(content), ReadingOptions()).facts


METADATA = {
    "plain": (
        b"Metadata-Version: 2.1\nName: acme\nVersion: 1.0\nRequires-Python: >=3.9\n\nVersion: 2\n",
        DistributionFacts(requires_python=">=3.9", name="acme", version="1.0"),
    ),
    "DOS lines": (
        b"Name: acme\r\nVersion: 1.0 \r\n\r\nRequires-Dist: till\r\n",
        DistributionFacts(requires_python="", name="acme", version="1.0"),
    ),
    "requirements": (
        b"name: a\nRequires-Dist: till>=2\nRequires-Dist: x ; extra == 'y'\nRequires-Dist: b[c] (>=1)\n",
        DistributionFacts(
            requires_python="", name="a", requires=("till>=2", "b[c] (>=1)"), conditional=("x ; extra == 'y'",)
        ),
    ),
    "twice": (b"Name: a\nName: b\n", DistributionFacts(requires_python="", name="a")),
    "not UTF-8": (b"Name: \xff\n", DistributionFacts(requires_python="", name="\ufffd")),
    "nothing": (b"", DistributionFacts(requires_python="")),
}


@pytest.mark.parametrize(("content", "expected"), METADATA.values(), ids=METADATA)
def test_metadata(content: bytes, expected: DistributionFacts) -> None:
    assert read(f"{INFO}/METADATA", content) == expected


OF_INSTALLERS = {
    "INSTALLER": (b"pip\n", InstallerFacts(installer="pip")),
    "direct_url.json": (b'{"url": "file:///build/a"}', InstallerFacts(url="file:///build/a")),
    "RECORD": (
        b"acme/a.py,sha256=x,1\n../acme/__pycache__/a.cpython-311.pyc,,\n",
        InstallerFacts(bytecode=(InstalledPath("/usr/lib/python3/acme/__pycache__/a.cpython-311.pyc"),)),
    ),
}


@pytest.mark.parametrize("name", OF_INSTALLERS)
def test_files_of_installers(name: str) -> None:
    content, expected = OF_INSTALLERS[name]
    assert read(f"{INFO}/{name}", content) == expected


def test_launcher_names_its_interpreter() -> None:
    content = b"#!/bin/sh\n'''exec' /build/acme/bin/python3 \"$0\" \"$@\"\n' '''\n"
    assert read("/usr/bin/acme", content, 0o100755) == ProgramFacts(
        first_line=b"#!/bin/sh", launched_by=b"/build/acme/bin/python3"
    )


def test_of_many_entries_a_hundred_are_kept() -> None:
    """A few hundred bytes of an archive unpack to a file of millions of lines."""
    metadata = read(f"{INFO}/METADATA", b"Name: a\n" + b"Requires-Dist: b\n" * 3000)
    record = read(f"{INFO}/RECORD", b"a.pyc,,\n" * 300_000)
    unit = read(UNIT, b"PYTHONPYCACHEPREFIX=/x\n" * 9000)
    assert isinstance(metadata, DistributionFacts)
    assert isinstance(record, InstallerFacts)
    assert isinstance(unit, SettingsFacts)
    assert [len(metadata.requires), len(record.bytecode), len(unit.settings)] == [100, 100, 100]


@pytest.mark.parametrize("path", [f"{INFO}/METADATA", f"{INFO}/RECORD", f"{INFO}/INSTALLER", UNIT, "/usr/bin/acme"])
def test_no_more_is_read_than_is_needed(path: str) -> None:
    content = io.BytesIO(b"#!/usr/bin/python3\n" + bytes(LARGEST))
    examine(File(path=InstalledPath(path), mode=0o100755, size=LARGEST), content, ReadingOptions())
    assert content.tell() <= 4 << 20
