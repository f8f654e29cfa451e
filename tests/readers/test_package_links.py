# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Links in packages of Alpine and Arch Linux: nothing is followed, and none of them is taken for a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import SourceFacts
from pkgtools.readers.package import read_package
from tests.readers.deb_crafted import END, entry
from tests.readers.test_alpm import alpm
from tests.readers.test_apk import apk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pkgtools.model.package import File

MAKERS: dict[str, Callable[[bytes], bytes]] = {"apk": lambda files: apk(files + END), "alpm": alpm}


def read(make: Callable[[bytes], bytes], files: bytes, directory: Path) -> dict[str, File]:
    path = directory / "package"
    path.write_bytes(make(files))
    return {one.path: one for one in read_package(path, ReadingOptions()).files}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_symbolic_link_is_kept_as_it_is(make: Callable[[bytes], bytes], tmp_path: Path) -> None:
    found = read(make, entry(b"usr/m.py", kind=b"2", link=b"../../etc/passwd"), tmp_path)["/usr/m.py"]
    assert (found.is_symlink, found.link, found.facts, found.size) == (True, "../../etc/passwd", None, 0)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_hard_link_has_the_facts_of_the_file_before_it(make: Callable[[bytes], bytes], tmp_path: Path) -> None:
    files = entry(b"usr/a.py", b"x = 1\n") + entry(b"usr/b.py", kind=b"1", link=b"usr/a.py")
    found = read(make, files, tmp_path)
    assert isinstance(found["/usr/b.py"].facts, SourceFacts)
    assert found["/usr/b.py"].facts == found["/usr/a.py"].facts


@pytest.mark.parametrize("link", [b"usr/m.py", b"usr/later.py", b"../../etc/shadow", b"/"])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_hard_link_to_nothing_has_no_facts(make: Callable[[bytes], bytes], link: bytes, tmp_path: Path) -> None:
    files = entry(b"usr/m.py", kind=b"1", link=link) + entry(b"usr/later.py", b"x = 1\n")
    assert read(make, files, tmp_path)["/usr/m.py"].facts is None


@pytest.mark.parametrize("kind", [b"3", b"4", b"6"], ids=["character device", "block device", "pipe"])
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_what_is_no_file_has_no_content(make: Callable[[bytes], bytes], kind: bytes, tmp_path: Path) -> None:
    found = read(make, entry(b"usr/m.py", kind=kind), tmp_path)["/usr/m.py"]
    assert (found.is_regular, found.facts) == (False, None)
