# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The two names that a merged /usr gives a file: /lib/x is /usr/lib/x where /lib is a link to it."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .trust import Tree

    Names = Callable[[InstalledPath], list[InstalledPath]]

MERGED = ("bin", "lib", "lib32", "lib64", "libo32", "libx32", "sbin")
"""Directories of / that are links into /usr on most systems (https://wiki.debian.org/UsrMerge)."""


def all_names(tree: Tree) -> Names:
    """Return a function that returns all names of a path in a system, the one that it was given first."""
    same: dict[tuple[int, int], list[str]] = {}
    for name in (*(f"/{top}" for top in MERGED), *(f"/usr/{top}" for top in MERGED)):
        identity = _identity(tree, InstalledPath(name))
        if identity is not None:
            same.setdefault(identity, []).append(name)
    return names_in(same.values())


def names_in(groups: Iterable[list[str]]) -> Names:
    """Return a function that returns all names of a path, where the directories of each group are one and the same."""
    others = [(a, b) for group in groups for a in group for b in group if a != b]

    def names(path: InstalledPath) -> list[InstalledPath]:
        found = [path]
        found.extend(InstalledPath(b + path[len(a) :]) for a, b in others if path == a or path.startswith(a + "/"))
        return found

    return names


def names_when_asked(tree: Tree) -> Names:
    """Return the same function as `all_names`, which looks at the system when it is first needed, if it is."""
    found: list[Names] = []

    def names(path: InstalledPath) -> list[InstalledPath]:
        if not may_have_two_names(path):
            return [path]
        if not found:
            found.append(all_names(tree))
        return found[0](path)

    return names


def may_have_two_names(path: str) -> bool:
    """Whether a path lies where a merged /usr gives files a second name."""
    return path.removeprefix("/usr").startswith(tuple(f"/{top}/" for top in MERGED))


def _identity(tree: Tree, path: InstalledPath) -> tuple[int, int] | None:
    try:
        directory = tree.look(path)
    except (OSError, Refused):  # no such directory, so it gives no file another name
        return None
    found = os.fstat(directory)
    os.close(directory)
    return found.st_dev, found.st_ino
