# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What isn't a source though it is called x.py, and what stands where a cache should be."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable

import pytest

from tests.lab.tree import differences
from tests.runtime.sandbox import APP, PUBLIC, TAG, Sandbox, pyc_of, reference_pyc

Make = Callable[[str], None]
X = f"{APP}/x.py"
GOOD = f"{APP}/good.py"


def _socket(path: str) -> None:
    here = os.open(os.path.dirname(path), os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(f"/proc/self/fd/{here}/{os.path.basename(path)}")
    os.close(here)


def _device(major: int, minor: int, kind: int = stat.S_IFCHR) -> Make:
    return lambda path: os.mknod(path, kind | 0o666, os.makedev(major, minor))


def _link(target: str) -> Make:
    return lambda path: os.symlink(target, path)


THINGS: dict[str, Make] = {
    "fifo": os.mkfifo,
    "socket": _socket,
    "null": _device(1, 3),
    "zero": _device(1, 5),
    "terminal": _device(5, 0),
    "no-such-device": _device(240, 99),
    "block-device": _device(240, 99, stat.S_IFBLK),
    "directory": os.mkdir,
    "dangling-link": _link("/nonexistent"),
    "link-to-shadow": _link("/etc/shadow"),
    "link-to-sibling": _link("good.py"),
    "link-to-itself": _link("x.py"),
    "link-to-directory": _link("/opt"),
    "link-to-fifo": _link("/dev/stdin"),
}
LINKS = {what for what in THINGS if what.endswith("link") or what.startswith("link")}


AS_DIRECTORY = {("directory", "walk"), ("directory", "file"), ("link-to-directory", "file")}
"""Taken for what they are: directories, of which the last is reached by a link of root's."""


@pytest.mark.parametrize("way", ["walk", "file", "from0"])
def test_thing_called_py_is_skipped_with_its_reason_and_its_sibling_compiled(way: str, sandbox: Sandbox) -> None:
    good = [sandbox.write(f"{APP}/{what}/good.py") for what in THINGS]
    for what, make in THINGS.items():
        make(sandbox.path(f"{APP}/{what}/x.py"))
    before = sandbox.below()
    paths = [*good, *(f"{APP}/{what}/x.py" for what in THINGS)]
    arguments = {"walk": [APP], "file": paths, "from0": ["--from0", "-"]}[way]
    ran = sandbox.compile(*arguments, given="\0".join(paths).encode())
    assert ran.status == 0
    for what in THINGS:
        if (what, way) not in AS_DIRECTORY:
            told = ran.of(f"{APP}/{what}/x.py")
            assert told == ("skipped", "symlink" if what in LINKS else "not-a-regular-file"), what
    assert sandbox.pycs("/") == {pyc_of(path) for path in good}
    assert sandbox.clean(*arguments, given="\0".join(paths).encode()).status == 0
    assert differences(before, sandbox.below()) == []


IN_PLACE: dict[str, tuple[Make, str]] = {
    "file": (lambda path: open(path, "w").close(), "not-a-directory"),
    "fifo": (os.mkfifo, "not-a-directory"),
    "socket": (_socket, "not-a-directory"),
    "device": (_device(1, 3), "not-a-directory"),
    "dangling-link": (_link("/nonexistent"), "symlink"),
    "link-inside": (_link("sub"), "symlink"),
    "link-outside": (_link("/srv/victim"), "symlink"),
    "relative-link-outside": (_link("../../srv/victim"), "symlink"),
}


@pytest.mark.parametrize("what", IN_PLACE)
def test_t5_t22_what_stands_in_the_place_of_a_cache_is_refused_aloud(what: str, sandbox: Sandbox) -> None:
    make, reason = IN_PLACE[what]
    sandbox.write(GOOD)
    other = sandbox.write(f"{APP}/sub/other.py")
    sandbox.write(f"/srv/victim/good.{TAG}.pyc", b"somebody's")
    make(sandbox.path(f"{APP}/__pycache__"))
    before = sandbox.below()
    ran = sandbox.compile(APP, limit=20)
    assert (ran.status, ran.of(f"{APP}/__pycache__")) == (2, ("refused", reason))
    assert sandbox.pycs() == {pyc_of(other)}
    cleaned = sandbox.clean(APP, limit=20)
    assert (cleaned.status, cleaned.of(f"{APP}/__pycache__")) == (2, ("refused", reason))
    assert differences(before, sandbox.below()) == []


AS_PYC: dict[str, Make] = {
    "fifo": os.mkfifo,
    "socket": _socket,
    "device": _device(1, 3),
    "dangling-link": _link("/nonexistent"),
    "link-to-itself": _link(f"good.{TAG}.pyc"),
    "link-to-a-pyc": _link("/srv/victim/good.pyc"),
}


@pytest.mark.parametrize("what", AS_PYC)
def test_t16_thing_with_the_name_of_a_pyc_is_replaced(what: str, sandbox: Sandbox) -> None:
    sandbox.write(GOOD)
    sandbox.write("/srv/victim/good.pyc", reference_pyc(sandbox, GOOD))
    victim = sandbox.below("/srv")
    sandbox.directory(f"{APP}/__pycache__")
    AS_PYC[what](sandbox.path(pyc_of(GOOD)))
    ran = sandbox.compile(APP, limit=20)
    assert (ran.status, "compiled" in {status for status, _ in ran.all_of(pyc_of(GOOD))}) == (0, True)
    assert sandbox.read(pyc_of(GOOD)) == reference_pyc(sandbox, GOOD)
    assert differences(victim, sandbox.below("/srv")) == []


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
def test_t5_directory_with_the_name_of_a_pyc_is_said(full: bool, sandbox: Sandbox) -> None:
    sandbox.write(GOOD)
    other = sandbox.write(f"{APP}/other.py")
    sandbox.directory(pyc_of(GOOD))
    if full:
        sandbox.write(f"{pyc_of(GOOD)}/file", b"")
    ran = sandbox.compile(APP)
    assert (ran.status, ran.of(pyc_of(GOOD))[0], ran.of(pyc_of(other))) == (2, "error", ("compiled", "missing"))
    assert [p for p in sandbox.below(APP) if p.endswith(".tmp")] == []
    cleaned = sandbox.clean(APP)
    assert sandbox.exists(pyc_of(GOOD)) == (full or cleaned.status == 2)
    assert not sandbox.exists(pyc_of(other))


def test_links_of_roots_above_the_base_are_followed(sandbox: Sandbox) -> None:
    source = sandbox.write("/srv/real/app/m.py")
    os.symlink("../srv/real", sandbox.path("/opt/link"))
    ran = sandbox.compile("/opt/link/app")
    assert (ran.status, ran.told[0].path) == (0, pyc_of("/opt/link/app/m.py"))
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, "/opt/link/app/m.py")


