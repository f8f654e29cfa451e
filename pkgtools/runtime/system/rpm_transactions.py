# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Transactions of rpm that our triggers saw nothing of, or not the end: what those brought the next run looks at.

A transaction that upgrades modules writes down the old ones' paths when it begins (rpm/pkgtools.spec). If it dies, the
list is still there. One without triggers (`--notriggers`, `--noscripts`) leaves packages in the database whose numbers
are above the last that was seen; rpm never gives a number twice.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.record import STATE

from .rpm_records import highest_number, packages_by_number
from .safefs import remove_file, write_state
from .trust import read_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .trust import Tree

OPEN = "open-transaction"
"""In STATE: what the modules of upgraded packages were called, a path a line, while a transaction is on its way."""
SEEN = "rpm-packages-seen"
"""In STATE: the highest number of a package when the last transaction ended."""
_LARGEST = 64 << 20


class Unfinished(NamedTuple):
    """What earlier transactions left to do."""

    paths: tuple[InstalledPath, ...]
    """Files of packages that they brought, or upgraded."""
    seen: int | None
    """The highest number of a package now; None if rpm's database can't be read."""


def unfinished(tree: Tree) -> Unfinished:
    """Find what earlier transactions brought that no trigger was run for, with what this one brought."""
    left_open = read_trusted(tree, STATE, OPEN, _LARGEST).split(b"\n")
    paths = [InstalledPath(os.fsdecode(line)) for line in left_open if line.startswith(b"/")]
    text = read_trusted(tree, STATE, SEEN).strip()
    if not text.isdigit():
        return Unfinished(tuple(paths), highest_number(tree))
    try:
        found = packages_by_number(tree, int(text))
    except UnknownOwner:
        found = None
    if found is None:
        return Unfinished(tuple(paths), None)
    paths += [InstalledPath(os.fsdecode(path)) for one in found.values() for path in one.paths]
    return Unfinished(tuple(paths), max((int(text), *found)))


def begin(tree: Tree) -> None:
    """Note, where that isn't known yet, which packages there are: later ones were installed after ours."""
    if not read_trusted(tree, STATE, SEEN).strip().isdigit():
        highest = highest_number(tree)
        if highest is not None:
            _note(tree, highest)


def strike(tree: Tree, gone: Iterable[InstalledPath]) -> None:
    """Take files that go with their packages off the list of the transaction that is on its way."""
    lines = read_trusted(tree, STATE, OPEN, _LARGEST).split(b"\n")
    if len(lines) < 2:
        return
    left = set(lines).difference(map(os.fsencode, gone), {b""})
    try:
        directory = tree.open_settings(STATE)
        if left:
            write_state(directory, OPEN, b"".join(b"%s\n" % line for line in sorted(left)), STATE)
        else:
            remove_file(directory, OPEN)
    except (Refused, OSError):  # as below
        return


def finish(tree: Tree, done: Unfinished) -> None:
    """Note that all of that is done."""
    if done.seen is not None:
        _note(tree, done.seen)
    try:
        remove_file(tree.open_settings(STATE), OPEN)
    except (Refused, OSError):  # not root, or a full or read-only /var: the next run looks at it again
        return


def _note(tree: Tree, number: int) -> None:
    try:
        write_state(tree.open_settings(STATE), SEEN, b"%d\n" % number, STATE)
    except (Refused, OSError):  # as above
        return
