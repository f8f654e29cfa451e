# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""A staged tree: what a build put together and didn't pack yet, `debian/PKG` or a buildroot."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import examine, is_of_interest
from pkgtools.model.package import File, Kind, Package, PackageManager
from pkgtools.readers.deb.binary_control import PackageFields, parse_control
from pkgtools.readers.deb.maintainer_scripts import SCRIPT_KINDS, largest, parse_triggers, read_script
from pkgtools.readers.system.root_directory import from_stat
from pkgtools.runtime.errors import said
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.system.trust import READ_FILE

from .member_count import MemberCount, gathered
from .unreadable import UnreadablePackage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.bytecode.examine import ReadingOptions


def read_tree(top: Path, look: ReadingOptions) -> Package:
    """Read a staged tree, following no links; DEBIAN/ describes the package where it is there.

    Raises UnreadablePackage.
    """
    control = PackageFields(name=top.absolute().name, version="", dependencies=())
    try:
        controls = dict(_read_controls(top))
        if "control" in controls:
            control = parse_control(controls["control"], top)
        files = gathered(_walk(top, look), look)
    except OSError as error:
        raise UnreadablePackage(top, f"{error.filename}: {said(error)}") from error
    return Package(
        origin=str(top),
        kind=Kind.TREE,
        family=PackageManager.DPKG if "control" in controls else PackageManager.UNKNOWN,
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
                content = stream.read(largest(name) + 1)
            if len(content) > largest(name):
                raise UnreadablePackage(top, f"its file {path} has more than {largest(name)} bytes")
            yield name, content


def _walk(top: Path, look: ReadingOptions) -> Iterator[File]:
    held = MemberCount(top, look.grow)
    for directory, folders, files in os.walk(top, onerror=_fail):
        below = directory[len(str(top)) :].rstrip("/")
        if not below and "DEBIAN" in folders:
            folders.remove("DEBIAN")
        folders.sort()
        for name in (*folders, *sorted(files)):
            file = _file(f"{directory}/{name}", InstalledPath(f"{below}/{name}"), look)
            held.member(len(file.path) + len(file.link))
            held.content(file.facts)
            yield file


def _file(name: str, path: InstalledPath, look: ReadingOptions) -> File:
    found = os.lstat(name)
    file = from_stat(found, path, link=str(Path(name).readlink()) if stat.S_ISLNK(found.st_mode) else "")
    if not (look.contents and file.is_regular and is_of_interest(path, file.mode)):
        return file
    with os.fdopen(os.open(name, READ_FILE), "rb", buffering=0) as stream:
        examined = examine(file, stream, look)
    return replace(file, facts=examined.facts)


def _fail(error: OSError) -> None:
    raise error
