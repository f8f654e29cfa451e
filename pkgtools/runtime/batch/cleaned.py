# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Packages whose prerm has cleaned: where dpkg then gives up an upgrade or a removal, their file lists are as before.

The launcher writes a line for each to /var/lib/pkgtools/cleaned (`triggers/launch`), Python or no Python.
"""

from __future__ import annotations

from pkgtools.runtime.record import STATE, open_state
from pkgtools.runtime.system.safefs import remove_file, write_state
from pkgtools.runtime.system.trust import read_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.system.trust import Tree

_NAME = "cleaned"


def read_cleaned(tree: Tree) -> tuple[str, ...]:
    """Return the names of the packages, in the order in which they were written."""
    return tuple(read_trusted(tree, STATE, _NAME).decode("ascii", "replace").splitlines())


def forget_cleaned(tree: Tree, served: tuple[str, ...]) -> None:
    """Take away the lines that were read; what was written since stays. Raises Refused, OSError."""
    if served:
        directory = open_state(tree, STATE)
        later = read_cleaned(tree)[len(served) :]
        if later:
            write_state(directory, _NAME, "".join(f"{name}\n" for name in later).encode("ascii", "replace"), STATE)
        else:
            remove_file(directory, _NAME)
