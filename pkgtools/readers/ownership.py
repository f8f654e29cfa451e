# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Who owns what in an installed system: dpkg's database as text, rpm's as packages. Nothing of the system is run."""

from __future__ import annotations

import re
from collections import ChainMap
from dataclasses import dataclass
from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.model.package import Digest
from pkgtools.runtime.facts import InstalledPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.model.package import Package

DPKG_STATUS = InstalledPath("/var/lib/dpkg/status")
DPKG_DIVERSIONS = InstalledPath("/var/lib/dpkg/diversions")
DPKG_INFO = InstalledPath("/var/lib/dpkg/info")
DPKG_STATUS_PARTS = InstalledPath("/var/lib/dpkg/status.d")
"""Where images without dpkg have what each package's control file and md5sums say."""

_MD5SUM = re.compile(rb"([0-9a-f]{32})  (.+)")
_MERGED = re.compile(r"/(bin|sbin|lib|lib32|lib64|libx32)/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """What a package manager says of a path."""

    package: str
    digest: Digest | None


Owners = dict[InstalledPath, Owned]


def is_dpkg_state(path: InstalledPath) -> bool:
    """Whether a file is one of those that `owners_by_dpkg` reads."""
    return path == DPKG_DIVERSIONS or path.endswith((".list", ".md5sums"))


def owners_by_dpkg(state: Mapping[InstalledPath, bytes], wanted: Iterable[InstalledPath]) -> Owners:
    """Say who owns those of the wanted paths that any package owns, by the contents of dpkg's files.

    Paths are compared as a system with merged /usr has them: dpkg may know /usr/lib/x as /lib/x.
    """
    names = {merged(path): path for path in wanted}
    diverted = _diversions(state.get(DPKG_DIVERSIONS, b""))
    owners: Owners = {}
    for file, content in state.items():
        if not file.endswith(".list"):
            continue
        package = basename(file).removesuffix(".list")
        moved = ChainMap({}, *(moves for by, moves in diverted.items() if by != package.partition(":")[0]))
        listed = {}
        for line in content.splitlines():
            path = merged(InstalledPath(line.decode("utf-8", "surrogateescape")))
            path = moved.get(path, path)
            if path in names:
                listed[path] = names[path]
        if listed:
            sums = _md5sums(state.get(InstalledPath(f"{file.removesuffix('.list')}.md5sums"), b""), listed)
            name = package.partition(":")[0]
            owners.update({real: Owned(package=name, digest=sums.get(path)) for path, real in listed.items()})
    return owners


def owners_by_rpm(packages: Iterable[Package], wanted: Iterable[InstalledPath]) -> Owners:
    """Say who owns those of the wanted paths that any package owns, by what rpm's database has of packages."""
    names = set(wanted)
    return {
        file.path: Owned(package=package.name, digest=file.digest)
        for package in packages
        for file in package.files
        if file.path in names
    }


def merged(path: InstalledPath) -> InstalledPath:
    """Return the path that /lib/x and the like have where /lib is a link to /usr/lib."""
    return InstalledPath(f"/usr{path}") if _MERGED.match(path) else path


def _diversions(content: bytes) -> dict[str, dict[InstalledPath, InstalledPath]]:
    """Return, by the package whose own files stay, where everybody else's go (dpkg-divert(1)); `:` is the local one."""
    lines = [InstalledPath(line) for line in content.decode("utf-8", "surrogateescape").splitlines()]
    found: dict[str, dict[InstalledPath, InstalledPath]] = {}
    for path, to, package in zip(lines[::3], lines[1::3], lines[2::3], strict=False):
        found.setdefault(package, {})[merged(path)] = merged(to)
    return found


def _md5sums(content: bytes, wanted: Mapping[InstalledPath, InstalledPath]) -> dict[InstalledPath, Digest]:
    sums = {}
    for line in content.splitlines():
        if found := _MD5SUM.fullmatch(line):
            path = merged(InstalledPath("/" + found[2].decode("utf-8", "surrogateescape")))
            if path in wanted:
                sums[path] = Digest(algorithm="md5", value=found[1].decode())
    return sums
