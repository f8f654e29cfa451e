# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Cache directories: made, taken away from others who could write to them, swept, and removed when they are empty."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from . import safefs
from .errors import Refused
from .facts import InstalledPath, Outcome, Ownership, Reason, Removal, Status
from .filelist import problem
from .layout import parse_pyc_name
from .plan import path_of
from .pyc import cache_ownership
from .temporaries import remove_dead, token_of
from .trust import distrust, file_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from .facts import CacheState, Work
    from .packages import Owned
    from .trust import Tree


class CacheDirectories:
    """The cache directories of one run."""

    def __init__(
        self, tree: Tree, report: Callable[[Outcome], None], owned: Callable[[list[InstalledPath]], Owned]
    ) -> None:
        """Get ready; each thing done is reported, `owned` tells what packages own."""
        self._tree = tree
        self._report = report
        self._owned = owned

    def sweep(self, removal: Removal) -> None:
        """Remove one file; a temporary of another run only if that run is dead."""
        path = InstalledPath(f"{removal.directory}/{removal.name}")
        try:
            directory = self._tree.open(removal.base, removal.directory)
            remove = safefs.remove_file if token_of(removal.name) is None else remove_dead
            removed = remove(directory, removal.name)
        except FileNotFoundError:
            return
        except (Refused, OSError) as error:
            self._report(problem(path, error))
            return
        if removed:
            self._report(Outcome(Status.REMOVED, removal.reason, path, removal.source))

    def sweep_directory(self, base: InstalledPath, path: InstalledPath) -> None:
        """Remove a directory in which nothing is left."""
        parent, _, name = path.rpartition("/")
        above = InstalledPath(parent or "/")
        try:
            self._tree.forget(base, path)
            removed = safefs.remove_empty_directory(self._tree.open(min(base, above, key=len), above), name)
        except (Refused, OSError) as error:
            self._report(problem(path, error))
            return
        if removed:
            self._report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, path))

    def claim(self, cache: CacheState) -> None:
        """Put owner, mode and ACL of a cache directory right."""
        parent, _, name = cache.directory.rpartition("/")
        base = InstalledPath(parent or "/") if cache.directory == cache.base else cache.base
        try:
            safefs.claim_directory(self._tree.open(base, InstalledPath(parent or "/")), name, cache.expected)
        except (Refused, OSError) as error:
            self._report(problem(cache.directory, error))
            return
        reason = cache.to_repair or Reason.WRONG_MODE
        self._report(Outcome(Status.REPAIRED, reason, cache.directory, mode=cache.expected.mode))
        if cache.untrusted:
            self._purge(cache)

    def _purge(self, cache: CacheState) -> None:
        """Remove every pyc from a directory that others could write to: whose it is now says nothing.

        What a package ships stays, unless it has names elsewhere: that may be any file, which others linked to there.
        """
        try:
            directory = self._tree.open(cache.base, cache.directory)
            names = sorted(os.listdir(directory))
            planted = frozenset(n for n in names if parse_pyc_name(n) and safefs.has_names_elsewhere(directory, n))
        except (Refused, OSError) as error:
            self._report(problem(cache.directory, error))
            return
        pycs = [
            Removal(cache.base, cache.directory, name, Reason.UNTRUSTED_CACHE)
            for name in names
            if parse_pyc_name(name) is not None
        ]
        shipped = self._owned([path_of(one) for one in pycs]).by_any() if pycs else frozenset()
        for one in pycs:
            if path_of(one) in shipped and one.name not in planted:
                self.repair(one)
            else:
                self.sweep(one)

    def repair(self, shipped: Removal) -> None:
        """Give a pyc that a package ships root as its owner, and take the right to write from all others."""
        path = path_of(shipped)
        try:
            directory = self._tree.open(shipped.base, shipped.directory)
            found = os.stat(shipped.name, dir_fd=directory, follow_symlinks=False).st_mode
            if not stat.S_ISREG(found):  # a link, say: there is nothing to put right
                return
            mode = found & 0o644 | 0o200
            safefs.repair_file(directory, shipped.name, Ownership(mode, self._tree.uid, self._tree.gid))
        except (Refused, OSError) as error:
            self._report(problem(path, error))
            return
        self._report(Outcome(Status.REPAIRED, shipped.reason, path, shipped.source, mode=mode))

    def remove(self, cache: CacheState, work: Work) -> bool:
        """Remove a pyc that must not stay and can't be replaced; False if there is none. Failure is reported."""
        try:
            return safefs.remove_file(self._tree.open(cache.base, cache.directory), work.target.name)
        except FileNotFoundError:
            return False
        except (Refused, OSError) as error:
            self._report(problem(work.target.path, error))
            return False

    def ensure(self, cache: CacheState) -> int:
        """Open a cache directory, made where it is missing. Raises Refused where others can write to it, OSError."""
        descriptor = self._open(cache)
        reason = distrust(os.fstat(descriptor), self._tree.trusted)
        if reason is not None:  # it could not be claimed, as one whose owner a user namespace doesn't know
            raise Refused(cache.directory, *reason)
        return descriptor

    def _open(self, cache: CacheState) -> int:
        try:
            descriptor = self._tree.open(cache.base, cache.directory)
            if os.fstat(descriptor).st_nlink:
                return descriptor
            # somebody cleaned meanwhile, and what is kept open is no directory any more
            self._tree.forget(cache.base, cache.directory)
            return self._tree.open(cache.base, cache.directory)
        except FileNotFoundError:
            self._make(cache.base, cache.directory, cache.expected)
            return self._tree.open(cache.base, cache.directory)

    def _make(self, base: InstalledPath, directory: InstalledPath, ownership: Ownership) -> None:
        """Make a directory; in the central cache also those above it, each like the directory that it stands for."""
        path, _, name = directory.rpartition("/")
        above = InstalledPath(path or "/")
        its_base = above if directory == base else base
        try:
            parent = self._tree.open(its_base, above)
        except FileNotFoundError:
            self._make(its_base, above, self._model(base, above))
            parent = self._tree.open(its_base, above)
        safefs.make_directory(parent, name, ownership)

    def _model(self, base: InstalledPath, directory: InstalledPath) -> Ownership:
        original = InstalledPath(directory[len(base) :])
        if not original:
            return Ownership(0o755, self._tree.uid, self._tree.gid)
        found = file_state(os.fstat(self._tree.open(original, original)))
        return cache_ownership(found, self._tree.uid, self._tree.gid)
