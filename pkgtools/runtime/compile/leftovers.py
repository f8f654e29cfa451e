# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What goes from the store of bytecode: what nothing took back."""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import cache_directory_of
from pkgtools.runtime.system.safefs import remove_file
from pkgtools.runtime.system.temporaries import sweep, token_of

from .reuse import open_store, parsed, place_of
from .stored_directories import is_stored_directory, remove_stored, set_all_aside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.runtime.system.trust import Tree

_DAY = 86_400
_SAMPLE = 32


def drop_all(tree: Tree, size: int) -> None:
    """Remove what is in the store, at the end of a batch; with a `size` in bytes only the oldest that exceed it."""
    if size:
        set_all_aside(tree)
    for store, found in _entries(tree):
        entries = [one for one in found if size and parsed(one[0]) is not None]
        kept = {name for name, _ in entries}.difference(_oldest(entries, size))
        _remove(store, [name for name, _ in found if name not in kept])


def drop_of(tree: Tree, sources: Iterable[InstalledPath], size: int, now: float) -> None:
    """Remove what the store has of sources that were just compiled, and leftovers, see `drop_leftovers`.

    With a `size` in bytes as `drop_all`. `now` is in seconds since the epoch.
    """
    if size:
        drop_all(tree, size)
        return
    try:
        store = open_store(tree)
        names = os.listdir(store)
        sources = list(sources) if names else []
        above = {InstalledPath(path.rpartition("/")[0]) for path in sources}
        places = {place_of(path) for path in (*sources, *map(cache_directory_of, above))}
        _remove(store, [name for name in names if name.rpartition("-")[2] in places])
    except (Refused, OSError):  # there is none: what is left costs room only
        return
    drop_leftovers(tree, now)


def drop_leftovers(tree: Tree, now: float) -> None:
    """Remove what the store has for more than a day, unless the administrator gives it a size.

    A few entries, other ones each time, show whether that is so: in the middle of a large upgrade there are many.
    """
    try:
        store = open_store(tree)
        names = os.listdir(store)
        first = int.from_bytes(os.urandom(4), "little") % max(len(names), 1)
        some = [*names[first:], *names[:first]][:_SAMPLE]
        if not any(_is_old(os.stat(name, dir_fd=store, follow_symlinks=False), now) for name in some):
            return
    except (Refused, OSError):  # as above
        return
    from pkgtools.runtime.policy.admin import read_admin_policy  # noqa: PLC0415 - seldom needed

    if not read_admin_policy(tree).store_size:
        for store, found in _entries(tree):
            _remove(store, [name for name, state in found if _is_old(state, now)])


def _is_old(state: os.stat_result, now: float) -> bool:
    return abs(now - state.st_ctime) > _DAY


def _entries(tree: Tree) -> Iterator[tuple[int, list[tuple[str, os.stat_result]]]]:
    """Yield the store, open, with what is in it, but for files of dead runs; nothing where it is empty or missing."""
    try:
        store = open_store(tree)
        sweep(store)
        names = [name for name in os.listdir(store) if token_of(name) is None]
        found = [(name, os.stat(name, dir_fd=store, follow_symlinks=False)) for name in names]
    except (Refused, OSError):  # as above
        return
    entries = [(name, one) for name, one in found if is_stored_directory(name) or not stat.S_ISDIR(one.st_mode)]
    if entries:
        yield store, entries


def _remove(store: int, names: Iterable[str]) -> None:
    for name in names:
        try:
            (remove_stored if is_stored_directory(name) else remove_file)(store, name)
        except OSError:  # a directory in one of ours, or a read-only store: as above
            continue


def _oldest(found: list[tuple[str, os.stat_result]], size: int) -> Iterable[str]:
    """Return the names of the oldest files that have to go, so that the others have at most `size` bytes."""
    room = size
    for name, state in sorted(found, key=lambda one: one[1].st_ctime_ns, reverse=True):
        room -= state.st_size
        if room < 0:
            yield name
