# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# ruff: noqa: PLC0415
"""Directories that no package registers any more: what was made for them goes.

What cleans is imported where there is such a directory.
"""

from __future__ import annotations

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.policy.layout import cache_directory_of, parse_pyc_name
from pkgtools.runtime.policy.selection import select_listed
from pkgtools.runtime.policy.sources import SUFFIX, is_below
from pkgtools.runtime.record import Proof, Record, digest
from pkgtools.runtime.system.dpkg_lists import read_prerm
from pkgtools.runtime.system.dpkg_records import read_in

from .everything import floor_of
from .prerms import WITH_US, WITHOUT_US, cleaned_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.runtime.clean.observe import CleanPlace
    from pkgtools.runtime.system.trust import Tree

    from .everything import World
    from .known_packages import KnownPackages


def clean_given_up(world: World, given_up: Iterable[tuple[InstalledPath, str]], known: KnownPackages) -> None:
    """Remove what we made for directories that are no longer registered: no batch would renew it.

    A package that cleans its own bytecode keeps what fits its sources: a plugin had registered its directory, too.
    Raises UnreadableParts.
    """
    from pkgtools.runtime.clean.job import CleanChoice, clean_places
    from pkgtools.runtime.clean.observe import CleanPlace
    from pkgtools.runtime.system.packages import owned

    from .choices import made_of_stems

    parts = known.parts()
    for directory, drop_in in given_up:
        below = {path for part in parts.values() for path in part.sources if is_below(path, directory)}
        registered = {name for name, part in parts.items() if drop_in in part.drop_ins}
        try:
            still = owned(world.tree, {*below, InstalledPath(drop_in)})
            owners = {**still.dpkg, **still.rpm}
            registered.update(package for path, package in owners.items() if path == drop_in)  # it may only say less
            theirs = {path: package for path, package in owners.items() if package not in registered}
            cleaned = _cleaned_by_their_packages(world.tree, {p: theirs[p] for p in theirs if p in still.dpkg}, WITH_US)
            # it may have given the directory up to compile for itself, and what that made can be the same bytes
            own = {path: package for path, package in still.dpkg.items() if path in below and package in registered}
            cleaned |= _cleaned_by_their_packages(world.tree, own, WITHOUT_US)
        except UnknownOwner as error:  # nothing goes here
            world.report.add_new(Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail))
            return
        kept = {path for path in cleaned.union(still.rpm.keys() & theirs) if not _is_outdated(world.tree, path)}
        served = {path for one in select_listed(below, world.drop_ins) for path in one.paths()}
        places = [CleanPlace(directory, place.directory, place.stems) for place in _places((below - kept) - served)]
        choice = CleanChoice(made_of_stems, recorded=True, floor=floor_of(directory))
        clean_places(world.tree, places, choice, world.clean_run(), world.report)


def _cleaned_by_their_packages(
    tree: Tree, owners: Mapping[InstalledPath, str], programs: frozenset[str]
) -> set[InstalledPath]:
    """Return the sources that the packages that own them clean by these programs. Raises UnknownOwner."""
    cleaned: set[InstalledPath] = set()
    for package in sorted(set(owners.values())):
        sources = [path for path, owner in owners.items() if owner == package]
        try:
            cleaned.update(cleaned_by(package, read_prerm(tree, package), sources, programs))
        except (OSError, Refused) as error:
            detail = f"the prerm of {package} can't be read ({error})"
            raise UnknownOwner(sources[0], detail) from error
    return cleaned


def _is_outdated(tree: Tree, path: InstalledPath) -> bool:
    """Whether a pyc was made here of another text than its source has now."""
    directory, _, name = path.rpartition("/")
    stem = name[: -len(SUFFIX)]
    entries = Record(tree).of(cache_directory_of(InstalledPath(directory))).items()
    parsed = [(parse_pyc_name(pyc), entry) for pyc, entry in entries if entry.proof is Proof.MADE]
    made = [entry.source_digest for pyc, entry in parsed if pyc is not None and pyc.stem == stem]
    if not made:
        return False
    try:
        now = digest(read_in(tree.open(InstalledPath(directory), InstalledPath(directory)), name))
    except (OSError, Refused):  # gone or unreadable: nothing fits it
        return True
    return any(one != now for one in made)


def _places(paths: Iterable[InstalledPath]) -> list[CleanPlace]:
    from pkgtools.runtime.clean.observe import CleanPlace

    stems: dict[InstalledPath, set[str]] = {}
    for path in paths:
        directory, _, name = path.rpartition("/")
        stems.setdefault(InstalledPath(directory), set()).add(name[: -len(SUFFIX)])
    return [CleanPlace(directory, directory, frozenset(stems[directory])) for directory in sorted(stems)]
