# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The modules that a batch leaves alone: those of packages that ask for it, by a drop-in or as rpm's Provides."""

from __future__ import annotations

from pkgtools.runtime.policy.sources import is_source
from pkgtools.runtime.system.rpm_records import files_of_providers, rpm_files

from .serving import part_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.runtime.policy.configuration import DropIns
    from pkgtools.runtime.system.dpkg_lists import FileLists
    from pkgtools.runtime.system.dpkg_records import Diverted
    from pkgtools.runtime.system.trust import Tree


def modules_left(
    tree: Tree, drop_ins: DropIns, lists: FileLists | None, diverted: Diverted
) -> frozenset[InstalledPath]:
    """Return the modules of all packages that ask to be left alone, by every name that they have.

    Raises UnknownOwner, Refused, OSError.
    """
    packages = {one.package for one in drop_ins.left}
    found = list(files_of_providers(tree))
    for package in sorted(packages):
        found += _modules_of(tree, package, lists, diverted)
    return frozenset(name for path in found if is_source(path) for name in drop_ins.names_of(path))


def _modules_of(tree: Tree, package: str, lists: FileLists | None, diverted: Diverted) -> Iterable[InstalledPath]:
    """Return modules, among other files; a package that isn't installed has none."""
    here = [name for name in (lists.identities if lists else ()) if name.partition(":")[0] == package]
    if here:
        return [path for name in here for path in part_of(tree, name, diverted).sources]
    return rpm_files(tree, package, newest=False) or ()
