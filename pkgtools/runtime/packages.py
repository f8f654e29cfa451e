# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What the package managers know: the files of a package, and whether any package owns a path."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from .errors import EnvironmentFault
from .facts import InstalledPath
from .processes import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .trust import Tree

_DPKG_QUERY = "/usr/bin/dpkg-query"
_RPM = "/usr/bin/rpm"
_RPM_DATABASES = ("/usr/lib/sysimage/rpm", "/var/lib/rpm")
_RPM_FILES = ("rpmdb.sqlite", "Packages.db", "Packages")
_NOT_OWNED_BY_RPM = ("file ", " is not owned by any package")
_DIVERTED = re.compile(rb"(?:locally diverted|diverted by .*) to: (/.*)")
_DPKG_OWNED = re.compile(rb"[^/]*?: (/.*)")
_BYTES_AT_ONCE = 64 * 1024
"""Of paths in one argument list: far below the system's limit of 2 MiB in all."""
_NOT_OWNED = 1
"""What dpkg-query -S exits with if it knows not all paths."""


def files_of_package(tree: Tree, package: str, *, newest: bool = False) -> list[InstalledPath]:
    """Return every path of an installed package, where a diversion put it.

    While rpm upgrades a package, both versions are installed: `newest` leaves out what goes in a moment.
    The package may carry an architecture (`name:amd64`). Raises EnvironmentFault if neither dpkg nor rpm knows it.
    """
    if package.startswith("-"):
        raise EnvironmentFault(f"{package!r} is no package name")
    if os.path.exists(_DPKG_QUERY):
        query = (_DPKG_QUERY, *_dpkg_root(tree))
        answer = run((*query, "-L", package))
        if answer.status == 0:
            return parse_dpkg_list(answer.output)
        # Multi-Arch: same packages of several architectures: dpkg lists none of them by the name alone
        instances = run((*query, "-W", "-f", "${binary:Package}\n", package)).output.decode().split()
        if len(instances) > 1:
            return [path for instance in instances for path in files_of_package(tree, instance)]
    rpm = _rpm_query(tree)
    if rpm is not None:
        answer = run((*rpm, "--qf", "[%{=DBINSTANCE} %{FILENAMES}\n]", package))
        if answer.status == 0:
            return parse_rpm_list(answer.output, newest=newest)
    raise EnvironmentFault(f"package {package} isn't installed: look for its name with dpkg -l or rpm -qa")


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


def parse_rpm_list(output: bytes, *, newest: bool) -> list[InstalledPath]:
    """Read lines of an instance's number in rpm's database, a blank and a path; `newest`: of the highest number."""
    found: dict[int, list[InstalledPath]] = {}
    for line in output.split(b"\n"):
        number, blank, path = line.partition(b" ")
        if blank and number.isdigit() and path.startswith(b"/"):
            found.setdefault(int(number), []).append(InstalledPath(os.fsdecode(path)))
    instances = [max(found)] if found and newest else sorted(found)
    return [path for instance in instances for path in found[instance]]


def owned_paths(tree: Tree, paths: list[InstalledPath]) -> frozenset[InstalledPath]:
    """Return those of the paths that any package owns.

    Raises EnvironmentFault if the package manager can't tell: then nothing may be taken for nobody's.
    """
    owned: set[InstalledPath] = set()
    query = _rpm_query(tree)
    for some in _portions(paths):
        if os.path.exists(_DPKG_QUERY) and os.path.exists(os.path.join(tree.root, "var/lib/dpkg/status")):
            answer = run((_DPKG_QUERY, *_dpkg_root(tree), "-S", *map(_literal, some)))
            if answer.status > _NOT_OWNED:
                raise EnvironmentFault(f"dpkg-query -S ended with status {answer.status}: repair dpkg, then run again")
            lines = answer.output.split(b"\n")
            owned.update(InstalledPath(os.fsdecode(m[1])) for m in map(_DPKG_OWNED.match, lines) if m)
        if query is not None:
            owned.update(_owned_by_rpm(query, some))
    return frozenset(owned.intersection(paths))


def _portions(paths: list[InstalledPath]) -> Iterator[list[InstalledPath]]:
    some: list[InstalledPath] = []
    size = 0
    for path in paths:
        some.append(path)
        size += 2 * len(path.encode("utf-8", "surrogateescape"))  # every character may have to be quoted
        if size > _BYTES_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _dpkg_root(tree: Tree) -> tuple[str, ...]:
    return () if tree.root == "/" else (f"--admindir={tree.root}/var/lib/dpkg",)


def _literal(path: InstalledPath) -> str:
    """Make a pattern of dpkg-query that matches one path only."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", path)


def _rpm_query(tree: Tree) -> tuple[str, ...] | None:
    """Return how rpm is asked, None where it has no database: asked in vain it would make one."""
    if not os.path.exists(_RPM):
        return None
    for directory in _RPM_DATABASES:
        if any(tree.exists(InstalledPath(f"{directory}/{name}")) for name in _RPM_FILES):
            return (_RPM, "--root", tree.root, "--dbpath", directory, "-q")
    return None


def _owned_by_rpm(query: tuple[str, ...], paths: list[InstalledPath]) -> set[InstalledPath]:
    """Ask rpm which packages own any of the paths, and those packages for their files.

    The exit status is the number of paths that nobody owns: only a missing line tells of a failure.
    """
    answer = run((*query, "-f", "--qf", "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}\\n", *paths))
    lines = [line for line in os.fsdecode(answer.output).split("\n") if line]
    if len(lines) < len(paths):
        raise EnvironmentFault(f"rpm -qf ended with status {answer.status}: repair rpm's database, then run again")
    owners = sorted({line for line in lines if not _says_not_owned(line)})
    if not owners:
        return set()
    files = run((*query, "--qf", "[%{FILENAMES}\\n]", *owners)).output
    return {InstalledPath(os.fsdecode(line)) for line in files.split(b"\n")}.intersection(paths)


def _says_not_owned(line: str) -> bool:
    return line.startswith(_NOT_OWNED_BY_RPM[0]) and line.endswith(_NOT_OWNED_BY_RPM[1])
