# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: follow symbolic links in a tree of names in memory, as Linux does it on a file system (path_resolution(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Place = TypeVar("Place")
"""How a tree names a file or directory of its own: a path, a node."""

MOST_LINKS = 40
"""Symbolic links that Linux follows on the way to a file."""
DEEPEST = 200
"""Directories below one another; no package has a tenth of it."""
_MOST_NAMES = 1000
"""Names on the way, those of links included: hostile links could have millions."""


def follow(
    top: Place,
    path: str,
    child: Callable[[Place, str, bool], Place | None],
    link: Callable[[Place], str],
    deepest: int = DEEPEST,
) -> Place | None:
    """Return where a path ends, as a process finds it whose root directory is `top`; None where nothing does.

    `child` returns what has a name in a directory, and is told whether it is the last name; None where there is
    nothing, or nothing that can be entered. `link` returns where a symbolic link leads; empty for what is none.
    """
    way = [top]
    todo = path.split("/")[::-1]
    links = names = 0
    while todo:
        name = todo.pop()
        names += 1
        if name in {"", "."}:
            continue
        if name == "..":
            if len(way) > 1:
                way.pop()
            continue
        found = child(way[-1], name, not todo)
        if found is None:
            return None
        if target := link(found):
            links += 1
            if links > MOST_LINKS or names > _MOST_NAMES:
                return None
            if target.startswith("/"):
                way = [top]
            todo.extend(target.split("/")[::-1])
            continue
        way.append(found)
        if len(way) > deepest + 1:
            return None
    return way[-1]
