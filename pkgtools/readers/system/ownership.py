# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Who owns what in an installed system: dpkg's database as text, rpm's as packages. Nothing of the system is run."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.package import Digest, PackageManager
from pkgtools.readers.deb.md5sums import read_lines, read_md5sums
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.configuration import LEAVING
from pkgtools.runtime.system.merged_usr import MERGED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from pkgtools.model.package import Package

    from .bytecode_settings import ReadableSystem

DPKG_DIVERSIONS = InstalledPath("/var/lib/dpkg/diversions")
DPKG_INFO = InstalledPath("/var/lib/dpkg/info")
DPKG_STATUS_PARTS = InstalledPath("/var/lib/dpkg/status.d")
"""Where images without dpkg have what each package's control file and md5sums say."""

_LIST, _SUMS = ".list", ".md5sums"
_LARGEST = 64 << 20
"""Bytes of one of its files; the biggest list of Debian has 3 million."""
_PACKAGE = re.compile(rb"^Package:[ \t]*([a-z0-9][a-z0-9.+-]*)[ \t]*$", re.MULTILINE)
_MERGED = re.compile(rf"/(?:{'|'.join(MERGED)})/")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOwner:
    """What a package manager says of a path."""

    package: str
    """The name of the package that owns it, without an architecture."""
    digest: Digest | None
    """The digest of its content that the database has; None if it has none."""
    manager: PackageManager
    """The package manager whose database says so."""


Owners = dict[InstalledPath, FileOwner]


def find_owners(
    system: ReadableSystem, by_rpm: Iterable[Package], wanted: Collection[InstalledPath]
) -> tuple[PackageManager, Owners]:
    """Say which family a system is of, and who owns those of the wanted paths that any package owns.

    `by_rpm` are the packages in its database of rpm; a system may have both families'.
    """
    dpkg = {**owners_by_status_parts(system, wanted), **owners_by_dpkg(system, wanted)}
    rpm = owners_by_rpm(by_rpm, wanted)
    family = PackageManager.UNKNOWN
    if system.names(DPKG_INFO) or system.names(DPKG_STATUS_PARTS):
        family = PackageManager.DPKG
    elif rpm:
        family = PackageManager.RPM
    return family, {**rpm, **dpkg}


def left_alone(by_rpm: Iterable[Package]) -> frozenset[str]:
    """Return the names of those packages in rpm's database whose modules batches leave alone."""
    return frozenset(one.name for one in by_rpm if one.strategy in LEAVING)


def is_dpkg_state(path: InstalledPath) -> bool:
    """Whether a file is one of those that `owners_by_dpkg` reads."""
    if dirname(path) == DPKG_INFO:
        return path.endswith((_LIST, _SUMS))
    return path == DPKG_DIVERSIONS or dirname(path) == DPKG_STATUS_PARTS


def owners_by_dpkg(system: ReadableSystem, wanted: Iterable[InstalledPath]) -> Owners:
    """Say who owns those of the wanted paths that any package owns, by dpkg's files; one of them is held at a time.

    Paths are compared as a system with merged /usr has them: dpkg may know /usr/lib/x as /lib/x.
    """
    names = {merged(path): path for path in wanted}
    diverted = _diversions(system.read(DPKG_DIVERSIONS, _LARGEST) or b"")
    owners: Owners = {}
    for file in system.names(DPKG_INFO):
        if not file.endswith(_LIST):
            continue
        package = file.removesuffix(_LIST).partition(":")[0]
        moved = {old: new for by, moves in diverted.items() if by != package for old, new in moves.items()}
        content = system.read(InstalledPath(f"{DPKG_INFO}/{file}"), _LARGEST) or b""
        listed = {}
        for line in read_lines(content):
            path = merged(InstalledPath(posixpath.normpath(line) if "/.." in line else line))
            path = moved.get(path, path)
            if path in names:
                listed[path] = names[path]
        if listed:
            stem = file.removesuffix(_LIST)
            sums = _md5sums(system.read(InstalledPath(f"{DPKG_INFO}/{stem}{_SUMS}"), _LARGEST) or b"", moved, listed)
            owners.update(
                {
                    real: FileOwner(package=package, digest=sums.get(path), manager=PackageManager.DPKG)
                    for path, real in listed.items()
                }
            )
    return owners


def owners_by_status_parts(system: ReadableSystem, wanted: Iterable[InstalledPath]) -> Owners:
    """Say who owns those of the wanted paths that any package owns, in an image without dpkg, by its md5sums."""
    names = {merged(path): path for path in wanted}
    owners: Owners = {}
    for file in system.names(DPKG_STATUS_PARTS):
        if not file.endswith(_SUMS):
            continue
        stem = file.removesuffix(_SUMS)
        sums = _md5sums(system.read(InstalledPath(f"{DPKG_STATUS_PARTS}/{file}"), _LARGEST) or b"", {}, names)
        control = system.read(InstalledPath(f"{DPKG_STATUS_PARTS}/{stem}"), _LARGEST) or b"" if sums else b""
        named = _PACKAGE.search(control)
        package = named[1].decode() if named else stem
        owners.update(
            {
                names[path]: FileOwner(package=package, digest=digest, manager=PackageManager.DPKG)
                for path, digest in sums.items()
            }
        )
    return owners


def owners_by_rpm(packages: Iterable[Package], wanted: Iterable[InstalledPath]) -> Owners:
    """Say who owns those of the wanted paths that any package owns, by what rpm's database has of packages."""
    names = set(wanted)
    return {
        file.path: FileOwner(package=package.name, digest=file.digest, manager=PackageManager.RPM)
        for package in packages
        for file in package.files
        if file.path in names
    }


def merged(path: InstalledPath) -> InstalledPath:
    """Return the path that /lib/x and the like have where /lib is a link to /usr/lib."""
    return InstalledPath(f"/usr{path}") if _MERGED.match(path) else path


def _diversions(content: bytes) -> dict[str, dict[InstalledPath, InstalledPath]]:
    """Return, by the package whose own files stay, where everybody else's go (dpkg-divert(1)); `:` is the local one."""
    lines = [InstalledPath(line) for line in read_lines(content)]
    found: dict[str, dict[InstalledPath, InstalledPath]] = {}
    for path, to, package in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        found.setdefault(package, {})[merged(path)] = merged(to)
    return found


def _md5sums(
    content: bytes, moved: Mapping[InstalledPath, InstalledPath], wanted: Mapping[InstalledPath, InstalledPath]
) -> dict[InstalledPath, Digest]:
    sums = {}
    for name, digest in read_md5sums(content):
        path = merged(InstalledPath(f"/{name}"))
        path = moved.get(path, path)
        if path in wanted:
            sums[path] = digest
    return sums
