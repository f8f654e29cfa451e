# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# ruff: noqa: PLC0415
"""The batch serves packages: what they brought is compiled, what they no longer have is cleaned.

What cleans is imported where something has to be cleaned.
"""

from __future__ import annotations

import os

from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.configuration import is_drop_in
from pkgtools.runtime.policy.layout import cache_directory_of
from pkgtools.runtime.policy.selection import select_listed
from pkgtools.runtime.policy.sources import SUFFIX, is_source
from pkgtools.runtime.system.dpkg_lists import read_list

from .everything import floor_of
from .parts import Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from pkgtools.runtime.system.dpkg_records import Diverted
    from pkgtools.runtime.system.trust import Tree

    from .everything import World
    from .known_packages import KnownPackages
    from .scope import BatchScope


class Served(NamedTuple):
    """The packages of a scope, and what they bring and leave."""

    parts: dict[str, Part]
    """What each package has now; empty for one that went."""
    before: dict[str, Part]
    """What the last batch recorded of it."""
    brought: tuple[InstalledPath, ...]
    """Their sources, and those in `left` that still stand with a pyc: another package may have replaced them."""
    left: tuple[InstalledPath, ...]
    """Sources that packages had at the last batch, and no longer have."""


def find_served(
    tree: Tree, scope: BatchScope, known: KnownPackages, diverted: Diverted, packages: Container[str]
) -> Served:
    """Read the lists of packages that changed, and what the last batch recorded of them and of those that went.

    `packages` are all that dpkg knows: what a diversion moved is recorded under its other name, too.

    Raises UnreadableParts, Refused, OSError.
    """
    if not scope.is_empty():
        known.check(everything=scope.is_whole or bool(scope.given_up or scope.diverted))
    parts = {name: part_of(tree, name, diverted) for name in scope.changed}
    parts.update((name, Part()) for name in scope.gone)
    of_changed = tuple(parts.values())
    if scope.diverted:
        moved = _with_one_of(scope.diverted, known, diverted)
        parts.update((name, part_of(tree, name, diverted)) for name in moved if name in packages and name not in parts)
    brought = [path for part in of_changed for path in part.sources]
    brought += [path for path in scope.diverted if tree.exists(path)]
    before = {name: known.part(name) for name in parts}
    left = [p for name, part in before.items() for p in set(part.sources).difference(parts[name].sources)]
    brought += [path for path in set(left).difference(brought) if _has_pyc(tree, path) and tree.exists(path)]
    return Served(parts, before, tuple(brought), (*left, *scope.diverted))


def _with_one_of(paths: Iterable[InstalledPath], known: KnownPackages, diverted: Diverted) -> list[str]:
    """Return the packages that the last batch recorded with one of some sources. Raises UnreadableParts."""
    wanted = {name for path in paths for name in diverted.names(path)}
    return [name for name, part in known.parts().items() if not wanted.isdisjoint(part.sources)]


def _has_pyc(tree: Tree, path: InstalledPath) -> bool:
    """Whether anything in the cache directory begins with the name of a source. Raises Refused, OSError."""
    directory, _, name = path.rpartition("/")
    try:
        cache = tree.look(cache_directory_of(InstalledPath(directory)))
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return any(entry.startswith(name[: -len(SUFFIX)] + ".") for entry in os.listdir(cache))
    finally:
        os.close(cache)


def part_of(tree: Tree, name: str, diverted: Diverted) -> Part:
    """Read what a package brings. Raises Refused, OSError."""
    sources: list[InstalledPath] = []
    drop_ins: list[InstalledPath] = []
    for path in read_list(tree, name):
        if is_source(path):
            sources.append(diverted.place_of(path, name))
        elif is_drop_in(path):
            drop_ins.append(path)
    return Part(tuple(sources), tuple(drop_ins))


def clean_left(world: World, left: Iterable[InstalledPath]) -> None:
    """Remove the caches of sources that packages no longer have, where these are gone."""
    from pkgtools.runtime.clean.job import clean_departed

    for one in select_listed(left, world.drop_ins):
        clean_departed(world.tree, [one], world.clean_run(), world.report, floor=floor_of(one.base))
