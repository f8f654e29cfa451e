# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Carrying out a plan to clean, or foretelling what that would do."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.lean import partial
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY
from pkgtools.runtime.policy.sources import is_below, problem
from pkgtools.runtime.record import Record
from pkgtools.runtime.system import safefs
from pkgtools.runtime.system.temporaries import remove_dead, token_of
from pkgtools.runtime.system.trust import open_cache, open_central

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.compile.reuse import Keeper
    from pkgtools.runtime.facts import CacheDirectory, CleanPlan, Removal
    from pkgtools.runtime.system.trust import Tree

    Keep = Callable[[int, Removal], bool]
    """Moves a file from an open directory to the store; False if it is still to be removed."""


def perform_clean(tree: Tree, plan: CleanPlan, report: Callable[[Outcome], None], *, keep: bool = False) -> None:
    """Carry out a plan; what can't be removed is reported. `keep`: see CleanRun."""
    record = Record(tree)
    keeper = _keeper(tree) if keep and plan.removals else None
    for outcome in plan.settled:
        report(outcome)
        if outcome.reason is Reason.PACKAGED:  # it goes with its package
            directory_path, _, name = outcome.path.rpartition("/")
            record.note(InstalledPath(directory_path), name, None)
    emptied = {cache.directory: cache for cache in plan.directories}
    by_directory: dict[tuple[InstalledPath, InstalledPath], list[Removal]] = {}
    for removal in plan.removals:
        by_directory.setdefault((removal.base, removal.directory), []).append(removal)
    moved = set() if keeper is None else _keep_directories(tree, keeper, record, emptied, by_directory)
    for (base, path), removals in by_directory.items():
        if path in moved:
            for removal in removals:
                report(_removed(removal))
            continue
        move = partial(keeper.keep, known=record.of(path)) if keeper is not None else _keep_nothing
        gone = _remove_in(tree, base, path, removals, report, move)
        _forget(record, path, None if path in emptied else gone)
    record.save()
    for cache in plan.directories:
        if cache.directory in moved:
            report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, cache.directory))
        else:
            _remove_if_empty(tree, cache, report)


def _forget(record: Record, path: InstalledPath, gone: list[str] | None) -> None:
    """Forget what is known of some names in a directory; of all if there is no list."""
    if gone is None:
        record.forget(path)
    else:
        for name in gone:
            record.note(path, name, None)


def _keeper(tree: Tree) -> Keeper | None:
    from pkgtools.runtime.compile.reuse import keeper  # noqa: PLC0415 - for upgrades only

    return keeper(tree)


def _keep_directories(
    tree: Tree,
    keeper: Keeper,
    record: Record,
    emptied: dict[InstalledPath, CacheDirectory],
    by_directory: dict[tuple[InstalledPath, InstalledPath], list[Removal]],
) -> set[InstalledPath]:
    """Move whole cache directories to the store, and return those that are moved. What is known of them stays known."""
    from pkgtools.runtime.compile.stored_directories import keep_directory  # noqa: PLC0415 - for upgrades only

    return {
        path
        for (_, path), removals in by_directory.items()
        if path in emptied and keep_directory(tree, keeper, emptied[path], removals, record.of(path))
    }


def _removed(removal: Removal) -> Outcome:
    return Outcome(Status.REMOVED, removal.reason, removal.path, removal.source)


def _keep_nothing(_directory: int, _removal: Removal) -> bool:
    return False


def _remove_in(
    tree: Tree,
    base: InstalledPath,
    path: InstalledPath,
    removals: list[Removal],
    report: Callable[[Outcome], None],
    keep: Keep,
) -> list[str]:
    """Remove names from one directory, and return those that are gone."""
    try:
        directory = _open(tree, base, path)
    except FileNotFoundError:
        return []
    except (Refused, OSError) as error:
        for removal in removals:
            report(problem(removal.path, error))
        return []
    try:
        return [removal.name for removal in removals if _remove(directory, removal, report, keep)]
    finally:
        os.close(directory)


def _remove(directory: int, removal: Removal, report: Callable[[Outcome], None], keep: Keep) -> bool:
    """Remove a name, which may be kept in the store; whether it is gone."""
    remove = safefs.remove_file if token_of(removal.name) is None else remove_dead
    try:
        removed = keep(directory, removal) or remove(directory, removal.name)
    except OSError as error:
        report(problem(removal.path, error))
        return False
    if removed:
        report(_removed(removal))
    return True


def _open(tree: Tree, base: InstalledPath, path: InstalledPath) -> int:
    """Open a directory to remove from: whoever may write to a cache directory, removing a name from it is safe."""
    above, _, name = path.rpartition("/")
    if name == CACHE_DIRECTORY and is_below(path, base):
        descriptor = open_cache(tree.open(base, InstalledPath(above)), path)
    else:
        descriptor = open_central(tree, base, path)
    if descriptor is None:
        raise FileNotFoundError(path)
    return descriptor


def _remove_if_empty(tree: Tree, cache: CacheDirectory, report: Callable[[Outcome], None]) -> None:
    parent, _, name = cache.directory.rpartition("/")
    above = InstalledPath(parent or "/")
    try:
        tree.forget(cache.base, cache.directory)
        removed = safefs.remove_empty_directory(tree.open(min(cache.base, above, key=len), above), name)
    except FileNotFoundError:
        return
    except (Refused, OSError) as error:
        report(problem(cache.directory, error))
        return
    if removed:
        report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, cache.directory))


def foretell_clean(plan: CleanPlan) -> list[Outcome]:
    """Say what carrying out a plan would bring."""
    gone = [_removed(removal) for removal in plan.removals]
    empty = [Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, cache.directory) for cache in plan.directories]
    return [*plan.settled, *gone, *empty]
