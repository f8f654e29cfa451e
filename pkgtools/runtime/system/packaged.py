# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which bytecode and cache directories dpkg's packages own: few, and known without reading all file lists again.

A batch keeps them in /var/lib/pkgtools/packaged with the state of dpkg's directory of lists, which changes whenever
dpkg puts a list there or takes one away: it writes each under another name and renames it. Where that state is another
one, the lists that are new or other ones are read, and no others.
"""

from __future__ import annotations

import os
import time

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.record import STATE, digest, open_state

from .dpkg_records import ADMINISTRATION, LISTS, REPAIR, diversions, is_known_format, read_in
from .listed_paths import plain_lines
from .safefs import write_state
from .trust import read_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .merged_usr import Names
    from .trust import Tree

PACKAGED = "packaged"
"""In STATE: the digest of the rest, then with NULs between what dpkg's files looked like, the number of lists, name and
identity of each, and of each list with bytecode the name, the number of paths and the paths."""
_MAGIC = b"pkgtools packaged 2\n"
_SUFFIX = ".list"
_LARGEST = 8 << 20
_DIGEST = 20
_TICK_NS = 20_000_000
"""Nanoseconds in which two changes may leave one time stamp: a kernel's tick is up to 10 ms."""
_MARKS = (b"pyc", b".pyo\n")
"""Without these a list has no bytecode: __pycache__ and .pyc have the first, few others do."""


def is_bytecode(path: str) -> bool:
    """Whether a path is one that is kept here if a package owns it: a cache directory, what is in one, or a pyc."""
    return "/__pycache__" in path or path.endswith((".pyc", ".pyo"))


class _Known(NamedTuple):
    """What is known of the lists, by their names."""

    identities: dict[str, bytes]
    """What changes when dpkg replaces a list; empty if that may have happened without a trace."""
    paths: dict[str, tuple[bytes, ...]]
    """The bytecode in those that have any."""


def packaged_bytecode(tree: Tree, names: Names) -> dict[bytes, str]:
    """Return each path of bytecode that a package has, with its name: both ends of a diversion, where its origin is.

    `names` returns all names that a path has. Raises UnknownOwner if a list can't be read.
    """
    if not tree.exists(InstalledPath(f"{ADMINISTRATION}/status")):
        return {}
    try:
        directory = tree.look(LISTS)
        try:
            kept = _kept_text(tree)
            known = _parse(kept)
            if kept.partition(b"\0")[0] != state_of_lists(tree, directory):
                known = _read(directory, known, _states(directory))
        finally:
            os.close(directory)
        return _with_diversions(tree, known.paths, names)
    except (OSError, Refused) as error:
        raise UnknownOwner(LISTS, f"dpkg's file lists can't be read ({error}): {REPAIR}") from error


def remember_packaged(tree: Tree, seen: bytes, states: dict[str, os.stat_result]) -> None:
    """Keep what the lists have, for cleanings until dpkg changes something. Raises Refused, OSError.

    `seen` is what `state_of_lists` returned before the lists were looked at, `states` what they looked like, by their
    names. A state so young that a later change could leave the same is not kept.
    """
    data = _kept_text(tree)
    if data.partition(b"\0")[0] == seen:
        return
    directory = tree.look(LISTS)
    try:
        if not is_known_format(directory) or os.fstat(directory).st_ctime_ns + _TICK_NS >= time.time_ns():
            return
        known = _read(directory, _parse(data), states)
    finally:
        os.close(directory)
    texts = [seen, b"%d" % len(known.identities)]
    for name, identity in known.identities.items():
        texts += [os.fsencode(name), identity]
    for name, paths in known.paths.items():
        texts += [os.fsencode(name), b"%d" % len(paths), *paths]
    body = _MAGIC + b"\0".join(texts)
    write_state(open_state(tree, STATE), PACKAGED, digest(body) + body, STATE)


def state_of_lists(tree: Tree, lists: int) -> bytes:
    """Return what changes when dpkg changes its lists, in an open directory, or its diversions. Raises OSError."""
    above = tree.look(ADMINISTRATION)
    try:
        states = [os.fstat(lists), os.stat("diversions", dir_fd=above)]
    except FileNotFoundError:
        states = [os.fstat(lists)]
    finally:
        os.close(above)
    return b" ".join(map(_identity, states))


def _identity(found: os.stat_result) -> bytes:
    return b"%d %d %d %d %d" % (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _kept_text(tree: Tree) -> bytes:
    """Return what a batch kept, its digest checked; empty where there is nothing, or others could have written it."""
    try:
        open_state(tree, STATE)
    except (OSError, Refused):
        return b""
    data = read_trusted(tree, STATE, PACKAGED, _LARGEST)
    text = data[_DIGEST:]
    return text[len(_MAGIC) :] if text.startswith(_MAGIC) and digest(text) == data[:_DIGEST] else b""


def _parse(text: bytes) -> _Known:
    """Return what was known."""
    texts = text.split(b"\0")
    if len(texts) == 1:
        return _Known({}, {})
    at = 2 + 2 * int(texts[1])
    identities = dict(zip(map(os.fsdecode, texts[2:at:2]), texts[3:at:2]))
    paths = {}
    while at < len(texts):
        end = at + 2 + int(texts[at + 1])
        paths[os.fsdecode(texts[at])] = tuple(texts[at + 2 : end])
        at = end
    return _Known(identities, paths)


def _states(directory: int) -> dict[str, os.stat_result]:
    """Return what the lists look like."""
    names = [name for name in os.listdir(directory) if name.endswith(_SUFFIX)]
    return {name: os.stat(name, dir_fd=directory, follow_symlinks=False) for name in names}


def _read(directory: int, known: _Known, states: dict[str, os.stat_result]) -> _Known:
    """Read the lists that are other ones than those known."""
    if not is_known_format(directory):
        raise UnknownOwner(LISTS, "it has a format that is unknown here: update pkgtools")
    settled = time.time_ns() - _TICK_NS
    found = _Known({}, {})
    for name, state in states.items():
        identity = _identity(state)
        paths: tuple[bytes, ...] = known.paths.get(name, ())
        if known.identities.get(name) != identity:
            data = read_in(directory, name)
            lines = plain_lines(data) if _MARKS[0] in data or _MARKS[1] in data else []
            paths = tuple(line for line in lines if is_bytecode(os.fsdecode(line)))
        found.identities[name] = identity if state.st_ctime_ns < settled else b""
        if paths:
            found.paths[name] = paths
    return found


def _with_diversions(tree: Tree, lists: dict[str, tuple[bytes, ...]], names: Names) -> dict[bytes, str]:
    found = {path: name.removesuffix(_SUFFIX) for name, paths in lists.items() for path in paths}
    for one in diversions(tree) if found else ():
        if not is_bytecode(one.origin):
            continue
        here = [os.fsencode(name) for name in names(one.origin)]
        listed = next((found[name] for name in here if name in found), None)
        if listed is not None:
            found.setdefault(os.fsencode(one.target), listed)
            found.update(dict.fromkeys(here, listed))
    return found
