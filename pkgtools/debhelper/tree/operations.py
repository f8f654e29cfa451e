# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is done to a package's tree, as data; and the one place where it is done. Paths are relative to the tree."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Move:
    """A file, link or whole directory gets another place."""

    path: str
    """Where it is now."""
    to: str
    """Where it will be; missing directories above it are made."""


@dataclass(frozen=True, slots=True)
class Remove:
    """A file or link goes."""

    path: str
    """The file or link, which exists."""


@dataclass(frozen=True, slots=True)
class RemoveDirectory:
    """An empty directory goes."""

    path: str
    """The directory, in which nothing is left."""


@dataclass(frozen=True, slots=True)
class Write:
    """A file gets other content; a new one gets a mode, too."""

    path: str
    """The file, which is replaced as a whole."""
    content: bytes
    """All bytes that it will hold."""
    mode: int | None = None
    """Permission bits of a new file; None: the file exists, and its owner and mode stay."""


@dataclass(frozen=True, slots=True)
class Relink:
    """A symbolic link leads elsewhere."""

    path: str
    """The link, which exists."""
    target: str
    """What the link will say: a path from its own directory, or an absolute one."""


@dataclass(frozen=True, slots=True)
class HardLink:
    """A file of the source package becomes one of the tree's, too, under a second name."""

    source: str
    """As seen from the source package's top."""
    path: str
    """The second name, which replaces a file of that name."""


Operation = Move | Remove | RemoveDirectory | Write | Relink | HardLink


def describe(operation: Operation) -> str:
    """Say in a few words what an operation does."""
    match operation:
        case Move(path=path, to=to):
            return f"move {path} to {to}"
        case Remove(path=path):
            return f"remove {path}"
        case RemoveDirectory(path=path):
            return f"remove directory {path}"
        case Write(path=path, content=content):
            return f"write {path} ({len(content)} bytes)"
        case Relink(path=path, target=target):
            return f"let {path} lead to {target}"
        case HardLink(source=source, path=path):
            return f"install {source} as {path}"
        case _:
            assert_never(operation)


def perform(operations: Iterable[Operation], tree: Path, top: Path) -> None:
    """Carry operations out in their order: `tree` is the package's, `top` the source package's. Raises OSError."""
    for operation in operations:
        path = tree / operation.path
        match operation:
            case Move(to=to):
                _rename(path, tree / to)
            case Remove():
                path.unlink()
            case RemoveDirectory():
                path.rmdir()
            case Write(content=content, mode=mode):
                write_whole(path, content, mode)
            case Relink(target=target):
                path.unlink()
                path.symlink_to(target)
            case HardLink(source=source):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.unlink(missing_ok=True)
                os.link(os.path.realpath(top / source), path)
            case _:
                assert_never(operation)


def _rename(path: Path, target: Path) -> None:
    try:
        path.rename(target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)


def write_whole(path: Path, content: bytes, mode: int | None) -> None:
    """Replace a file as a whole: it may be a hard link to a file of the build. Raises OSError.

    `mode` is a new file's; with None, which a file has to be there for, owner and mode stay.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.lstat() if mode is None else None
    bits = before.st_mode & 0o7777 if before is not None else mode or 0
    fresh = path.with_name(".dh_pkgtools.new")  # path's own name may be as long as names get
    fresh.unlink(missing_ok=True)
    with fresh.open("xb") as stream:
        stream.write(content)
    if before is not None and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(fresh, before.st_uid, before.st_gid)
    fresh.chmod(bits)
    fresh.replace(path)
