# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is done on disk: whole files are replaced, their owners and modes stay, files of the build aren't touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.debhelper.tree.operations import HardLink, Move, Write, perform
from pkgtools.debhelper.tree.virtual_tree import VirtualTree
from pkgtools.runtime.errors import UsageError
from tests.debhelper.trees import Link, files_of, tree_of


@pytest.mark.parametrize("name", ["x", "n" * 255, "-rf", "new\nline", "latin-\udce9"], ids=ascii)
def test_writing_spares_the_file_of_the_build(tmp_path: Path, name: str) -> None:
    (tmp_path / "build").write_bytes(b"old")
    (tmp_path / "build").chmod(0o4755)
    os.link(tmp_path / "build", tmp_path / name)
    perform([Write(name, b"new")], tmp_path, tmp_path)
    assert ((tmp_path / "build").read_bytes(), (tmp_path / name).read_bytes()) == (b"old", b"new")
    assert (tmp_path / name).stat().st_mode & 0o7777 == 0o4755
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["build", name])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_writing_keeps_the_owner(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    os.chown(tmp_path / "x", 1234, 4321)
    (tmp_path / "x").chmod(0o2755)
    perform([Write("x", b"new")], tmp_path, tmp_path)
    facts = (tmp_path / "x").stat()
    assert (facts.st_uid, facts.st_gid, facts.st_mode & 0o7777) == (1234, 4321, 0o2755)


def test_leftover_of_a_run_that_broke_off_is_no_trap(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"safe")
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / ".dh_pkgtools.new").symlink_to("outside")
    perform([Write("x", b"new")], tmp_path, tmp_path)
    assert ((tmp_path / "outside").read_bytes(), (tmp_path / "x").read_bytes()) == (b"safe", b"new")


def test_link_of_the_source_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real")
    perform([HardLink("link", "a/b"), Move("a/b", "c/d")], tmp_path / "tree", tmp_path)
    assert (tmp_path / "tree/c/d").samefile(tmp_path / "real")


@pytest.mark.parametrize("above", [Link("/etc"), Link("../.."), "a file"], ids=["absolute", "relative", "file"])
def test_nothing_is_put_below_what_is_no_directory(above: Link | str) -> None:
    tree = tree_of({"x": "1", "usr/lib": above})
    changes: list[Callable[[], None]] = [
        lambda: tree.move("x", "usr/lib/deep/x"),
        lambda: tree.write("usr/lib/x", b""),
        lambda: tree.link("x", Path(__file__), "usr/lib/deep/x"),
    ]
    for change in changes:
        with pytest.raises(UsageError, match=r"usr/lib is a .* in this package"):
            change()
    assert tree.operations == []


def test_file_takes_the_place_of_a_directory_and_of_a_link() -> None:
    tree = tree_of({"a/b/c": "1", "link": Link("/etc/passwd")})
    tree.write("a/b", b"2")
    tree.write("link", b"3")
    assert files_of(tree) == {"a/b": "2", "link": "3"}


def test_deep_trees_are_no_trouble(tmp_path: Path) -> None:
    deep = "/".join("d" * 1500)
    os.makedirs(tmp_path / deep[:1000])
    assert VirtualTree.read(tmp_path).is_directory(deep[:999])
    tree = tree_of({f"{deep[:1800]}e": "1"})
    assert sum(1 for _ in tree.walk("")) > 800
    tree.remove("d")
    assert files_of(tree) == {}


@pytest.mark.parametrize(
    ("path", "end"),
    [
        pytest.param("a", "real/x", id="through a linked directory"),
        pytest.param("up", "x", id="up from where the link leads"),
        pytest.param("absolute", "real/x", id="absolute"),
        pytest.param("loop", None, id="loop"),
        pytest.param("dangling", None, id="dangling"),
        pytest.param("through", None, id="through a file"),
        pytest.param("real", "real", id="no link"),
    ],
)
def test_where_links_lead_to(path: str, end: str | None) -> None:
    tree = tree_of(
        {
            "real/x": "1",
            "x": "2",
            "dir": Link("real"),
            "a": Link("dir/x"),
            "up": Link("dir/../x"),
            "absolute": Link("/dir/x"),
            "loop": Link("loop/x"),
            "dangling": Link("dir/y"),
            "through": Link("x/../x"),
        }
    )
    assert tree.leads_to(path) == end


def test_links_are_listed_as_they_come_and_go() -> None:
    tree = tree_of({"d/a": Link("x"), "d/b": "1", "d/c": Link("y")})
    tree.write("d/a", b"1")
    tree.move("d/c", "e/c")
    tree.relink("e/c", "z")
    assert (tree.links("d"), tree.links("e"), tree.links("nowhere")) == ([], ["c"], [])
