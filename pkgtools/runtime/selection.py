# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which pycs are wanted: sources from wherever the caller named them, the interpreters they serve, minus exclusions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from .dropins import DropIns, Exclusion
from .facts import InstalledPath, Interpreter, Outcome, Reason, SourceFile, Status
from .filelist import SUFFIX, is_below, sources_in_list, walk
from .layout import ANY_VERSION, VersionRange, is_public, public_servers, targets_of
from .observe import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .interpreters import Installed
    from .trust import Tree


class Selection(NamedTuple):
    """Sources that were named, each once, and what is wrong with the naming."""

    sources: tuple[SourceFile, ...]
    problems: tuple[Outcome, ...]


class Wish(NamedTuple):
    """Which pycs the caller wants for the sources."""

    versions: VersionRange | None
    """As given by -V; None if it wasn't."""
    every_version: bool
    """A private source is compiled for all versions in the range, not only for the one that will run it."""
    levels: tuple[int, ...]
    cache_prefix: InstalledPath | None
    exclusions: tuple[Exclusion, ...]


def select_paths(tree: Tree, paths: Iterable[InstalledPath]) -> Selection:
    """Select the files and, all the way down, the directories that were named. A path that isn't there is an error."""
    sources: list[SourceFile] = []
    problems: list[Outcome] = []
    for path in paths:
        found = walk(tree, [path])
        if found.directories or not path.endswith(SUFFIX):
            if not found.directories and not _exists(tree, path):
                problems.append(_missing(path))
            sources.extend(found.sources())
            problems.extend(found.problems)
        elif _exists(tree, path):
            sources.extend(sources_in_list([path]))
        else:
            problems.append(_missing(path))
    return Selection(tuple(dict.fromkeys(sources)), tuple(problems))


def _missing(path: InstalledPath) -> Outcome:
    return Outcome(Status.ERROR, Reason.NO_SOURCE, path, detail="no such file or directory: look at its spelling")


def _exists(tree: Tree, path: InstalledPath) -> bool:
    return os.path.lexists(os.path.join(tree.root, path.lstrip("/")))


def select_listed(
    paths: Iterable[InstalledPath], drop_ins: DropIns, below: tuple[InstalledPath, ...] = ()
) -> tuple[SourceFile, ...]:
    """Select from a list those that lie in public or registered directories or, if given, `below` others only."""
    private = tuple(entry.directory for entry in drop_ins.private)
    found = sources_in_list(paths, below or private)
    if below:
        chosen = [source for source in found if any(is_below(source.path, directory) for directory in below)]
    else:
        chosen = [
            source
            for source in found
            if is_public(source.directory) or any(is_below(source.path, directory) for directory in private)
        ]
    return tuple(dict.fromkeys(chosen))


def want(
    sources: Iterable[SourceFile], wish: Wish, drop_ins: DropIns, installed: Installed
) -> tuple[list[Wanted], list[Outcome]]:
    """Give each source its targets; those that get none are skips with their reason."""
    exclusions = drop_ins.exclusions + wish.exclusions
    wanted: list[Wanted] = []
    skipped: list[Outcome] = []
    servers: dict[InstalledPath, tuple[Interpreter, ...]] = {}
    for source in sources:
        serving = servers.get(source.directory)
        if serving is None:
            serving = servers[source.directory] = _servers(source, wish, drop_ins, installed)
        if not serving:
            detail = "no installed interpreter of the wanted versions imports from there"
            skipped.append(Outcome(Status.SKIPPED, Reason.NOT_SERVED, source.path, source.path, detail=detail))
            continue
        allowed = _not_excluded(source.path, serving, exclusions) if exclusions else serving
        if not allowed:
            skipped.append(Outcome(Status.SKIPPED, Reason.EXCLUDED, source.path, source.path))
            continue
        wanted.append(Wanted(source, targets_of(source, allowed, wish.levels, wish.cache_prefix)))
    return wanted, skipped


def _servers(source: SourceFile, wish: Wish, drop_ins: DropIns, installed: Installed) -> tuple[Interpreter, ...]:
    versions = wish.versions
    if is_public(source.directory):
        serving = public_servers(source.directory, installed.interpreters)
        return serving if versions is None else tuple(i for i in serving if i.version in versions)
    if versions is None:
        registered = [e.versions for e in drop_ins.private if is_below(source.path, e.directory)]
        return installed.one_of(registered[0] if registered else ANY_VERSION)
    return installed.all_of(versions) if wish.every_version else installed.one_of(versions)


def _not_excluded(
    path: InstalledPath, serving: tuple[Interpreter, ...], exclusions: tuple[Exclusion, ...]
) -> tuple[Interpreter, ...]:
    covering = [exclusion.versions for exclusion in exclusions if exclusion.covers(path)]
    return tuple(i for i in serving if not any(i.version in versions for versions in covering))
