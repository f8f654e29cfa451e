# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the drop-in files among the paths that rpm's triggers list stand for: rpm lists them, and not the modules."""

from __future__ import annotations

from pkgtools.runtime.errors import UnknownOwner
from pkgtools.runtime.system.packages import files_of_package, owned

from .configuration import PRIVATE, read_drop_ins
from .sources import is_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.runtime.system.trust import Tree


def files_registered(tree: Tree, listed: Iterable[InstalledPath]) -> list[InstalledPath]:
    """Return the files of the packages whose drop-in files are listed, as far as those register their directories."""
    drop_ins = [path for path in listed if path.startswith(f"{PRIVATE}/")]
    if not drop_ins:
        return []
    directories = [one.directory for one in read_drop_ins(tree).private if one.file in drop_ins]
    if not directories:
        return []
    try:
        packages = sorted(set(owned(tree, drop_ins).rpm.values()) - {""})
    except UnknownOwner:  # what is whose can't be told: nothing goes
        return []
    files = [path for package in packages for path in files_of_package(tree, package)]
    return [path for path in files if any(is_below(path, directory) for directory in directories)]
