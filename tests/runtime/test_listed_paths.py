# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A package's list with `..` in a path: it leads nobody out of the directories that are served."""

from __future__ import annotations

import pytest

from pkgtools.readers.system.ownership import owners_by_dpkg
from pkgtools.readers.system.root_directory import RootDirectory
from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.dpkg_lists import read_list
from pkgtools.runtime.system.listed_paths import plain_lines
from pkgtools.runtime.system.packages import files_of_package, owned
from tests.runtime.batches import batch
from tests.runtime.records import PACKAGE, know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of

ELSEWHERE = "/home/somebody/elsewhere.py"
OUT = f"{PUBLIC}/../../../..{ELSEWHERE}"
IN = f"/opt/../{PUBLIC[1:]}/inside.py"
INSIDE = f"{PUBLIC}/inside.py"


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("/usr/lib/x/../a.py", "/usr/lib/a.py"),
        ("/../../a.py", "/a.py"),
        ("/usr/..", "/"),
        ("/usr/..a/...py", "/usr/..a/...py"),
        ("/usr/./a", "/usr/./a"),
        ("/.", "/."),
    ],
)
def test_only_what_leads_up_is_made_plain(line: str, plain: str) -> None:
    assert plain_lines(f"{line}\n/b\n".encode()) == [plain.encode(), b"/b", b""]


@pytest.fixture
def listed(sandbox: Sandbox) -> Sandbox:
    sandbox.write(ELSEWHERE)
    sandbox.write(INSIDE)
    know(sandbox, [OUT, IN, pyc_of(IN)])
    return sandbox


def test_a_batch_serves_what_lies_in_public_directories(listed: Sandbox) -> None:
    batch(listed)
    assert listed.pycs("/") == {pyc_of(INSIDE)}


def test_a_package_that_is_named_is_served_likewise(listed: Sandbox) -> None:
    listed.compile("-p", PACKAGE)
    assert listed.pycs("/") == {pyc_of(INSIDE)}


def test_every_reader_of_lists_says_the_same(listed: Sandbox) -> None:
    paths = [ELSEWHERE, INSIDE, pyc_of(INSIDE)]
    asked = [InstalledPath(path) for path in paths]
    tree = listed.tree()
    assert read_list(tree, PACKAGE) == files_of_package(tree, PACKAGE) == paths
    assert set(owned(tree, asked).dpkg) == set(paths)
    assert set(owned(tree, asked[2:]).dpkg) == {pyc_of(INSIDE)}
    assert set(owners_by_dpkg(RootDirectory(listed.root), asked)) == set(paths)
    tree.close()


@pytest.mark.parametrize("name", [f"{PUBLIC}/..", f"{PUBLIC}/../python3/dist-packages", f"{PUBLIC}/."])
def test_no_directory_is_reached_by_a_way_up(name: str, sandbox: Sandbox) -> None:
    tree = sandbox.tree()
    with pytest.raises(Refused):
        tree.open(InstalledPath(PUBLIC), InstalledPath(name))
    tree.close()
