# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Cache directories in the store, moved there as a whole by a clean before an upgrade.

To rename a directory leaves the inodes of its files as they are, times included. So where the record has the inode of
each pyc, it proves their contents, and none has to be read. In the store such a directory is for root alone, and its
name has a digest of its path.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import parse_pyc_name
from pkgtools.runtime.policy.sources import SUFFIX
from pkgtools.runtime.record import Record
from pkgtools.runtime.system.safefs import open_directory, remove_file
from pkgtools.runtime.system.trust import distrust

from .reuse import is_ours, may_enter, open_store, place_of, stored_pyc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pkgtools.runtime.facts import CacheDirectory, Removal
    from pkgtools.runtime.record import RecordEntry
    from pkgtools.runtime.system.trust import Tree

    from .reuse import Keeper

_PREFIX = "directory-"


def stored_name(cache: InstalledPath) -> str:
    """Return the name that a cache directory has in the store."""
    return _PREFIX + place_of(cache)


def stored_directories(store: int) -> list[str]:
    """Return the names of the directories in the open store. Raises OSError."""
    return list(filter(is_stored_directory, os.listdir(store)))


def is_stored_directory(name: str) -> bool:
    """Whether something in the store has the name of a directory there."""
    return name.startswith(_PREFIX)


def keep_directory(
    tree: Tree, keeper: Keeper, cache: CacheDirectory, removals: list[Removal], known: dict[str, RecordEntry]
) -> bool:
    """Move a cache directory into the store; False if a file in it isn't to be kept, or it can't be moved.

    `removals` are all that is to go from it, `known` is what the record has of it.
    """
    parent_path, _, name = cache.directory.rpartition("/")
    above = InstalledPath(parent_path or "/")
    try:
        parent = tree.open(min(cache.base, above, key=len), above)
        directory = open_directory(parent, name)
        try:
            if distrust(os.fstat(directory), tree.trusted) is not None or not _is_known(directory, removals, known):
                return False
            store, kept = keeper.store(), stored_name(cache.directory)
            _move(parent, name, store, kept)
            if len(os.listdir(directory)) != len(removals):  # a compiler has just begun to write there
                os.rename(kept, name, src_dir_fd=store, dst_dir_fd=parent)
                return False
        finally:
            os.close(directory)
    except (Refused, OSError):  # another file system, a full disk, or it is gone: file by file
        return False
    tree.forget(cache.base, cache.directory)
    return True


def _is_known(directory: int, removals: list[Removal], known: dict[str, RecordEntry]) -> bool:
    """Whether all that an open directory holds may enter the store, and is what the record knows, by its inode."""
    if {removal.name for removal in removals} != set(os.listdir(directory)):
        return False
    for removal in removals:
        entry, source = known.get(removal.name), removal.source
        if entry is None or source is None or not may_enter(removal, source, entry):
            return False
        if not has_recorded_inode(directory, removal.name, entry):
            return False
    return True


def has_recorded_inode(directory: int, name: str, entry: RecordEntry) -> bool:
    """Whether a file in an open directory is unchanged since it was recorded. Raises OSError."""
    return is_recorded(os.stat(name, dir_fd=directory, follow_symlinks=False), entry)


def is_recorded(found: os.stat_result, entry: RecordEntry) -> bool:
    """Whether a file's status is that of the inode in the record."""
    return entry.pyc == (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _move(parent: int, name: str, store: int, kept: str) -> None:
    """Rename a directory into the store; what an earlier clean has left there of the same name goes."""
    try:
        os.rename(name, kept, src_dir_fd=parent, dst_dir_fd=store)
    except OSError:
        if kept not in os.listdir(store):
            raise
        remove_stored(store, kept)
        os.rename(name, kept, src_dir_fd=parent, dst_dir_fd=store)


def set_aside(
    store: int, directory: int, cache: InstalledPath, entries: dict[str, RecordEntry], kept: frozenset[str]
) -> None:
    """Make of each file in an open directory of the store, but those of the names `kept`, an entry of its own.

    What the record does not know is removed. Raises OSError.
    """
    above = cache.rpartition("/")[0]
    going = [name for name in os.listdir(directory) if name not in kept]
    # before anything is renamed, for levels of one content are one inode, whose change time that renews
    known = [name for name in going if may_stand_alone(directory, name, entries)]
    for name in going:
        parsed = parse_pyc_name(name)
        if parsed is None or name not in known:
            remove_file(directory, name)
            continue
        alone = stored_pyc(entries[name], InstalledPath(f"{above}/{parsed.stem}{SUFFIX}"), name)
        os.rename(name, alone.name, src_dir_fd=directory, dst_dir_fd=store)


def may_stand_alone(directory: int, name: str, entries: dict[str, RecordEntry]) -> bool:
    """Whether a file in an open directory of the store may become an entry of its own. Raises OSError."""
    return name in entries and is_ours(entries[name]) and has_recorded_inode(directory, name, entries[name])


def set_all_aside(tree: Tree) -> None:
    """Make of all files in directories of the store entries of their own, as far as can be."""
    try:
        names = frozenset(stored_directories(open_store(tree)))
        record = Record(tree)
        for cache in record.caches() if names else ():
            name = stored_name(cache)
            if name in names:
                store = open_store(tree)  # it may have been closed meanwhile, see Tree
                directory = open_directory(store, name)
                try:
                    set_aside(store, directory, cache, record.of(cache), frozenset())
                finally:
                    os.close(directory)
    except (Refused, OSError):  # there is no store, or it can't be written: they go
        return


def remove_stored(store: int, name: str) -> None:
    """Remove a directory from the store, with the files in it. Raises OSError."""
    directory = open_directory(store, name)
    try:
        for file in os.listdir(directory):
            remove_file(directory, file)
    finally:
        os.close(directory)
    os.rmdir(name, dir_fd=store)
