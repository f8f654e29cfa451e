# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What changes where dpkg changes a package: its version, and size and time of its file list (info/PACKAGE.list).

Reading this costs a stat for each package; no list is read. Inode and ctime are left out, which a copy of a system has
others of.
"""

from __future__ import annotations

import os
import stat
import time

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple

from .dpkg_records import ADMINISTRATION, LISTS, is_known_format, read_in, read_optional
from .listed_paths import plain_names
from .packaged import state_of_lists

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .trust import Tree

_SUFFIX = ".list"
_SETTLED = frozenset({"installed", "triggers-awaited", "triggers-pending", "config-files"})
"""States of a package (dpkg(1)) in which no script of it is still to come that could change its files."""

_TICK = 0.02
"""Seconds that the time stamp of a file may lag behind the clock: a kernel's tick is up to 10 ms."""
_PACKAGE, _STATUS, _VERSION, _ARCHITECTURE = b"Package: ", b"\nStatus: ", b"\nVersion: ", b"\nArchitecture: "
_INSTALLED = b"\nStatus: install ok installed\n"
_OURS = "pkgtools-runtime"
"""Its postinst runs the batch, last of all: it is being configured then, and settled."""


class FileLists(NamedTuple):
    """The file lists of a system."""

    identities: dict[str, str]
    """By the name of the package, with the architecture where dpkg's file has it: what changes with the package."""
    unsettled: frozenset[str]
    """Those of packages that are being unpacked or configured, or whose configuration failed.

    And those whose list could still change without a trace: the second of its time is not over.
    """
    seen: bytes
    """What changes when dpkg changes a list or a diversion, see `state_of_lists`."""
    states: dict[str, os.stat_result]
    """What the lists look like, by their names."""


def file_lists(tree: Tree) -> FileLists | None:
    """Look at the file list of each package; None where dpkg manages no packages, or in a format unknown here.

    Raises Refused, OSError.
    """
    if not tree.exists(InstalledPath(f"{ADMINISTRATION}/status")):
        return None
    versions, settling = _versions(tree)
    directory = tree.look(LISTS)
    identities: dict[str, str] = {}
    states: dict[str, os.stat_result] = {}
    unsettled = set()
    settled_before = int(time.time() - _TICK)
    try:
        if not is_known_format(directory):
            return None
        seen = state_of_lists(tree, directory)
        for file in [file for file in os.listdir(directory) if file[-5:] == _SUFFIX]:
            try:
                found = states[file] = os.stat(file, dir_fd=directory, follow_symlinks=False)
            except FileNotFoundError:  # it went just now
                continue
            name = file[:-5]
            package = name.partition(":")[0] if ":" in name else name
            # st_mtime would be a floating-point number, made and rounded again for each package
            size, mtime = found[stat.ST_SIZE], found[stat.ST_MTIME]
            identities[name] = f"{versions.get(package, '')}\t{size}\t{mtime}"
            if mtime >= settled_before or package in settling:
                unsettled.add(name)
    finally:
        os.close(directory)
    return FileLists(identities, frozenset(unsettled), seen, states)


class _Entry(NamedTuple):
    """An entry in a file of dpkg's."""

    package: str
    """Its name, without an architecture."""
    data: bytes
    """The whole file: to cut each entry out costs as much again as reading all."""
    start: int
    """Where what follows the name begins."""
    end: int
    """Where the entry ends."""

    def field(self, name: bytes) -> str:
        """Return the rest of a line that begins with a newline and some bytes; empty if there is none."""
        at = self.data.find(name, self.start, self.end)
        if at < 0:
            return ""
        stop = self.data.find(b"\n", at + len(name), self.end)
        return os.fsdecode(self.data[at + len(name) : stop if stop >= 0 else self.end])

    def is_settled(self) -> bool:
        """Whether no script of the package is still to come."""
        return self.field(_STATUS).rpartition(" ")[2] in _SETTLED


def _versions(tree: Tree) -> tuple[dict[str, str], set[str]]:
    """Return the versions of all packages, and which packages are unsettled.

    While dpkg runs, what it changed stands in files of their own, which it puts into the status file at its end.
    """
    directory = tree.look(ADMINISTRATION)
    try:
        status = list(_entries(read_in(directory, "status")))
    finally:
        os.close(directory)
    versions: dict[str, str] = {}
    unsettled = set()
    several = set()
    for entry in status:  # for speed: a system has thousands
        name = entry.package
        if name in versions:
            several.add(name)
        versions[name] = entry.field(_VERSION)
        if entry.data.find(_INSTALLED, entry.start, entry.end) < 0 and not entry.is_settled():
            unsettled.add(name)
    updates = [entry for data in _updates(tree) for entry in _entries(data)]
    several.update(entry.package for entry in updates)
    if several:
        _join_instances(several, (*status, *updates), versions, unsettled)
    unsettled.discard(_OURS)
    return versions, unsettled


def _join_instances(
    several: set[str], entries: Iterable[_Entry], versions: dict[str, str], unsettled: set[str]
) -> None:
    """Put the versions of some packages for all architectures together; one unsettled makes the package so.

    `Multi-Arch: same` packages have an entry for each architecture; the last entry for one counts.
    """
    instances: dict[str, dict[str, tuple[str, bool]]] = {}
    for entry in entries:
        if entry.package in several:
            state = entry.field(_VERSION), entry.is_settled()
            instances.setdefault(entry.package, {})[entry.field(_ARCHITECTURE)] = state
    unsettled -= several
    for name, states in instances.items():
        versions[name] = " ".join(version for version, _ in states.values())
        if not all(is_settled for _, is_settled in states.values()):
            unsettled.add(name)


def _entries(data: bytes) -> Iterator[_Entry]:
    """Yield the entries in a file of dpkg's."""
    at = 0
    while data.startswith(_PACKAGE, at):
        line = data.find(b"\n", at)
        following = data.find(b"\n\n" + _PACKAGE, line)
        end = following if following >= 0 else len(data)
        yield _Entry(os.fsdecode(data[at + len(_PACKAGE) : line]), data, line, end)
        at = end + 2


def _updates(tree: Tree) -> list[bytes]:
    try:
        directory = tree.look(InstalledPath(f"{ADMINISTRATION}/updates"))
    except (OSError, Refused):  # dpkg makes it when it needs it
        return []
    try:
        return [read_optional(directory, name) for name in sorted(filter(str.isdigit, os.listdir(directory)))]
    finally:
        os.close(directory)


def read_list(tree: Tree, name: str) -> list[InstalledPath]:
    """Return the paths in the file list of a package; none if it went meanwhile. Raises Refused, OSError."""
    return [InstalledPath(line) for line in plain_names(_read_of(tree, name + _SUFFIX)) if line.startswith("/")]


def read_prerm(tree: Tree, name: str) -> str:
    """Return the prerm of a package; empty if it has none. Raises Refused, OSError."""
    return os.fsdecode(_read_of(tree, f"{name}.prerm"))


def _read_of(tree: Tree, file: str) -> bytes:
    directory = tree.look(LISTS)
    try:
        return read_optional(directory, file)
    finally:
        os.close(directory)
