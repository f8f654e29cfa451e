# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Cache directories: made, taken away from others who could write to them, swept, and removed when they are empty."""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Outcome, Ownership, Reason, Removal, Status
from pkgtools.runtime.policy.layout import parse_pyc_name
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.system import safefs
from pkgtools.runtime.system.temporaries import remove_dead, token_of
from pkgtools.runtime.system.trust import distrust, file_state

from .plan import path_of
from .pyc import cache_ownership

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.facts import CacheState
    from pkgtools.runtime.system.packages import Owned
    from pkgtools.runtime.system.trust import Tree

    from .steps import Work


class CacheDirectories:
    """The cache directories of one run."""

    def __init__(
        self, tree: Tree, report: Callable[[Outcome], None], owned: Callable[[list[InstalledPath]], Owned]
    ) -> None:
        """Get ready; each thing done is reported, `owned` knows what packages own."""
        self._tree = tree
        self._report = report
        self._owned = owned
        self._made: list[tuple[InstalledPath, InstalledPath]] = []
        self._thinned: dict[InstalledPath, InstalledPath] = {}

    def sweep(self, removal: Removal) -> None:
        """Remove one file; a temporary of another run only if that run is dead."""
        path = InstalledPath(f"{removal.directory.rstrip('/')}/{removal.name}")
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
        try:
            removed = self._remove(base, path)
        except (Refused, OSError) as error:
            self._report(problem(path, error))
            return
        if removed:
            self._report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, path))

    def take_back(self, used: set[InstalledPath]) -> None:
        """Remove the directories that were made and in which nothing is: not those that are `used`.

        A central cache that was made and stays is marked, so that cleaning knows it.
        """
        made, self._made = self._made, []
        for base, path in reversed(made):
            if path in used:
                continue
            try:
                if not self._remove(base, path) and path == base:
                    from pkgtools.runtime.system import central  # noqa: PLC0415 - few runs make one

                    central.mark(self._tree, path)
            except (Refused, OSError):  # what kept it from being used is reported
                continue

    def _remove(self, base: InstalledPath, path: InstalledPath) -> bool:
        parent, _, name = path.rpartition("/")
        above = InstalledPath(parent or "/")
        self._tree.forget(base, path)
        return safefs.remove_empty_directory(self._tree.open(min(base, above, key=len), above), name)

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
        if not cache.untrusted:
            return
        try:
            repairs, removals = self.distrusted(cache, self._tree.open(cache.base, cache.directory))
        except (Refused, OSError) as error:
            self._report(problem(cache.directory, error))
            return
        for one in repairs:
            self.repair(one)
        for one in removals:
            self.sweep(one)

    def distrusted(self, cache: CacheState, directory: int) -> tuple[list[Removal], list[Removal]]:
        """Return the pycs in a directory that others could write to: those to repair, and those to remove.

        All go, for whose one is now says nothing. What a package ships stays, unless it has names elsewhere: that may
        be any file, which others linked to there. Raises OSError.
        """
        pycs = [
            Removal(cache.base, cache.directory, name, Reason.UNTRUSTED_CACHE)
            for name in sorted(os.listdir(directory))
            if parse_pyc_name(name) is not None and not _is_directory(directory, name)
        ]
        shipped = self._owned([path_of(one) for one in pycs]).by_any() if pycs else frozenset()
        repairs = [
            one for one in pycs if path_of(one) in shipped and not safefs.has_names_elsewhere(directory, one.name)
        ]
        return repairs, [one for one in pycs if one not in repairs]

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
            removed = safefs.remove_file(self._tree.open(cache.base, cache.directory), work.target.name)
        except FileNotFoundError:
            return False
        except (Refused, OSError) as error:
            self._report(problem(work.target.path, error))
            return False
        if removed:
            self._thinned[cache.directory] = cache.base
        return removed

    def remove_emptied(self) -> None:
        """Remove the cache directories of which the last pyc was removed, unless a package owns them."""
        thinned, self._thinned = self._thinned, {}
        packaged = self._owned(sorted(thinned)).by_any() if thinned else frozenset()
        for path in sorted(thinned.keys() - packaged):
            self.sweep_directory(thinned[path], path)

    def ensure(self, cache: CacheState) -> int:
        """Open a cache directory, made where it is missing. Raises Refused where others can write to it, OSError."""
        descriptor = self._open(cache)
        reason = distrust(os.fstat(descriptor), self._tree.trusted)
        if reason is not None:  # it could not be claimed, as one whose owner a user namespace doesn't know
            raise Refused(cache.directory, *reason)
        return descriptor

    def _open(self, cache: CacheState) -> int:
        try:
            return open_in_place(self._tree, cache)
        except FileNotFoundError:
            self._tree.forget(cache.base, cache.directory)
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
        self._made.append((base, directory))
        safefs.make_directory(parent, name, ownership)

    def _model(self, base: InstalledPath, directory: InstalledPath) -> Ownership:
        original = InstalledPath(directory[len(base) :])
        if not original:
            return Ownership(0o755, self._tree.uid, self._tree.gid)
        found = file_state(os.fstat(self._tree.open(original, original)))
        return cache_ownership(found, self._tree.uid, self._tree.gid)


def open_in_place(tree: Tree, cache: CacheState) -> int:
    """Open a cache directory that has its name: what is kept open may have been removed, or moved to the store.

    Raises Refused, FileNotFoundError, OSError.
    """
    descriptor = tree.open(cache.base, cache.directory)
    parent, _, name = cache.directory.rpartition("/")
    above = InstalledPath(parent or "/")
    found = os.fstat(descriptor)
    try:
        directory = tree.open(above if cache.directory == cache.base else cache.base, above)
        if safefs.has_inode(directory, name, (found.st_dev, found.st_ino)):
            return descriptor
    except FileNotFoundError:
        pass
    tree.forget(cache.base, cache.directory)
    return tree.open(cache.base, cache.directory)


def _is_directory(directory: int, name: str) -> bool:
    """Whether a name in an open directory is a directory's, no link followed. Raises OSError."""
    return stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)
