# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which bytecode and cache directories rpm's packages own, known without asking for the files of all packages again.

A batch keeps them in /var/lib/pkgtools/rpm-packaged, by the packages' numbers, with the highest number that there was.
Packages that came later have higher ones, and are asked for; whether one that is known is still there is asked where
it matters. An erasure of many packages asks once for each: all files of a system take a second.
"""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.record import STATE, digest, open_state

from .packaged import is_bytecode
from .rpm_records import RpmPackage, all_packages, database_of, listed_by_rpm, packages_by_number, packages_of
from .safefs import write_state
from .trust import read_trusted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trust import Tree

_NAME = "rpm-packaged"
"""In STATE: the digest of the rest, the name of the format, the highest number, then number, name, count and paths of
each package, with NULs between."""
_MAGIC = b"pkgtools rpm-packaged 1\n"
_LARGEST = 64 << 20
_DIGEST = 20


class _Known(NamedTuple):
    """What was known when a batch ended."""

    highest: int
    packages: dict[int, RpmPackage]


def bytecode_listed_by_rpm(tree: Tree, paths: frozenset[bytes]) -> dict[bytes, str]:
    """Return those of some paths of bytecode that an installed package has, with its name.

    Raises UnknownOwner if rpm can't read its database.
    """
    database = database_of(tree)
    known = _kept(tree)
    if database is None or known is None or any(b"\n" in path for path in paths):
        return listed_by_rpm(tree, paths)
    packages = {**known.packages, **(packages_by_number(tree, known.highest, each=False) or {})}
    owners = {number for number, one in packages.items() if not paths.isdisjoint(one.paths)}
    there = packages_of(tree, database, sorted(owners)) if owners else {}
    return {path: one.name for one in there.values() for path in paths.intersection(one.paths)}


def remember_bytecode_of_rpm(tree: Tree, *, everything: bool) -> None:
    """Keep what a cleaning will ask; `everything`: forget packages that are gone. Raises Refused, OSError."""
    database = database_of(tree)
    if database is None:
        return
    directory = open_state(tree, STATE)
    known = None if everything else _kept(tree)
    try:
        if known is None:
            packages = all_packages(tree, database)
            now = _Known(max(packages, default=0), _with_bytecode(packages))
        else:
            came = packages_by_number(tree, known.highest) or {}
            now = _Known(max((known.highest, *came)), {**known.packages, **_with_bytecode(came)})
    except UnknownOwner:  # each cleaning asks then, and says what is wrong
        return
    if now != known:
        body = _MAGIC + _encode(now)
        write_state(directory, _NAME, digest(body) + body, STATE)


def _with_bytecode(packages: dict[int, RpmPackage]) -> dict[int, RpmPackage]:
    found = {}
    for number, one in packages.items():
        paths = tuple(path for path in one.paths if is_bytecode(os.fsdecode(path)))
        if paths:
            found[number] = RpmPackage(one.name, paths)
    return found


def _kept(tree: Tree) -> _Known | None:
    try:
        open_state(tree, STATE)
    except (OSError, Refused):
        return None
    data = read_trusted(tree, STATE, _NAME, _LARGEST)
    text = data[_DIGEST:]
    if not text.startswith(_MAGIC) or digest(text) != data[:_DIGEST]:
        return None
    highest, *texts = text[len(_MAGIC) :].split(b"\0")
    packages = {}
    at = 0
    while at < len(texts):
        end = at + 3 + int(texts[at + 2])
        packages[int(texts[at])] = RpmPackage(os.fsdecode(texts[at + 1]), tuple(texts[at + 3 : end]))
        at = end
    return _Known(int(highest), packages)


def _encode(known: _Known) -> bytes:
    texts = [b"%d" % known.highest]
    for number, one in known.packages.items():
        texts += [b"%d" % number, os.fsencode(one.name), b"%d" % len(one.paths), *one.paths]
    return b"\0".join(texts)
