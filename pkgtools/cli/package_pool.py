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
from pkgtools.readers.package import is_staged
from pkgtools.readers.package_kinds import kind_by_name
from pkgtools.runtime.errors import UsageError

from .usage import local_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FEW = 10
_LARGEST_STATE = 1 << 30
_REMEMBERED = (0, 1)
_BEGIN = b'["'


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is to be checked."""

    packages: tuple[Path, ...]
    """Packages and staged trees, in the order given; those of a directory sorted by path."""
    has_pool: bool
    """Some of them were found in a directory."""
    notes: tuple[str, ...] = ()
    """What of directories isn't a package and was not looked at."""


def find_packages(paths: Iterable[str]) -> Given:
    """Find the packages in what was named: packages, staged trees, and directories with packages somewhere in them."""
    packages: list[Path] = []
    skipped: list[Path] = []
    has_pool = False
    for path in map(local_path, paths):
        found = sorted(_below(path)) if path.is_dir() and not is_staged(path) else []
        packed = [one for one in found if kind_by_name(one)]
        packages += packed or [path]
        skipped += [one for one in found if not kind_by_name(one)] if packed else []
        has_pool = has_pool or bool(packed)
    return Given(packages=tuple(packages), has_pool=has_pool, notes=tuple(_skipped(skipped)))


def _below(directory: Path) -> Iterator[Path]:
    """Yield the files of a pool, and links to directories, which are not followed."""
    for above, folders, names in os.walk(directory, onerror=_fail):
        yield from (Path(above, name) for name in names)
        yield from (link for name in folders if (link := Path(above, name)).is_symlink())


def _skipped(files: list[Path]) -> Iterator[str]:
    if not files:
        return
    named = ", ".join(map(str, files[:_FEW]))
    more = f" and {len(files) - _FEW} more" if len(files) > _FEW else ""
    yield f"not looked at, no packages by their names: {named}{more}"


def _fail(error: OSError) -> None:
    raise error


class State:
    """What was checked, remembered in a file of lines; a run that is killed loses the package that it was at.

    Packages that could not be read are tried again, for the machine may have been at fault; staged trees, too.
    """

    def __init__(self, path: Path, asked: str) -> None:
        """Read the file; lines of another version or when something else was `asked` don't count.

        Raises UsageError, OSError.
        """
        self._key = sha256(f"{__version__} {asked}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._done: dict[str, int] = {}
        self._stream: IO[bytes] = path.open("a+b")
        try:
            end = self._read(path)
            self._stream.truncate(end)  # what a run wrote when it was killed
        except BaseException:  # whatever it is: it is raised again
            self._stream.close()
            raise

    def _read(self, path: Path) -> int:
        """Read the whole lines, and return where they end."""
        end = 0
        if os.fstat(self._stream.fileno()).st_size > _LARGEST_STATE:
            raise UsageError(f"{path} isn't a state of ours: it is too large")
        self._stream.seek(0)
        for line in self._stream:
            if not line.endswith(b"\n") and line.startswith(_BEGIN):
                break
            end += len(line)
            try:
                key, identity, status = json.loads(line)
                if key == self._key and status in _REMEMBERED:
                    self._done[identity] = status
            except (ValueError, TypeError, RecursionError) as error:
                raise UsageError(f"{path} isn't a state of ours: name another file") from error
        return end

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def status_of(self, package: Path) -> int | None:
        """Return the exit status that a package came to; None if it's new or was changed since."""
        identity = _identity(package)
        return None if identity is None else self._done.get(identity)

    def remember(self, package: Path, status: int) -> None:
        """Write down what a package came to. Raises OSError."""
        identity = _identity(package)
        if identity is not None and status in _REMEMBERED:
            self._stream.write(json.dumps([self._key, identity, status]).encode() + b"\n")
            self._stream.flush()


def _identity(package: Path) -> str | None:
    """Return what changes when a package does; None for what has no such thing: a directory, what isn't there."""
    if not package.is_file():
        return None
    found = package.stat()
    return f"{package.absolute()} {found.st_size} {found.st_mtime_ns} {found.st_ino}"
