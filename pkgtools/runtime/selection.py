# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which pycs are wanted: sources from wherever the caller named them, the interpreters they serve, minus exclusions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .dropins import DropIns, Exclusion
from .facts import InstalledPath, Interpreter, Outcome, Reason, Status
from .filelist import SUFFIX, Directory, directories_in_list, is_below, merge, walk
from .layout import ANY_VERSION, VersionRange, is_public, public_servers
from .observe import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .interpreters import Installed
    from .trust import Tree


class Selection(NamedTuple):
    """Sources that were named, each once, and what is wrong with the naming."""

    directories: tuple[Directory, ...]
    problems: tuple[Outcome, ...]


class Wish(NamedTuple):
    """Which pycs the caller wants for the sources."""

    versions: VersionRange | None = None
    """As given by -V; None if it wasn't."""
    every_version: bool = False
    """A private source is compiled for all versions in the range, not only for the one that will run it."""
    levels: tuple[int, ...] = (0,)
    exclusions: tuple[Exclusion, ...] = ()


def select_paths(tree: Tree, paths: Iterable[InstalledPath], *, as_owner: bool = False) -> Selection:
    """Select the files and, all the way down, the directories that were named. A path that isn't there is an error.

    `as_owner`: directories of whoever owns the named one are walked, too.
    """
    directories: list[Directory] = []
    problems: list[Outcome] = []
    for path in paths:
        if not tree.exists(path):
            detail = "no such file or directory: look at its spelling"
            problems.append(Outcome(Status.ERROR, Reason.NO_SOURCE, path, detail=detail))
            continue
        found = walk(tree.trusting_owner_of(path) if as_owner else tree, [path])
        if path.endswith(SUFFIX) and not found.directories:
            directories.extend(directories_in_list([path]))
        else:
            directories.extend(found.directories)
            problems.extend(found.problems)
    return Selection(merge(directories), tuple(problems))


def select_listed(
    paths: Iterable[InstalledPath], drop_ins: DropIns, below: tuple[InstalledPath, ...] = ()
) -> tuple[Directory, ...]:
    """Select from a list those that lie in public or registered directories or, if given, `below` others only.

    dpkg may list such a directory by the other name that a merged /usr gives it: the listed name is kept.
    """
    wanted = tuple(entry.directory for entry in (*drop_ins.private, *drop_ins.other_names))
    if below:
        wanted = tuple(name for directory in below for name in drop_ins.names_of(directory))
    found = directories_in_list(paths, wanted)
    return tuple(one for one in found if _lies_in(one.path, wanted) or (not below and is_public(one.path)))


def _lies_in(path: InstalledPath, directories: tuple[InstalledPath, ...]) -> bool:
    return any(path == directory or is_below(path, directory) for directory in directories)


def want(
    directories: Iterable[Directory], wish: Wish, drop_ins: DropIns, installed: Installed
) -> tuple[list[Wanted], list[Outcome]]:
    """Say which interpreters each source is for; those that are for none are skips with their reason."""
    by_option = (e._replace(place=n) for e in wish.exclusions for n in drop_ins.names_of(InstalledPath(e.place)))
    exclusions = (*drop_ins.exclusions, *by_option)
    wanted: list[Wanted] = []
    skipped: list[Outcome] = []
    for directory in directories:
        if not directory.sources:
            if directory.has_cache:  # what dead runs left there is looked for all the same
                wanted.append(Wanted(directory.base, directory.path, (), (), ()))
            continue
        serving = servers_of(directory.path, wish, drop_ins, installed)
        if not serving:
            detail = "no installed interpreter of the wanted versions imports from there"
            skipped.extend(_skips(directory, directory.sources, Reason.NOT_SERVED, detail))
            continue
        if not any(_touches(exclusion, directory.path) for exclusion in exclusions):
            wanted.append(Wanted(directory.base, directory.path, directory.sources, serving, wish.levels))
            continue
        groups: dict[tuple[Interpreter, ...], list[str]] = {}
        for name in directory.sources:
            allowed = _not_excluded(InstalledPath(f"{directory.path}/{name}"), serving, exclusions)
            groups.setdefault(allowed, []).append(name)
        skipped.extend(_skips(directory, groups.pop((), []), Reason.EXCLUDED))
        wanted.extend(Wanted(directory.base, directory.path, tuple(n), i, wish.levels) for i, n in groups.items())
    return wanted, skipped


def servers_of(
    directory: InstalledPath, wish: Wish, drop_ins: DropIns, installed: Installed
) -> tuple[Interpreter, ...]:
    """Return the interpreters that import from a directory and are wanted."""
    versions = wish.versions
    if is_public(directory):
        serving = public_servers(directory, installed.interpreters)
        return serving if versions is None else tuple(i for i in serving if i.version in versions)
    if versions is None:
        entries = (*drop_ins.private, *drop_ins.other_names)
        registered = [e.versions for e in entries if _lies_in(directory, (e.directory,))]
        return installed.one_of(registered[0] if registered else ANY_VERSION)
    return installed.all_of(versions) if wish.every_version else installed.one_of(versions)


def _touches(exclusion: Exclusion, directory: InstalledPath) -> bool:
    """Whether an exclusion can cover a source in a directory."""
    place = InstalledPath(exclusion.place)
    return directory == place or is_below(place, directory) or is_below(directory, place)


def _not_excluded(
    path: InstalledPath, serving: tuple[Interpreter, ...], exclusions: tuple[Exclusion, ...]
) -> tuple[Interpreter, ...]:
    covering = [exclusion.versions for exclusion in exclusions if exclusion.covers(path)]
    return tuple(i for i in serving if not any(i.version in versions for versions in covering))


def _skips(directory: Directory, names: Iterable[str], reason: Reason, detail: str = "") -> list[Outcome]:
    paths = [InstalledPath(f"{directory.path}/{name}") for name in names]
    return [Outcome(Status.SKIPPED, reason, path, path, detail=detail) for path in paths]
