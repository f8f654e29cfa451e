# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Whose a central cache is: one that compiling made has a mark, and goes when nothing but the mark is left in it.

The mark is a cache directory tag (https://bford.info/cachedir/), so programs that make backups leave the cache out.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused

from .safefs import open_file, remove_empty_directory, remove_file, write_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from pkgtools.runtime.facts import InstalledPath

    from .trust import Tree

MARK = "CACHEDIR.TAG"
_TEXT = b"""Signature: 8a477f597d28d172789f06886806bc55
# pkgtools-compile --cache-prefix made this directory; pkgtools-clean removes it when it is empty.
"""


def mark(tree: Tree, prefix: InstalledPath) -> None:
    """Mark a central cache that was made. Raises Refused, OSError."""
    write_state(tree.open(prefix, prefix), MARK, _TEXT, prefix, 0o644)


def is_left_empty(tree: Tree, prefix: InstalledPath, gone: Collection[InstalledPath] = ()) -> bool:
    """Whether nothing is in a marked central cache beside the mark and what is gone, or is going to go."""
    try:
        directory = tree.open(prefix, prefix)
        left = {name for name in os.listdir(directory) if f"{prefix}/{name}" not in gone}
        if left != {MARK}:
            return False
        with open(open_file(directory, MARK), "rb") as stream:
            return stream.read(len(_TEXT) + 1) == _TEXT
    except (Refused, OSError):
        return False


def remove_empty(tree: Tree, prefix: InstalledPath) -> bool:
    """Remove a marked central cache in which nothing is left; whether that was done. Raises Refused, OSError."""
    if not is_left_empty(tree, prefix):
        return False
    remove_file(tree.open(prefix, prefix), MARK)
    above, _, name = prefix.rpartition("/")
    parent = type(prefix)(above or "/")
    tree.forget(prefix, prefix)
    return remove_empty_directory(tree.open(parent, parent), name)
