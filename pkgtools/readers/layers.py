# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the files that layers of an image make when they are put upon one another, as a container's engine does it.

https://github.com/opencontainers/image-spec/blob/main/layer.md: later layers replace what earlier ones have; `.wh.x`
removes x of earlier layers, `.wh..wh..opq` all that earlier layers have in its directory.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.runtime.facts import InstalledPath

from .errors import MOST_ENTRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.model.package import File

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_DEEPEST = 200
"""Directories below one another, as in directories on disk."""
_MOST_LINKS = 40
"""Symbolic links on the way to a file, as in Linux."""


_TOP = InstalledPath("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A name in a layer."""

    file: File
    """Its path is that in the layer; its link that in the archive."""
    linked: InstalledPath | None = None
    """The path of the file that it is another name of."""
    content: bytes | None = None
    """That of a small file which is needed before all others."""


@dataclass(slots=True)
class Node:
    """A name in the file system that the layers make."""

    file: File | None = None
    """None for a directory that no layer names."""
    layer: int = 0
    """The number of the layer where its content is."""
    origin: InstalledPath = _TOP
    """The path of its content in that layer."""
    content: bytes | None = None
    children: dict[str, Node] = field(default_factory=dict)

    @property
    def is_directory(self) -> bool:
        """Whether there can be something in it."""
        return self.file is None or self.file.is_directory


class LayeredFiles:
    """The files of an image; layers are added from the lowest to the topmost."""

    def __init__(self, is_kept: Callable[[InstalledPath], bool]) -> None:
        """Start with nothing. Of what is neither directory nor symbolic link, only what `is_kept` stays."""
        self._top = Node()
        self._is_kept = is_kept
        self._layers = 0
        self._names = 0
        self.problems: list[str] = []
        """What of the layers could not be placed."""

    def add(self, entries: Iterable[Entry], *, whiteouts: bool) -> None:
        """Put a layer on top. Raises ValueError for too many names."""
        own = []
        for entry in entries:
            name = basename(entry.file.path)
            if whiteouts and name.startswith(_WHITEOUT):
                self._white_out(entry.file.path)
            else:
                own.append(entry)
        for entry in own:
            self._place(entry)
        self._layers += 1

    def _white_out(self, path: InstalledPath) -> None:
        above = self._directory(dirname(path), make=False)
        if above is None:
            return
        name = basename(path)
        if name == _OPAQUE:
            above.children.clear()
        else:
            above.children.pop(name.removeprefix(_WHITEOUT), None)

    def _place(self, entry: Entry) -> None:
        path = entry.file.path
        directory = self._directory(dirname(path), make=True)
        if directory is None:
            self.problems.append(f"{path}: too many directories or links on the way")
            return
        name = basename(path)
        old = directory.children.get(name)
        if entry.file.is_directory and old is not None and old.is_directory:
            old.file = entry.file
            return
        directory.children.pop(name, None)
        node = self._node(entry)
        if node is not None:
            self._count()
            directory.children[name] = node

    def _node(self, entry: Entry) -> Node | None:
        file = entry.file
        if not (file.is_directory or file.is_symlink or self._is_kept(file.path)):
            return None
        if entry.linked is not None:
            return self._another_name(entry, entry.linked)
        return Node(file=file, layer=self._layers, origin=file.path, content=entry.content)

    def _another_name(self, entry: Entry, linked: InstalledPath) -> Node | None:
        directory = self._directory(dirname(linked), make=False)
        first = directory.children.get(basename(linked)) if directory else None
        if first is None or first.file is None or first.file.is_directory:
            self.problems.append(f"{entry.file.path}: another name of {linked}, which isn't looked at")
            return None
        return Node(file=first.file, layer=first.layer, origin=first.origin, content=first.content)

    def _directory(self, path: str, *, make: bool) -> Node | None:
        """Go to a directory as a process with this root directory would, links followed; `make` what is missing."""
        todo = [name for name in path.split("/")[::-1] if name]
        above: list[Node] = []
        here = self._top
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                here = above.pop() if above else self._top
                continue
            child = here.children.get(name)
            if child is not None and child.file is not None and child.file.is_symlink:
                links += 1
                if links > _MOST_LINKS:
                    return None
                target = child.file.link
                if target.startswith("/"):
                    here, above = self._top, []
                todo.extend(part for part in target.split("/")[::-1] if part not in {"", "."})
                continue
            if child is None or not child.is_directory:
                if not make:
                    return None
                self._count()
                child = here.children[name] = Node()
            above.append(here)
            if len(above) > _DEEPEST:
                return None
            here = child
        return here

    def _count(self) -> None:
        self._names += 1
        if self._names > MOST_ENTRIES:
            raise ValueError(f"there are more than {MOST_ENTRIES} files in it")

    def names(self, directory: InstalledPath) -> list[str]:
        """Return the names in a directory that are kept, sorted; none if there is no such directory."""
        found = self._directory(directory, make=False)
        return sorted(found.children) if found else []

    def read(self, path: InstalledPath, limit: int) -> bytes | None:
        """Return the content of one of the files that were needed first, at most `limit` bytes; None if it isn't."""
        directory = self._directory(dirname(path), make=False)
        node = directory.children.get(basename(path)) if directory else None
        return node.content[:limit] if node is not None and node.content is not None else None

    def walk(self, wants: Callable[[InstalledPath], bool]) -> Iterator[tuple[InstalledPath, Node]]:
        """Yield names in order, directories before what is in them; `wants` says which directories to enter.

        The file of each has the path that it has in the file system, whatever its layer called it.
        """
        todo = [(InstalledPath("/"), self._top)]
        while todo:
            path, node = todo.pop()
            if path != "/":
                if node.file is not None:
                    yield path, _with_path(node, path)
                if not (node.is_directory and wants(path)):
                    continue
            prefix = path.rstrip("/")
            # the last is taken first: files, then directories, each sorted
            below = sorted(node.children.items(), key=lambda one: (not one[1].is_directory, one[0]), reverse=True)
            todo.extend((InstalledPath(f"{prefix}/{name}"), child) for name, child in below)


def _with_path(node: Node, path: InstalledPath) -> Node:
    if node.file is None or node.file.path == path:
        return node
    return replace(node, file=replace(node.file, path=path))
