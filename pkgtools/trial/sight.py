# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is seen of the throw-away system between two steps, from outside of it: files, bytecode, findings."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.bytecode.examine import BATCH_REPORT, ReadingOptions
from pkgtools.check.apply import judge_package
from pkgtools.check.registry import all_rules
from pkgtools.model.package import Kind
from pkgtools.readers.system.installed import read_root
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pkgtools.model.finding import Finding

_LOOK = ReadingOptions(guesses=False)
_NOT_SEEN = frozenset({"/proc", "/sys", "/dev", "/run", "/tmp"})  # noqa: S108 - to be left alone
_MOST_ENTRIES = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFile:
    """What lstat(2) says of a name."""

    mode: int
    """Type and permission bits."""
    owner: tuple[int, int]
    """User and group, as the system knows them."""
    size: int
    """Bytes; 0 for a directory."""
    mtime_ns: int
    """Nanoseconds since the epoch; 0 for a directory, whose time says nothing."""
    link: str = ""
    """Where a symbolic link leads."""

    @property
    def is_directory(self) -> bool:
        """Whether it is a directory."""
        return stat.S_ISDIR(self.mode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """The system between two steps."""

    files: Mapping[str, SeenFile]
    """All names by their paths, but for what lies in /proc, /sys, /dev, /run and /tmp."""
    owners: Mapping[str, str]
    """The package that owns each pyc, as far as one does."""
    findings: tuple[Finding, ...]
    """What the rules of `pkgtools audit` find, those that compare code left out."""
    batch: int
    """When the runtime wrote its last report; 0 where there is none."""

    @property
    def bytes_used(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files.values())

    def bytecode(self) -> dict[str, SeenFile]:
        """Return the pycs and cache directories by their paths."""
        return {path: one for path, one in self.files.items() if is_bytecode(path)}

    def pycs(self) -> dict[str, SeenFile]:
        """Return the pycs by their paths."""
        return {path: one for path, one in self.files.items() if is_pyc(path)}


def is_pyc(path: str) -> bool:
    """Whether a path is that of a pyc."""
    return path.endswith((".pyc", ".pyo"))


def is_bytecode(path: str) -> bool:
    """Whether a path is that of a pyc, of a cache directory, or of something in one."""
    return is_pyc(path) or CACHE_DIRECTORY in path.rsplit("/", 2)[1:]


def look(top: Path) -> Sight:
    """Look at the system below `top`. Raises UnreadablePackage, OSError."""
    package = read_root(top, _LOOK)
    rules = [rule for rule in all_rules() if Kind.ROOT in rule.kinds]
    files = dict(_files(os.fsencode(top)))
    report = files.get(BATCH_REPORT)
    return Sight(
        files=files,
        owners={one.path: one.package for one in package.files if one.package and is_pyc(one.path)},
        findings=judge_package(package, rules).findings,
        batch=report.mtime_ns if report else 0,
    )


def _files(top: bytes) -> Iterator[tuple[str, SeenFile]]:
    """Yield path and looks of everything; nothing is followed. Raises OSError where there is too much to hold."""
    waiting = [b""]
    number = 0
    while waiting:
        directory = waiting.pop()
        with os.scandir(top + (directory or b"/")) as entries:
            for entry in entries:
                path = directory + b"/" + entry.name
                text = os.fsdecode(path)
                number += 1
                if number > _MOST_ENTRIES:
                    raise OSError(f"the system has more than {_MOST_ENTRIES} files")
                seen = _seen(entry)
                yield text, seen
                if seen.is_directory and text not in _NOT_SEEN:
                    waiting.append(path)


def _seen(entry: os.DirEntry[bytes]) -> SeenFile:
    found = entry.stat(follow_symlinks=False)
    is_directory = stat.S_ISDIR(found.st_mode)
    return SeenFile(
        mode=found.st_mode,
        owner=(found.st_uid, found.st_gid),
        size=0 if is_directory else found.st_size,
        mtime_ns=0 if is_directory else found.st_mtime_ns,
        link=os.fsdecode(os.readlink(entry.path))  # noqa: PTH115 - of bytes
        if stat.S_ISLNK(found.st_mode)
        else "",
    )
