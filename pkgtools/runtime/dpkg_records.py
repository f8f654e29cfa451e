# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What dpkg knows. Its file lists (info/*.list) are text, a path a line: dpkg unpacks no name with a newline.

To find out who owns a path the lists are read themselves: `dpkg-query -S` reads them all, too, takes a path for a
pattern, and can be asked about some hundred paths at once only.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from .errors import Refused, UnknownOwner
from .facts import InstalledPath
from .processes import run
from .safefs import open_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from .trust import Tree

_DPKG_QUERY = "/usr/bin/dpkg-query"
_ADMINISTRATION = InstalledPath("/var/lib/dpkg")
_LISTS = InstalledPath("/var/lib/dpkg/info")
_FORMATS = (b"", b"1\n")
"""Of the database: this one names a list PACKAGE.list or PACKAGE:ARCHITECTURE.list."""
_DIVERTED = re.compile(rb"(?:locally diverted|diverted by .*) to: (/.*)")
_REPAIR = "repair dpkg (dpkg --audit), then run again"


def dpkg_files(tree: Tree, package: str) -> list[InstalledPath] | None:
    """Return every path of an installed package, where a diversion put it; None if dpkg doesn't know the package.

    The name must hold no character of a pattern: dpkg-query takes it for one.
    """
    if not os.path.exists(_DPKG_QUERY):
        return None
    try:
        directory = tree.look(_ADMINISTRATION)
    except (OSError, Refused):
        return None
    try:
        # a relative name, for the root directory may be called anything
        query = (_DPKG_QUERY, "--admindir=.")
        answer = run((*query, "-L", package), directory=directory)
        if answer.status == 0:
            return parse_dpkg_list(answer.output)
        # Multi-Arch: same packages of several architectures: dpkg lists none of them by the name alone
        named = run((*query, "-W", "-f", "${binary:Package}\n", package), directory=directory)
    finally:
        os.close(directory)
    instances = named.output.decode("ascii", "replace").split()
    if len(instances) < 2:
        return None
    return [path for instance in instances for path in dpkg_files(tree, instance) or ()]


def parse_dpkg_list(output: bytes) -> list[InstalledPath]:
    """Read what `dpkg -L` prints: a path a line, and lines that tell where the path before was diverted to."""
    found: list[InstalledPath] = []
    for line in output.split(b"\n"):
        if line.startswith(b"/"):
            found.append(InstalledPath(os.fsdecode(line)))
        else:
            diverted = _DIVERTED.match(line)
            if diverted and found:
                found[-1] = InstalledPath(os.fsdecode(diverted[1]))
    return found


def listed_by_dpkg(
    tree: Tree, paths: frozenset[bytes], names: Callable[[InstalledPath], list[InstalledPath]]
) -> dict[bytes, str]:
    """Return those of the paths that a package lists, with its name; `names` tells all names that a path has.

    Both ends of a diversion count as listed where its origin is: the package's file has the other name, and its own
    name is the diverting package's or the administrator's. Raises UnknownOwner if a list can't be read.
    """
    if not tree.exists(InstalledPath(f"{_ADMINISTRATION}/status")):
        return {}
    try:
        directory = tree.look(_LISTS)
        try:
            if _read_optional(directory, "format") not in _FORMATS:
                raise UnknownOwner(_LISTS, "it has a format that is unknown here: update pkgtools")
            diverted = _diversions(tree, paths, names)
            wanted = paths | diverted.keys()
            found: dict[bytes, str] = {}
            for name in os.listdir(directory):
                if name.endswith(".list"):
                    listed = wanted.intersection(_read(directory, name).split(b"\n"))
                    found.update(dict.fromkeys(listed, name.removesuffix(".list")))
        finally:
            os.close(directory)
    except (OSError, Refused) as error:
        raise UnknownOwner(_LISTS, f"dpkg's file lists can't be read ({error}): {_REPAIR}") from error
    moved = {target: found[origin] for origin in found.keys() & diverted.keys() for target in diverted[origin]}
    return {**moved, **{path: package for path, package in found.items() if path in paths}}


def _diversions(
    tree: Tree, paths: frozenset[bytes], names: Callable[[InstalledPath], list[InstalledPath]]
) -> dict[bytes, set[bytes]]:
    """Return origin -> those of the paths that its files were diverted to; the file has three lines for each."""
    directory = tree.look(_ADMINISTRATION)
    try:
        lines = _read_optional(directory, "diversions").split(b"\n")
    finally:
        os.close(directory)
    found: dict[bytes, set[bytes]] = {}
    for origin, target in zip(lines[::3], lines[1::3]):
        here = paths.intersection(map(os.fsencode, names(InstalledPath(os.fsdecode(target)))))
        for name in names(InstalledPath(os.fsdecode(origin))) if here else ():
            found.setdefault(os.fsencode(name), set()).update(here)
    return found


def _read_optional(directory: int, name: str) -> bytes:
    try:
        return _read(directory, name)
    except FileNotFoundError:
        return b""


def _read(directory: int, name: str) -> bytes:
    """Read a whole file. Raises OSError, for what is no regular file, too."""
    with open(open_file(directory, name), "rb", buffering=0) as stream:
        return stream.read()
