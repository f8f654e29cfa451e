# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The second job: from sources, or directories with orphans, to a report of what was taken away."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused, UnknownOwner
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.lean import NamedTuple, partial
from pkgtools.runtime.policy.layout import cache_directory_of
from pkgtools.runtime.policy.sources import SUFFIX, problem, walk
from pkgtools.runtime.policy.version_range import ANY_VERSION
from pkgtools.runtime.pythons import PYTHON2
from pkgtools.runtime.system.packages import owned_paths

from .observe import CleanPlace, names_in, observe_places
from .perform import foretell_clean, perform_clean
from .plan import Above, of_departed, of_sources, orphans, plan_clean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pkgtools.runtime.policy.sources import Directory
    from pkgtools.runtime.policy.version_range import VersionRange
    from pkgtools.runtime.report import Report
    from pkgtools.runtime.system.trust import Tree

    from .plan import Choose


class CleanRun(NamedTuple):
    """How caches are to be taken away."""

    versions: VersionRange = ANY_VERSION
    """The Python versions whose caches go where sources are named; orphans go for all versions."""
    cache_prefix: InstalledPath | None = None
    """The directory of a central cache; None: caches lie in `__pycache__`."""
    dry_run: bool = False
    """Report what would be removed and change nothing."""
    as_owner: bool = False
    """Work in directories of other users as those users, instead of refusing them."""
    keep: bool = False
    """It may be for an upgrade: what we compiled is moved to the store."""


def clean_sources(
    tree: Tree, directories: Iterable[Directory], run: CleanRun, report: Report, going: Iterable[InstalledPath] = ()
) -> None:
    """Remove the caches of sources. `going` are all files that go, other files among them."""
    others: dict[str, set[str]] = {}
    for path in going:
        if path.endswith(SUFFIX):
            continue
        directory, _, name = path.rpartition("/")
        if "." in name:
            others.setdefault(directory, set()).add(name)
    with_legacy = (PYTHON2.major, PYTHON2.newest) in run.versions
    places = [_place(d)._replace(going=frozenset(others.get(d.path, ())), with_legacy=with_legacy) for d in directories]
    clean_places(tree, places, CleanChoice(of_sources(run.versions)), run, report)


def clean_departed(
    tree: Tree, directories: Iterable[Directory], run: CleanRun, report: Report, floor: InstalledPath | None = None
) -> None:
    """Remove the caches of recorded sources whose packages are gone, and below `floor` directories left empty.

    A source that is there is another package's, and keeps its caches.
    """
    clean_places(tree, [_place(d) for d in directories], CleanChoice(of_departed, floor=floor), run, report)


def _place(directory: Directory) -> CleanPlace:
    stems = frozenset(name[: -len(SUFFIX)] for name in directory.sources)
    return CleanPlace(directory.base, directory.path, stems)


def clean_orphans(tree: Tree, directories: Iterable[InstalledPath], run: CleanRun, report: Report) -> None:
    """Remove the caches below directories whose sources are gone, and the directories that held nothing else.

    A directory that isn't there, in the central cache neither, is an error.
    """
    for directory in directories:
        central = None if run.cache_prefix is None else cache_directory_of(directory, run.cache_prefix)
        if not (tree.exists(directory) or (central is not None and tree.exists(central))):
            report.add(Outcome(Status.ERROR, Reason.NO_SOURCE, directory, detail="no such file or directory"))
            continue
        if run.cache_prefix is None:
            found = walk(tree.trusting_owner_of(directory) if run.as_owner else tree, [directory])
            report.add_all(found.problems)
            places = [CleanPlace(d.base, d.path) for d in found.directories if d.has_cache]
        else:
            places = [CleanPlace(directory, d) for d in central_directories(tree, run.cache_prefix, directory)]
        clean_places(tree, places, CleanChoice(orphans, floor=directory), run, report)


def central_directories(tree: Tree, prefix: InstalledPath, below: InstalledPath) -> list[InstalledPath]:
    """Return the source directories at or below one that have a place in the central cache."""
    found: list[InstalledPath] = []
    todo = [below]
    while todo:
        path = todo.pop()
        try:
            directory = tree.open(prefix, cache_directory_of(path, prefix))
        except FileNotFoundError:
            continue
        found.append(path)
        with os.scandir(directory) as entries:
            todo.extend(InstalledPath(f"{path}/{e.name}") for e in entries if e.is_dir(follow_symlinks=False))
    return found


class CleanChoice(NamedTuple):
    """What to remove in the places of a cleaning."""

    choose: Choose
    """Returns, place by place, why a name in a cache directory is to go."""
    recorded: bool = False
    """The chooser wants to know which pycs are ours."""
    floor: InstalledPath | None = None
    """Below it, directories that held nothing else go too."""


def clean_places(tree: Tree, places: list[CleanPlace], choice: CleanChoice, run: CleanRun, report: Report) -> None:
    """Remove what a chooser chooses in some places."""
    if run.as_owner:
        from pkgtools.runtime.as_owner import as_owner, split_by_owner  # noqa: PLC0415 - seldom needed

        places, strangers = split_by_owner(tree, places, lambda one: one.directory)
        for owner, theirs in strangers.items():
            report.add_all(as_owner(tree, owner, theirs[0].directory, partial(_clean, theirs, choice, run))[1])
    _clean(places, choice, run, tree, report.add)


def _clean(
    places: list[CleanPlace],
    choice: CleanChoice,
    run: CleanRun,
    tree: Tree,
    report: Callable[[Outcome], None],
    *_: object,
) -> None:
    observed, problems = observe_places(tree, places, run.cache_prefix, recorded=choice.recorded)
    for outcome in problems:
        report(outcome)
    floor = choice.floor if run.cache_prefix is None else run.cache_prefix
    above = None if floor is None else Above(floor, partial(names_in, tree))
    try:
        plan = plan_clean(observed, choice.choose, partial(owned_paths, tree), above)
    except UnknownOwner as error:  # nothing goes here; elsewhere the run goes on
        report(Outcome(Status.ERROR, Reason.UNKNOWN_OWNER, error.path, detail=error.detail))
        return
    if run.dry_run:
        for outcome in foretell_clean(plan):
            report(outcome)
    else:
        perform_clean(tree, plan, report, keep=run.keep)
    if run.cache_prefix is not None:
        _clean_central(tree, run, run.cache_prefix, {one.directory for one in plan.directories}, report)


def _clean_central(
    tree: Tree, run: CleanRun, prefix: InstalledPath, gone: set[InstalledPath], report: Callable[[Outcome], None]
) -> None:
    """Remove a central cache that compiling made and in which nothing is left."""
    from pkgtools.runtime.system import central  # noqa: PLC0415 - few runs are about one

    try:
        removed = central.is_left_empty(tree, prefix, gone) if run.dry_run else central.remove_empty(tree, prefix)
    except (Refused, OSError) as error:
        report(problem(prefix, error))
        return
    if removed:
        report(Outcome(Status.REMOVED, Reason.EMPTY_DIRECTORY, prefix))
