# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Directories full of packages, and what of them was checked already."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pkgtools import __version__
from pkgtools.readers.package import DEB_SUFFIXES, RPM_SUFFIX
from pkgtools.runtime.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .checking import Task

_PACKED = DEB_SUFFIXES | {RPM_SUFFIX}
_LARGEST_STATE = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to be checked."""

    packages: tuple[Path, ...]
    has_pool: bool
    """Some of them were found in a directory."""


def find_packages(paths: Iterable[str]) -> Given:
    """Find the packages in what was named: packages, staged trees, and directories with packages somewhere in them."""
    packages: list[Path] = []
    has_pool = False
    for path in map(Path, paths):
        found = sorted(_below(path)) if path.is_dir() else []
        packages += found or [path]
        has_pool = has_pool or bool(found)
    return Given(packages=tuple(packages), has_pool=has_pool)


def _below(directory: Path) -> Iterator[Path]:
    """Yield packages; none for a staged tree, whatever packages are in it."""
    if any((directory / name).is_dir() for name in ("DEBIAN", "usr", "etc", "opt", "lib")):
        return
    for above, _, names in os.walk(directory):
        yield from (Path(above, name) for name in names if Path(name).suffix in _PACKED)


class State:
    """What was checked, remembered in a file of lines; a run that is killed loses the package that it was at."""

    def __init__(self, path: Path, task: Task) -> None:
        """Read what is there; lines of another version or for other rules don't count. Raises UsageError, OSError."""
        self._key = sha256(repr((__version__, task)).encode()).hexdigest()[:16]
        self._done: dict[str, int] = {}
        if path.exists():
            self._read(path)
        self._stream: IO[str] = path.open("a", encoding="utf-8", errors="surrogateescape")

    def _read(self, path: Path) -> None:
        if path.stat().st_size > _LARGEST_STATE:
            raise UsageError(f"{path} is no state of ours: it is too large")
        with path.open(encoding="utf-8", errors="surrogateescape") as stream:
            for line in stream:
                try:
                    key, identity, status = json.loads(line)
                except ValueError as error:
                    if not line.endswith("\n"):
                        continue  # a run was killed while it wrote
                    raise UsageError(f"{path} is no state of ours: name another file") from error
                if key == self._key:
                    self._done[identity] = status

    def status_of(self, package: Path) -> int | None:
        """Return the exit status that a package came to; None if it's new or was changed since."""
        return self._done.get(_identity(package))

    def remember(self, package: Path, status: int) -> None:
        """Write down what a package came to."""
        self._stream.write(json.dumps([self._key, _identity(package), status]) + "\n")
        self._stream.flush()


def _identity(package: Path) -> str:
    try:
        found = package.stat()
    except OSError:
        return str(package)
    return f"{package.absolute()} {found.st_size} {found.st_mtime_ns}"
