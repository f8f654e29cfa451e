# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A tree in memory and the one on disk: what is done to the one comes out in the other, whatever lies there."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pkgtools.debhelper.records import Note
from pkgtools.debhelper.source_package import TreeSettings
from pkgtools.debhelper.tree.operations import describe, perform
from pkgtools.debhelper.tree.scan import put_in_order
from pkgtools.debhelper.tree.virtual_tree import NodeKind, TreeNode, VirtualTree
from pkgtools.runtime.errors import UsageError
from tests.debhelper.trees import DIST, OLD, OTHER, OWN, SETTINGS, SITE, TAG
from tests.lab.work import examples

LONG = "n" * 252 + ".py"
PLACES = (
    *("", "usr/bin", "usr/lib", "usr/lib/python3", "usr/lib/python3.11", "usr/share/python3-foo", "opt/x y"),
    *(
        DIST,
        OLD,
        SITE,
        OTHER,
        "usr/local/lib/python3.12/dist-packages",
        "usr/lib/debug/usr/lib/python3.11/dist-packages",
    ),
    *(f"{place}/{name}" for place in (DIST, OLD, OTHER) for name in ("pkg", "foo-1.dist-info", "__pycache__")),
    f"{OLD}/foo-1-py3.11.egg-info",
)
NAMES = (
    *("a.py", "pkg", "tool", "fast.so", "fastmodule.so", "fast.abi3.so", f"fast.{TAG}.so", "fast.so.1", "fast_d.so"),
    *("METADATA", "WHEEL", "RECORD", "INSTALLER", "LICENSE", "requires.txt", "PKG-INFO", "SOURCES.txt", "__pycache__"),
    *("foo-1-py3.11.egg-info", "foo-1.egg-info", "foo-1.dist-info", "tests", ".hidden", "x.pyc", "dist-packages"),
    *(LONG, "n" * 255, "-rf", "with blank", "quote'\"", "new\nline", "latin-\udce9", "$(id)", "%s", "dollar$", "é.py"),
)
TARGETS = (
    *("a.py", "pkg", "fast.so", "fast.so.1", "..", ".", "../pkg", "nowhere", "loop", "../../../../../../../outside"),
    *("/outside", f"/{DIST}/a.py", f"/{OLD}", "../../python3/dist-packages", "../site-packages", "../bin/tool"),
)
CONTENTS = (
    *(b"", b"1\n", b"2\n", b"#!/usr/bin/env python3\n1\n", b"#!/usr/bin/env python3", b"#!/usr/bin/python3 -s\r\n"),
    *(b"\x7fELF\0PyInit_fast", b"Wheel-Version: 1.0\nTag: a", b"Wheel-Version: 1.0\nTag: b\n", b"#!\xff\n"),
)
MODES = (0o644, 0o755, 0o600, 0o4755, 0o2711, 0o444)


@dataclass(frozen=True, slots=True)
class Entry:
    """One name to be made: of a file (content, mode), a link (target), a directory, a FIFO, a second name."""

    path: str
    kind: str
    content: bytes
    mode: int
    target: str


entries = st.builds(
    Entry,
    path=st.builds(lambda place, name: f"{place}/{name}".lstrip("/"), st.sampled_from(PLACES), st.sampled_from(NAMES)),
    kind=st.sampled_from(("file", "file", "file", "link", "directory", "place", "hard", "fifo")),
    content=st.sampled_from(CONTENTS),
    mode=st.sampled_from(MODES),
    target=st.sampled_from(TARGETS),
)


def make(top: Path, given: list[Entry]) -> None:
    """Make what can be made; what finds its place taken is left out."""
    shared = top / "build"
    shared.mkdir(parents=True)
    (top / "outside").mkdir()
    (top / "outside/a.py").write_text("#!/usr/bin/env python3\n")
    tree = top / "debian/foo"
    tree.mkdir(parents=True)
    for number, entry in enumerate(given):
        path = tree / entry.path
        if entry.kind == "place":  # a link where a directory should be
            path = path.parent
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.parent.resolve().is_relative_to(tree) or os.path.lexists(path):
                continue
            make_one(path, entry, shared / str(number))
        except (NotADirectoryError, FileExistsError):
            continue


def make_one(path: Path, entry: Entry, second: Path) -> None:
    if entry.kind in {"link", "place"}:
        path.symlink_to(entry.target)
    elif entry.kind == "directory":
        path.mkdir()
    elif entry.kind == "fifo":
        os.mkfifo(path)
    else:
        path.write_bytes(entry.content)
        path.chmod(entry.mode)
        if entry.kind == "hard":
            os.link(path, second)


def on_disk(top: Path) -> dict[str, TreeNode]:
    """Return what is there, files with their contents."""
    found = {}
    for directory, below, names in os.walk(top):
        for path in (Path(directory, name) for name in (*below, *names)):
            found[os.fspath(path.relative_to(top))] = node_of(path)
    return found


def node_of(path: Path) -> TreeNode:
    mode = path.lstat().st_mode
    bits = stat.S_IMODE(mode)
    if stat.S_ISLNK(mode):
        return TreeNode(kind=NodeKind.SYMLINK, target=os.readlink(path))
    if stat.S_ISDIR(mode):
        return TreeNode(kind=NodeKind.DIRECTORY, mode=bits)
    content = path.read_bytes() if stat.S_ISREG(mode) else None
    return TreeNode(kind=NodeKind.OTHER if content is None else NodeKind.FILE, mode=bits, content=content)


def in_memory(tree: VirtualTree) -> dict[str, TreeNode]:
    """Return the same of a tree in memory."""
    found = {}
    for directory in tree.walk(""):
        for name in tree.names(directory):
            path = f"{directory}/{name}".lstrip("/")
            node = tree.get(path)
            assert node is not None
            match node.kind:
                case NodeKind.SYMLINK:
                    found[path] = TreeNode(kind=node.kind, target=node.target)
                case NodeKind.DIRECTORY:
                    found[path] = TreeNode(kind=node.kind, mode=node.mode)
                case _:
                    content = tree.read_bytes(path) if node.kind is NodeKind.FILE else None
                    found[path] = TreeNode(kind=node.kind, mode=node.mode, content=content)
    return found


@contextmanager
def fresh_directory() -> Iterator[Path]:
    """Yield a directory for one example, under the umask that the program has."""
    before = os.umask(0o022)
    try:
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
            yield Path(name)
    finally:
        os.umask(before)


choices = st.sampled_from((SETTINGS, OWN))


@settings(max_examples=examples(120))
@given(given=st.lists(entries, max_size=25), choice=choices)
def test_disk_becomes_what_memory_says(given: list[Entry], choice: TreeSettings) -> None:
    with fresh_directory() as top:
        make(top, given)
        package = top / "debian/foo"
        tree = VirtualTree.read(package)
        before = on_disk(top)
        assert in_memory(tree) == on_disk(package)
        notes: tuple[Note, ...] = ()
        refused = ""
        try:
            notes = put_in_order(tree, choice).notes
        except UsageError as error:
            refused = str(error)
        assert on_disk(top) == before
        if refused:
            assert "in this package: ship a directory there" in refused
            return
        wanted = in_memory(tree)
        perform(tree.operations, package, top)
        assert on_disk(package) == wanted
        after = on_disk(top)
        assert {path: node for path, node in after.items() if not path.startswith("debian/")} == {
            path: node for path, node in before.items() if not path.startswith("debian/")
        }
        if notes:  # what is removed later may make room for what was in conflict
            return
        again = VirtualTree.read(package)
        put_in_order(again, choice)
        assert [describe(operation) for operation in again.operations] == []
