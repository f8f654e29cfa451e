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

from pkgtools.model.symlinks import follow
from pkgtools.readers.unreadable import MOST_ENTRIES
from pkgtools.runtime.facts import InstalledPath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pkgtools.model.package import File

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_TOP = InstalledPath("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerEntry:
    """A name in a layer."""

    file: File
    """Its path is that in the layer; its link that in the archive."""
    linked: InstalledPath | None = None
    """The path of the file that it is another name of."""
    content: bytes | None = None
    """That of a small file which is needed before all others."""


@dataclass(slots=True)
class LayeredFile:
    """A name in the file system that the layers make."""

    file: File | None = None
    """None for a directory that no layer names."""
    layer: int = 0
    """The number of the layer where its content is."""
    origin: InstalledPath = _TOP
    """The path of its content in that layer."""
    content: bytes | None = None
    """The content of a file that is needed before all others; None if it was not kept."""
    children: dict[str, LayeredFile] = field(default_factory=dict)
    """What a directory holds, by name; empty for everything else."""

    @property
    def is_directory(self) -> bool:
        """Whether there can be something in it."""
        return self.file is None or self.file.is_directory


class LayeredFiles:
    """The files of an image; layers are added from the lowest to the topmost."""

    def __init__(self, is_kept: Callable[[InstalledPath], bool]) -> None:
        """Start with nothing. Of what is neither directory nor symbolic link, only what `is_kept` stays."""
        self._top = LayeredFile()
        self._is_kept = is_kept
        self._layers = 0
        self._names = 0
        self.problems: list[str] = []
        """What of the layers could not be placed."""

    def add(self, entries: Iterable[LayerEntry], *, whiteouts: bool) -> None:
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

    def _place(self, entry: LayerEntry) -> None:
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

    def _node(self, entry: LayerEntry) -> LayeredFile | None:
        file = entry.file
        if not (file.is_directory or file.is_symlink or self._is_kept(file.path)):
            return None
        if entry.linked is not None:
            return self._another_name(entry, entry.linked)
        return LayeredFile(file=file, layer=self._layers, origin=file.path, content=entry.content)

    def _another_name(self, entry: LayerEntry, linked: InstalledPath) -> LayeredFile | None:
        directory = self._directory(dirname(linked), make=False)
        first = directory.children.get(basename(linked)) if directory else None
        if first is None or first.file is None or first.file.is_directory:
            self.problems.append(f"{entry.file.path}: another name of {linked}, which isn't looked at")
            return None
        return LayeredFile(file=first.file, layer=first.layer, origin=first.origin, content=first.content)

    def _directory(self, path: str, *, make: bool) -> LayeredFile | None:
        """Go to a directory as a process with this root directory would, links followed; `make` what is missing."""

        def child(here: LayeredFile, name: str, _is_last: bool) -> LayeredFile | None:
            found = here.children.get(name)
            if found is None or not (found.is_directory or _link_of(found)):
                if not make:
                    return None
                self._count()
                found = here.children[name] = LayeredFile()
            return found

        return follow(self._top, path, child, _link_of)

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

    def link(self, path: InstalledPath) -> str:
        """Return where a symbolic link leads; empty if there is none."""
        directory = self._directory(dirname(path), make=False)
        node = directory.children.get(basename(path)) if directory else None
        return _link_of(node) if node else ""

    def walk(self, wants: Callable[[InstalledPath], bool]) -> Iterator[tuple[InstalledPath, LayeredFile]]:
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


def _link_of(node: LayeredFile) -> str:
    return node.file.link if node.file is not None and node.file.is_symlink else ""


def _with_path(node: LayeredFile, path: InstalledPath) -> LayeredFile:
    if node.file is None or node.file.path == path:
        return node
    return replace(node, file=replace(node.file, path=path))
