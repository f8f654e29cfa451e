# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Of which sources a package's prerm has moved bytecode to the store.

The package's own postinst drops what is left of them. By then dpkg knows the new files only, and not those that went.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.policy.sources import read_nul_list
from pkgtools.runtime.record import digest
from pkgtools.runtime.system.safefs import remove_file, write_state
from pkgtools.runtime.system.trust import read_trusted

from .reuse import STORE, open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.runtime.policy.sources import Directory
    from pkgtools.runtime.system.trust import Tree

_LARGEST = 64 << 20


def note_put_aside(tree: Tree, packages: Iterable[str], directories: Iterable[Directory]) -> None:
    """Write down, beside the bytecode, whose it is; where that can't be written the bytecode stays for a day."""
    try:
        store = open_store(tree)
        if os.listdir(store):
            paths = (path for one in directories for path in one.paths())
            data = b"".join(os.fsencode(path) + b"\0" for path in paths)
            for package in packages:
                write_state(store, _name(package), data, STORE)
    except (Refused, OSError):  # there is no store, or it is full
        return


def sources_put_aside(tree: Tree, packages: Iterable[str]) -> list[InstalledPath]:
    """Return the sources that the prerms of some packages have put aside, and forget them."""
    sources: list[InstalledPath] = []
    try:
        store = open_store(tree)
        for package in packages:
            sources.extend(read_nul_list(read_trusted(tree, STORE, _name(package), _LARGEST)))
            remove_file(store, _name(package))
    except (Refused, OSError):  # as above
        return sources
    return sources


def _name(package: str) -> str:
    return f"package-{digest(os.fsencode(package)).hex()}"
