# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which source a cached pyc belongs to, be it in a cache directory or in a central cache."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.package import Kind
from pkgtools.model.symlinks import follow
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY, parse_pyc_name

if TYPE_CHECKING:
    from pkgtools.model.package import File, Package

CENTRAL = "/var/cache/python"
"""Where the bytecode of strategy cache-prefix goes, unless the user says otherwise."""
_TOP = InstalledPath("")


class Sources:
    """The sources of a package or system by their pycs."""

    def __init__(self, package: Package) -> None:
        """Find the central caches: those that a system's configuration names, and where ours is by default."""
        self._files = {file.path: file for file in package.files}
        named = {one.value.rstrip("/") for one in package.settings if one.name == "PYTHONPYCACHEPREFIX"}
        central = {one for one in named if one.startswith("/")} | {CENTRAL}
        self._central = tuple(sorted(central)) if package.kind is Kind.ROOT else ()

    def path_of(self, pyc: InstalledPath) -> InstalledPath | None:
        """Return where the source of a pyc is if it is there; None if no import looks for that pyc in a cache."""
        name = parse_pyc_name(basename(pyc))
        directory = dirname(pyc)
        if name is None:
            return None
        if basename(directory) == CACHE_DIRECTORY:
            return InstalledPath(f"{directory[: -len(CACHE_DIRECTORY)]}{name.stem}.py")
        prefix = self.central_cache_of(pyc)
        return InstalledPath(f"{directory.removeprefix(prefix)}/{name.stem}.py") if prefix else None

    def file_of(self, pyc: InstalledPath) -> File | None:
        """Return the source of a pyc, or the file that it is a symbolic link to; None if that isn't known."""
        path = self.path_of(pyc)
        file = self._files.get(path) if path else None
        if file is None or not file.is_symlink:
            return file
        end = follow(_TOP, file.path, lambda above, name, _is_last: InstalledPath(f"{above}/{name}"), self._link_of)
        return self._files.get(end) if end is not None else None

    def _link_of(self, path: InstalledPath) -> str:
        file = self._files.get(path)
        return file.link if file is not None and file.is_symlink else ""

    def is_there(self, pyc: InstalledPath) -> bool:
        """Whether something has the name of a pyc's source, be it what it may."""
        return self.path_of(pyc) in self._files

    def central_cache_of(self, path: InstalledPath) -> str:
        """Return the central cache that a path lies in; nothing if it lies in none."""
        return next((prefix for prefix in self._central if path.startswith(f"{prefix}/")), "")
