# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What dpkg knows. Its file lists (info/*.list) are text, a path a line: dpkg unpacks no name with a newline.

To find out who owns a path the lists are read themselves: `dpkg-query -S` reads them all, too, takes a path for a
pattern, and can be asked about some hundred paths at once only.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple

from .listed_paths import plain_lines
from .safefs import open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .merged_usr import Names
    from .trust import Tree

ADMINISTRATION = InstalledPath("/var/lib/dpkg")
LISTS = InstalledPath("/var/lib/dpkg/info")
_FORMATS = (b"", b"1\n")
"""Of the database: this one names a list PACKAGE.list or PACKAGE:ARCHITECTURE.list."""
_PART = 1 << 16
"""Bytes read at once: nearly every list is smaller."""
_OVERRIDE = 4
"""Fields of a line in its file."""
REPAIR = "repair dpkg (dpkg --audit), then run again"
"""What to do where its files can't be read."""


class Diversion(NamedTuple):
    """A line of dpkg-divert(1)'s file."""

    origin: InstalledPath
    """The name that packages give the file."""
    target: InstalledPath
    """The name that it is installed under instead."""
    package: str
    """The package whose file keeps the name; `:` for a diversion of the administrator's."""


def listed_by_dpkg(
    tree: Tree, paths: frozenset[bytes], names: Callable[[InstalledPath], list[InstalledPath]]
) -> dict[bytes, str]:
    """Return those of the paths that a package lists, with its name; `names` returns all names that a path has.

    Both ends of a diversion count as listed where its origin is: the package's file has the other name, and its own
    name is the diverting package's or the administrator's. Raises UnknownOwner if a list can't be read.
    """
    if not tree.exists(InstalledPath(f"{ADMINISTRATION}/status")):
        return {}
    try:
        directory = tree.look(LISTS)
        try:
            if not is_known_format(directory):
                raise UnknownOwner(LISTS, "it has a format that is unknown here: update pkgtools")
            diverted = _diverted_here(tree, paths, names)
            wanted = paths | diverted.keys()
            found: dict[bytes, str] = {}
            for name in os.listdir(directory):
                if name.endswith(".list"):
                    listed = wanted.intersection(plain_lines(read_in(directory, name)))
                    found.update(dict.fromkeys(listed, name.removesuffix(".list")))
        finally:
            os.close(directory)
    except (OSError, Refused) as error:
        raise UnknownOwner(LISTS, f"dpkg's file lists can't be read ({error}): {REPAIR}") from error
    moved = {target: found[origin] for origin in found.keys() & diverted.keys() for target in diverted[origin]}
    return {**moved, **{path: package for path, package in found.items() if path in paths}}


def packages_that_list(tree: Tree, paths: frozenset[bytes]) -> frozenset[str]:
    """Return the packages that list one of some paths, without architectures. Raises UnknownOwner, as above."""
    if not tree.exists(InstalledPath(f"{ADMINISTRATION}/status")):
        return frozenset()
    try:
        directory = tree.look(LISTS)
        try:
            names = [name for name in os.listdir(directory) if name.endswith(".list")]
            having = [name for name in names if not paths.isdisjoint(plain_lines(read_in(directory, name)))]
        finally:
            os.close(directory)
    except (OSError, Refused) as error:
        raise UnknownOwner(LISTS, f"dpkg's file lists can't be read ({error}): {REPAIR}") from error
    return frozenset(name.removesuffix(".list").partition(":")[0] for name in having)


def _diverted_here(
    tree: Tree, paths: frozenset[bytes], names: Callable[[InstalledPath], list[InstalledPath]]
) -> dict[bytes, set[bytes]]:
    """Return origin -> those of the paths that its files were diverted to."""
    found: dict[bytes, set[bytes]] = {}
    for one in diversions(tree):
        here = paths.intersection(map(os.fsencode, names(one.target)))
        for name in names(one.origin) if here else ():
            found.setdefault(os.fsencode(name), set()).update(here)
    return found


def diversions(tree: Tree) -> tuple[Diversion, ...]:
    """Read all diversions. Raises Refused, OSError."""
    directory = tree.look(ADMINISTRATION)
    try:
        lines = read_optional(directory, "diversions").split(b"\n")
    finally:
        os.close(directory)
    triples = zip(lines[::3], lines[1::3], lines[2::3])
    return tuple(
        Diversion(InstalledPath(os.fsdecode(o)), InstalledPath(os.fsdecode(t)), os.fsdecode(p)) for o, t, p in triples
    )


def overrides(tree: Tree) -> tuple[tuple[str, ...], ...]:
    """Return user, group, mode and path of each line of dpkg-statoverride(1)'s file. Raises Refused, OSError."""
    directory = tree.look(ADMINISTRATION)
    try:
        lines = os.fsdecode(read_optional(directory, "statoverride")).split("\n")
    finally:
        os.close(directory)
    rows = (tuple(line.split(" ", 3)) for line in lines)
    return tuple(row for row in rows if len(row) == _OVERRIDE and row[-1].startswith("/"))


class Diverted:
    """Where the files of packages are, diversions applied."""

    def __init__(self, found: tuple[Diversion, ...], names: Names) -> None:
        """Prepare to answer; `names` returns all names of a path in the system."""
        self.names = names
        self._by_origin = {name: one for one in found for name in names(one.origin)}

    def place_of(self, path: InstalledPath, package: str) -> InstalledPath:
        """Return where a file is that a package lists as `path`; the package may carry its architecture."""
        one = self._by_origin.get(path)
        return path if one is None or one.package == package.partition(":")[0] else one.target


def is_known_format(directory: int) -> bool:
    """Whether the files in the open directory of lists are called as they are expected to be. Raises OSError."""
    return read_optional(directory, "format") in _FORMATS


def read_optional(directory: int, name: str) -> bytes:
    """Read a whole file of dpkg's; nothing where there is none. Raises OSError."""
    try:
        return read_in(directory, name)
    except FileNotFoundError:
        return b""


def read_in(directory: int, name: str) -> bytes:
    """Read a whole file. Raises OSError, for what isn't a regular file, too."""
    descriptor = open_file(directory, name)
    try:
        parts = [os.read(descriptor, _PART)]
        while len(parts[-1]) == _PART:
            parts.append(os.read(descriptor, _PART))
    finally:
        os.close(descriptor)
    return parts[0] if len(parts) == 1 else b"".join(parts)
