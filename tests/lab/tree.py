# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Read file trees with kind, mode and owner, and compare them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
    stat.S_IFSOCK: "socket",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about one path without opening it."""

    kind: str
    """file, directory, symlink, fifo, device or socket."""
    mode: int
    """Permission bits with setuid, setgid and sticky (0 for a symlink)."""
    uid: int
    """Owner."""
    gid: int
    """Group."""
    size: int
    """Bytes; 0 for what is not a regular file."""
    mtime_ns: int
    """Modification time in nanoseconds; 0 for what is not a regular file."""
    target: str
    """Where a symlink points, else empty."""

    def __str__(self) -> str:
        """Return it as a reader of `ls -l` expects it."""
        return f"{self.kind} {self.mode:04o} {self.uid}:{self.gid} {self.target}".rstrip()


Tree = Mapping[str, Entry]
"""Path as the system sees it (surrogate-escaped) -> Entry."""


def read_entry(path: str | os.DirEntry[str]) -> Entry:
    """Return the Entry of `path` itself, no link followed; raise OSError."""
    facts = os.lstat(path)
    kind = _KINDS[stat.S_IFMT(facts.st_mode)]
    regular = kind == "file"
    return Entry(
        kind,
        0 if kind == "symlink" else stat.S_IMODE(facts.st_mode),
        facts.st_uid,
        facts.st_gid,
        facts.st_size if regular else 0,
        facts.st_mtime_ns if regular else 0,
        os.readlink(path) if kind == "symlink" else "",
    )


def read_tree(root: Path, directories: Iterable[str]) -> dict[str, Entry]:
    """List everything below `directories` (absolute, as seen inside of `root`); no link is followed."""
    found: dict[str, Entry] = {}
    waiting = [directory.rstrip("/") for directory in directories]
    while waiting:
        directory = waiting.pop()
        try:
            listing = list(os.scandir(f"{root}{directory}"))
        except FileNotFoundError:
            continue
        for item in listing:
            path = f"{directory}/{item.name}"
            found[path] = read_entry(item)
            if found[path].kind == "directory":
                waiting.append(path)
    return dict(sorted(found.items()))


def differences(before: Tree, after: Tree) -> list[str]:
    """Return one line for each path that appeared (+), went (-) or changed (!)."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        sign = "+" if old is None else "-" if new is None else "!"
        lines.append(f"{sign} {path!r} {old or new}" + (f" -> {new}" if old and new else ""))
    return lines


def bytecode(tree: Tree) -> dict[str, Entry]:
    """Return what in `tree` is bytecode or its cache directory, or a temporary file in one."""
    return {path: entry for path, entry in tree.items() if "/__pycache__" in path or path.endswith((".pyc", ".pyo"))}
