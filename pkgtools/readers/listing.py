# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a package ships, by name: from a .deb, a .rpm or a staged tree."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pkgtools.model.listing import Entry, Kind, Listing
from pkgtools.runtime.facts import InstalledPath

from .control import Control, parse_control
from .deb import read_deb
from .errors import MOST_ENTRIES, UnreadablePackage
from .rpm import read_rpm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LARGEST_CONTROL = 1 << 20


def read_listing(path: Path) -> Listing:
    """Read a package, which its suffix tells the kind of, or a directory that holds what will be installed.

    Raises UnreadablePackage, and EnvironmentFault where a module or program is missing.
    """
    if path.is_dir():
        return read_tree(path)
    if path.suffix in {".deb", ".ddeb", ".udeb"}:
        return read_deb(path)
    if path.suffix == ".rpm":
        return read_rpm(path)
    raise UnreadablePackage(path, "no directory, and its name ends neither in .deb nor in .rpm")


def read_tree(top: Path) -> Listing:
    """Read a staged tree, following no links; DEBIAN/control names the package where it is there."""
    control = Control(name=top.absolute().name, version="", dependencies=())
    try:
        if (top / "DEBIAN" / "control").is_file():
            with (top / "DEBIAN" / "control").open("rb") as stream:
                control = parse_control(stream.read(_LARGEST_CONTROL), top)
        entries = tuple(_walk(top))
    except OSError as error:
        raise UnreadablePackage(top, f"{error.filename}: {error.strerror}") from error
    return Listing(
        kind=Kind.TREE,
        name=control.name,
        version=control.version,
        dependencies=control.dependencies,
        entries=entries,
    )


def _walk(top: Path) -> Iterator[Entry]:
    count = 0
    for directory, folders, files in os.walk(top, onerror=_fail):
        below = directory[len(str(top)) :].rstrip("/")
        if not below and "DEBIAN" in folders:
            folders.remove("DEBIAN")
        folders.sort()
        count += len(folders) + len(files)
        if count > MOST_ENTRIES:
            raise UnreadablePackage(top, f"there are more than {MOST_ENTRIES} files in it")
        for name in folders:
            path = f"{below}/{name}"
            yield Entry(path=InstalledPath(path), is_directory=not (top / path[1:]).is_symlink())
        yield from (Entry(path=InstalledPath(f"{below}/{name}"), is_directory=False) for name in sorted(files))


def _fail(error: OSError) -> None:
    raise error