def test_absolute_link_above_the_base_stays_inside_the_root(sandbox: Sandbox) -> None:
    sandbox.write("/srv/real/app/m.py")
    os.symlink("/srv/real", sandbox.path("/opt/link"))
    os.symlink("/../../../../srv/real", sandbox.path("/opt/out"))
    for link in ("link", "out"):
        assert sandbox.compile("-f", f"/opt/{link}/app").status == 0
    assert sandbox.pycs("/srv") == {pyc_of("/srv/real/app/m.py")}


REFUSED_LINKS = [
    pytest.param("/opt/freds", 1000, "symlink", id="freds-link"),
    pytest.param("/opt/loop", 0, "symlink", id="loop"),
]


@pytest.mark.parametrize(("link", "owner", "reason"), REFUSED_LINKS)
def test_t5_link_on_the_way_that_is_not_roots_is_refused(link: str, owner: int, reason: str, sandbox: Sandbox) -> None:
    sandbox.write("/srv/real/m.py")
    os.symlink("loop" if link.endswith("loop") else "/srv/real", sandbox.path(link))
    os.chown(sandbox.path(link), owner, owner, follow_symlinks=False)
    ran = sandbox.compile(link, limit=20)
    assert (ran.status, {(one.status, one.reason) for one in ran.told}) == (2, {("refused", reason)})
    assert sandbox.pycs("/") == set()


def test_linked_directories_below_the_base_are_not_entered(sandbox: Sandbox) -> None:
    sandbox.write("/srv/victim/m.py")
    sandbox.write(f"{PUBLIC}/good.py")
    os.symlink("/srv/victim", sandbox.path(f"{PUBLIC}/pkg"))
    os.lchown(sandbox.path(f"{PUBLIC}/pkg"), 1000, 1000)
    assert sandbox.compile(PUBLIC).status == 0
    ran = sandbox.compile("--from0", "-", given=f"{PUBLIC}/pkg/m.py".encode())
    assert (ran.status, {(one.status, one.reason) for one in ran.told}) == (2, {("refused", "symlink")})
    assert sandbox.pycs("/") == {pyc_of(f"{PUBLIC}/good.py")}


def test_t5_path_that_is_not_there_is_said(sandbox: Sandbox) -> None:
    for path in ("/opt/nothing", "/opt/nothing/m.py"):
        ran = sandbox.compile(path)
        assert (ran.status, ran.of(path)) == (2, ("error", "no-source"))


def test_same_file_named_in_two_ways_is_compiled_once(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/sub/m.py")
    ran = sandbox.compile(APP, f"{APP}/sub", f"{APP}/sub/m.py", f"/{APP}/sub")
    assert (ran.status, ran.summary) == (0, {"compiled": 1})
