# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Trees of packages for tests: what a build left behind, and what it became."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pkgtools.debhelper.main import parse
from pkgtools.debhelper.records import TreeContents
from pkgtools.debhelper.source_package import TreeSettings
from pkgtools.debhelper.supported_pythons import Minor, Pythons
from pkgtools.debhelper.tree.scan import put_in_order
from pkgtools.debhelper.tree.virtual_tree import NodeKind, TreeNode, VirtualTree

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
    options=parse(["--compat=dh_python3"], {}),
    multiarch="x86_64-linux-gnu",
    loaded=lambda _version, _triplet: (),
)
OWN = replace(SETTINGS, options=parse([], {}))
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
                nodes[path] = TreeNode(kind=NodeKind.SYMLINK, target=target)
            case Script(content=text):
                nodes[path] = TreeNode(kind=NodeKind.FILE, mode=0o755, size=len(text), content=text.encode())
            case _ if path.endswith("/"):
                nodes[path.rstrip("/")] = TreeNode(kind=NodeKind.DIRECTORY)
            case str() | bytes():
                data = content.encode() if isinstance(content, str) else content
                nodes[path] = TreeNode(kind=NodeKind.FILE, mode=0o644, size=len(data), content=data)
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
            if node and node.kind is NodeKind.SYMLINK:
                found[path] = f"-> {node.target}"
            elif node and node.kind is NodeKind.FILE:
                found[path] = tree.read_bytes(path).decode("utf-8", "surrogateescape")
    return found


def asked(settings: TreeSettings, *arguments: str) -> TreeSettings:
    """Return settings with further options."""
    compat = ["--compat=dh_python3"] if settings.options.compat else []
    return replace(settings, options=parse([*compat, *arguments], {}))


def ordered(files: dict[str, Content], settings: TreeSettings = SETTINGS) -> tuple[dict[str, str], TreeContents]:
    """Put a tree in order and return what is in it then, and what was found."""
    tree = tree_of(files)
    found = put_in_order(tree, settings)
    return files_of(tree), found
