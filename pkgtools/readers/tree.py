# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A staged tree: what a build put together and nobody packed yet, `debian/PKG` or a buildroot."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.model.package import Family, File, Kind, Package
from pkgtools.runtime.errors import said
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.trust import READ_FILE

from .control import Control, parse_control
from .errors import MOST_ENTRIES, UnreadablePackage
from .examine import examine, is_of_interest
from .maintscripts import SCRIPT_KINDS, parse_triggers, read_script
from .rootfs import from_stat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .examine import Look

_LARGEST_CONTROL = 1 << 20


def read_tree(top: Path, look: Look) -> Package:
    """Read a staged tree, following no links; DEBIAN/ tells of the package where it is there.

    Raises UnreadablePackage.
    """
    control = Control(name=top.absolute().name, version="", dependencies=())
    try:
        controls = dict(_read_controls(top))
        if "control" in controls:
            control = parse_control(controls["control"], top)
        files = tuple(_walk(top, look))
    except OSError as error:
        raise UnreadablePackage(top, f"{error.filename}: {said(error)}") from error
    return Package(
        origin=str(top),
        kind=Kind.TREE,
        family=Family.DPKG if "control" in controls else Family.UNKNOWN,
        name=control.name,
        version=control.version,
        architecture=control.architecture,
        dependencies=control.dependencies,
        recommendations=control.recommendations,
        files=files,
        scripts=tuple(read_script(name, controls[name]) for name in sorted(set(SCRIPT_KINDS) & set(controls))),
        triggers=parse_triggers(controls.get("triggers", b"")),
    )


def _read_controls(top: Path) -> Iterator[tuple[str, bytes]]:
    for name in ("control", "triggers", *SCRIPT_KINDS):
        path = top / "DEBIAN" / name
        if path.is_file():
            with path.open("rb") as stream:
                yield name, stream.read(_LARGEST_CONTROL)


def _walk(top: Path, look: Look) -> Iterator[File]:
    count = 0
    for directory, folders, files in os.walk(top, onerror=_fail):
        below = directory[len(str(top)) :].rstrip("/")
        if not below and "DEBIAN" in folders:
            folders.remove("DEBIAN")
        folders.sort()
        count += len(folders) + len(files)
        if count > MOST_ENTRIES:
            raise UnreadablePackage(top, f"there are more than {MOST_ENTRIES} files in it")
        for name in (*folders, *sorted(files)):
            yield _file(f"{directory}/{name}", InstalledPath(f"{below}/{name}"), look)


def _file(name: str, path: InstalledPath, look: Look) -> File:
    found = os.lstat(name)
    file = from_stat(found, path, link=str(Path(name).readlink()) if stat.S_ISLNK(found.st_mode) else "")
    if not (look.contents and file.is_regular and is_of_interest(path, file.mode)):
        return file
    with os.fdopen(os.open(name, READ_FILE), "rb", buffering=0) as stream:
        examined = examine(file, stream, look)
    return replace(file, facts=examined.facts)


def _fail(error: OSError) -> None:
    raise error
