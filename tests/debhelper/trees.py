# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Trees of packages for tests: what a build left behind, and what it became."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pkgtools.debhelper.pythons import Pythons
from pkgtools.debhelper.records import Found, Minor
from pkgtools.debhelper.scan import put_in_order
from pkgtools.debhelper.settings import TreeSettings
from pkgtools.debhelper.tree import Kind, Node, VirtualTree

DIST = "usr/lib/python3/dist-packages"
OLD = "usr/lib/python3.11/dist-packages"
SITE = "usr/lib/python3.11/site-packages"
OTHER = "usr/lib/python3.12/dist-packages"
TAG = "cpython-311-x86_64-linux-gnu"
PYTHONS = Pythons(default=Minor(3, 11), supported=(Minor(3, 11), Minor(3, 12)))
SETTINGS = TreeSettings(
    package="python3-foo",
    pythons=PYTHONS,
    versions=None,
    private=(),
    skip_private=False,
    shebang="",
    rewrite_shebangs=True,
    ignore_shebangs=False,
    rename_extensions=True,
    clean_dbg=True,
    multiarch="x86_64-linux-gnu",
    compat=True,
)
OWN = replace(SETTINGS, compat=False)
"""The same, decided our way."""


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True, slots=True)
class Script:
    """An executable file."""

    content: str


Content = str | bytes | Link | Script


def tree_of(files: dict[str, Content]) -> VirtualTree:
    """Make a tree; a path that ends with a slash is an empty directory."""
    nodes = {}
    for path, content in files.items():
        match content:
            case Link(target=target):
                nodes[path] = Node(kind=Kind.SYMLINK, target=target)
            case Script(content=text):
                nodes[path] = Node(kind=Kind.FILE, mode=0o755, size=len(text), content=text.encode())
            case _ if path.endswith("/"):
                nodes[path.rstrip("/")] = Node(kind=Kind.DIRECTORY)
            case str() | bytes():
                data = content.encode() if isinstance(content, str) else content
                nodes[path] = Node(kind=Kind.FILE, mode=0o644, size=len(data), content=data)
    return VirtualTree(nodes)


def files_of(tree: VirtualTree) -> dict[str, str]:
    """Return path -> content of all files, `-> target` of links; empty directories with a slash at the end."""
    found = {}
    for directory in tree.walk(""):
        names = tree.names(directory)
        if not names and directory:
            found[f"{directory}/"] = ""
        for name in names:
            path = f"{directory}/{name}".lstrip("/")
            node = tree.get(path)
            if node and node.kind is Kind.SYMLINK:
                found[path] = f"-> {node.target}"
            elif node and node.kind is Kind.FILE:
                found[path] = tree.read_bytes(path).decode("utf-8", "surrogateescape")
    return found


def ordered(files: dict[str, Content], settings: TreeSettings = SETTINGS) -> tuple[dict[str, str], Found]:
    """Put a tree in order and return what is in it then, and what was found."""
    tree = tree_of(files)
    found = put_in_order(tree, settings)
    return files_of(tree), found
