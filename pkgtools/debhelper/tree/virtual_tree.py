# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A package's tree in memory: changes are made here first, and recorded as operations to be performed later.

Paths are relative to the tree, with slashes and without one in front; what isn't UTF-8 is surrogate-escaped. Links are
never followed, except by `leads_to`.
"""

from __future__ import annotations

import os
import posixpath
import stat
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.symlinks import follow
from pkgtools.runtime.errors import UsageError

from .operations import HardLink, Move, Operation, Relink, Remove, RemoveDirectory, Write

if TYPE_CHECKING:
    from collections.abc import Iterator


class NodeKind(Enum):
    """What a name stands for."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """One name of the tree."""

    kind: NodeKind
    """Whether it is a regular file, a directory, a symbolic link or something else."""
    mode: int = 0o755
    """Permission bits."""
    size: int = 0
    """Bytes."""
    target: str = ""
    """What a symbolic link says."""
    origin: str = ""
    """Where the content is on disk; empty: nowhere."""
    content: bytes | None = None
    """The content, where it isn't the one on disk."""


class VirtualTree:
    """A tree that can be changed without touching the disk."""

    def __init__(self, nodes: dict[str, TreeNode] | None = None) -> None:
        """Begin with some nodes; each one's directories come of themselves."""
        self.operations: list[Operation] = []
        self._nodes: dict[str, TreeNode] = {"": TreeNode(kind=NodeKind.DIRECTORY)}
        self._children: dict[str, set[str]] = {"": set()}
        self._links: dict[str, set[str]] = {}
        for path, node in sorted((nodes or {}).items()):
            self._add(path, node)

    @classmethod
    def read(cls, top: Path) -> VirtualTree:
        """Look at a tree on disk; an empty one where there is none. Raises OSError."""
        tree = cls()
        if not top.is_dir():
            return tree
        pending = [""]
        while pending:
            directory = pending.pop()
            with os.scandir(top / directory) as entries:
                for entry in entries:
                    path = posixpath.join(directory, entry.name)
                    node = _node(entry)
                    tree._add(path, node)
                    if node.kind is NodeKind.DIRECTORY:
                        pending.append(path)
        return tree

    def _add(self, path: str, node: TreeNode) -> None:
        parent, name = posixpath.split(path)
        if parent not in self._nodes:
            self._add(parent, TreeNode(kind=NodeKind.DIRECTORY))
        self._nodes[path] = node
        self._children.setdefault(parent, set()).add(name)
        if node.kind is NodeKind.SYMLINK:
            self._links.setdefault(parent, set()).add(name)
        if node.kind is NodeKind.DIRECTORY:
            self._children.setdefault(path, set())

    def get(self, path: str) -> TreeNode | None:
        """Return what is at a path."""
        return self._nodes.get(path)

    def exists(self, path: str) -> bool:
        """Whether there is anything at a path, a dangling link included."""
        return path in self._nodes

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        node = self._nodes.get(path)
        return node is not None and node.kind is NodeKind.DIRECTORY

    def is_file(self, path: str) -> bool:
        """Whether a regular file is there."""
        node = self._nodes.get(path)
        return node is not None and node.kind is NodeKind.FILE

    def is_symlink(self, path: str) -> bool:
        """Whether a symbolic link is there."""
        node = self._nodes.get(path)
        return node is not None and node.kind is NodeKind.SYMLINK

    def names(self, directory: str) -> list[str]:
        """Return the names in a directory, sorted."""
        return sorted(self._children.get(directory, ()))

    def links(self, directory: str) -> list[str]:
        """Return the names of symbolic links in a directory, sorted."""
        return sorted(self._links.get(directory, ()))

    def walk(self, directory: str) -> Iterator[str]:
        """Yield a directory and all directories below it, parents first. Those that go meanwhile are left out."""
        pending = [directory]
        while pending:
            directory = pending.pop()
            if self.is_directory(directory):
                yield directory
                pending += [posixpath.join(directory, name) for name in reversed(self.names(directory))]

    def read_bytes(self, path: str) -> bytes:
        """Return a file's content as it will be. Raises OSError."""
        node = self._nodes[path]
        if node.content is not None:
            return node.content
        return Path(node.origin).read_bytes() if node.origin else b""

    def read_start(self, path: str, size: int) -> bytes:
        """Return the first bytes of a file. Raises OSError."""
        node = self._nodes[path]
        if node.content is not None or not node.origin:
            return (node.content or b"")[:size]
        with Path(node.origin).open("rb") as stream:
            return stream.read(size)

    def same(self, one: str, other: str) -> bool:
        """Whether two files have the same bytes. Raises OSError."""
        if self._nodes[one].size != self._nodes[other].size:
            return False
        return self.read_bytes(one) == self.read_bytes(other)

    def leads_to(self, path: str) -> str | None:
        """Return where a path ends inside the tree, with all links followed; None if it leaves it, loops or dangles."""
        return follow("", path, self._child, self._link_of, deepest=len(self._nodes))

    def _child(self, directory: str, name: str, is_last: bool) -> str | None:
        path = posixpath.join(directory, name)
        node = self._nodes.get(path)
        return (
            None if node is None or (node.kind not in {NodeKind.DIRECTORY, NodeKind.SYMLINK} and not is_last) else path
        )

    def _link_of(self, path: str) -> str:
        return self._nodes[path].target if self.is_symlink(path) else ""

    def move(self, path: str, to: str) -> None:
        """Give a file, link or directory another place, where nothing may be yet."""
        self._require_room(to)
        self.operations.append(Move(path, to))
        nodes = [(to + one[len(path) :], self._nodes[one]) for one in self._below(path)]
        self._forget(path)
        for target, node in nodes:
            self._add(target, node)

    def remove(self, path: str) -> None:
        """Remove a file, link or whole directory."""
        for one in reversed(list(self._below(path))):
            self.operations.append(RemoveDirectory(one) if self.is_directory(one) else Remove(one))
        self._forget(path)

    def write(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Make a file, or give one another content; what was there keeps its mode."""
        before = self._nodes.get(path)
        if before is not None and before.kind is NodeKind.FILE:
            self.operations.append(Write(path, content))
            self._nodes[path] = replace(before, content=content, size=len(content))
            return
        if before is not None:
            self.remove(path)
        self._require_room(path)
        self.operations.append(Write(path, content, mode))
        self._add(path, TreeNode(kind=NodeKind.FILE, mode=mode, size=len(content), content=content))

    def relink(self, path: str, target: str) -> None:
        """Let a symbolic link lead elsewhere."""
        self.operations.append(Relink(path, target))
        self._nodes[path] = replace(self._nodes[path], target=target)

    def link(self, source: str, origin: Path, path: str) -> None:
        """Install a file of the source package, in the place of what may be there."""
        if path in self._nodes:
            self.remove(path)
        self._require_room(path)
        self.operations.append(HardLink(source, path))
        status = origin.stat()
        mode = stat.S_IMODE(status.st_mode)
        self._add(path, TreeNode(kind=NodeKind.FILE, mode=mode, size=status.st_size, origin=str(origin)))

    def prune(self, directory: str) -> None:
        """Remove a directory if it is empty, and then those above it."""
        while directory and self.is_directory(directory) and not self._children[directory]:
            self.operations.append(RemoveDirectory(directory))
            self._forget(directory)
            directory = posixpath.dirname(directory)

    def _below(self, path: str) -> Iterator[str]:
        """Yield a path and all below it, parents first."""
        pending = [path]
        while pending:
            path = pending.pop()
            yield path
            pending += [posixpath.join(path, name) for name in reversed(self.names(path))]

    def _require_room(self, path: str) -> None:
        """See that a path is free and that it lies in directories: a link may lead out of the package."""
        if path in self._nodes:
            raise FileExistsError(f"{path} is in the package already")
        above = posixpath.dirname(path)
        while above not in self._nodes:
            above = posixpath.dirname(above)
        if not self.is_directory(above):
            what = "a link" if self.is_symlink(above) else "a file"
            raise UsageError(f"{path} can't be made, for {above} is {what} in this package: ship a directory there")

    def _forget(self, path: str) -> None:
        for one in list(self._below(path)):
            self._children.pop(one, None)
            self._links.pop(one, None)
            del self._nodes[one]
        parent, name = posixpath.split(path)
        self._children[parent].discard(name)
        self._links.get(parent, set()).discard(name)


def _node(entry: os.DirEntry[str]) -> TreeNode:
    status = entry.stat(follow_symlinks=False)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return TreeNode(kind=NodeKind.SYMLINK, target=os.readlink(entry.path))  # noqa: PTH115 - a Path would lose `./`
    if stat.S_ISDIR(status.st_mode):
        return TreeNode(kind=NodeKind.DIRECTORY, mode=mode)
    kind = NodeKind.FILE if stat.S_ISREG(status.st_mode) else NodeKind.OTHER
    return TreeNode(kind=kind, mode=mode, size=status.st_size, origin=entry.path)
