# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
# ruff: noqa: PLC0415
"""The directories of a batch that looks at everything: public and registered ones, put in order as a whole.

What cleans is imported where something may have to be cleaned: most batches find nothing.
"""

from __future__ import annotations

import os

from pkgtools.runtime.compile.job import compile_wanted
from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import is_public, library_served, third_party_base
from pkgtools.runtime.policy.selection import (
    Wish,
    divide,
    not_compiled,
    registered_python,
    select_listed,
    servers_of,
    want,
)
from pkgtools.runtime.policy.sources import SUFFIX, Directory, is_below, is_source, problem, walk
from pkgtools.runtime.pythons import PACKAGES, is_library_name, may_search, parse_python_name
from pkgtools.runtime.system.interpreters import tags_beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.clean.job import CleanRun
    from pkgtools.runtime.clean.observe import CleanPlace
    from pkgtools.runtime.compile.job import CompileRun
    from pkgtools.runtime.compile.observe import Wanted
    from pkgtools.runtime.facts import Interpreter
    from pkgtools.runtime.policy.admin import AdminPolicy
    from pkgtools.runtime.policy.configuration import DropIns
    from pkgtools.runtime.policy.sources import Walk
    from pkgtools.runtime.report import Report
    from pkgtools.runtime.system.all_interpreters import Installed
    from pkgtools.runtime.system.trust import Tree

_LIBRARIES = (InstalledPath("/usr/lib"), InstalledPath("/usr/lib64"), InstalledPath("/usr/lib32"))


class World(NamedTuple):
    """The system that a batch works on, and how it is to work."""

    tree: Tree
    """Its directories."""
    policy: AdminPolicy
    """What the administrator has set."""
    drop_ins: DropIns
    """What packages registered and excluded."""
    installed: Installed
    """The interpreters."""
    run: CompileRun
    """How to compile."""
    report: Report
    """Where outcomes go."""
    left: frozenset[InstalledPath] = frozenset()
    """Modules of packages that ask to be left alone."""

    def clean_run(self) -> CleanRun:
        """Return how to clean."""
        from pkgtools.runtime.clean.job import CleanRun

        return CleanRun(dry_run=self.run.dry_run)

    def compile(self, directories: Iterable[Directory], *, thorough: bool) -> None:
        """Compile what is missing or stale, unless the administrator has switched that off.

        What is not compiled does not keep stale bytecode. `thorough`: the sources are what a package manager has just
        brought.
        """
        directories, theirs = divide(directories, self.left)
        left = (*directories, *theirs)
        links = frozenset[InstalledPath]()
        wanted: list[Wanted] = []
        if directories and self.policy.compile:
            wanted = self._compile(directories, thorough=thorough)
            links = frozenset(one.path for one in self.report.outcomes if one.reason is Reason.SYMLINK)
            left = (*not_compiled(directories, self.drop_ins.exclusions, links), *theirs)
        if left:
            from .uncompiled import look_after_uncompiled

            look_after_uncompiled(self, left, _without(wanted, links))
        if thorough and theirs:
            _clean_made(self, theirs)

    def _compile(self, directories: tuple[Directory, ...], *, thorough: bool) -> list[Wanted]:
        self.report.count_modules(sum(len(one.sources) for one in directories))
        wanted, skipped = want(directories, Wish(levels=self.policy.levels), self.drop_ins, self.installed)
        self.report.add_all(skipped)
        how = self.run._replace(policy=self.run.policy._replace(thorough=thorough))
        compile_wanted(self.tree, wanted, how, self.report)
        return wanted


def _clean_made(world: World, directories: tuple[Directory, ...]) -> None:
    """Remove what batches made of sources before their package asked to be left alone."""
    from pkgtools.runtime.clean.job import CleanChoice, clean_places
    from pkgtools.runtime.clean.observe import CleanPlace

    from .choices import made_of_stems

    for one in directories:
        place = CleanPlace(one.base, one.path, frozenset(name[: -len(SUFFIX)] for name in one.sources))
        choice = CleanChoice(made_of_stems, recorded=True, floor=floor_of(one.base))
        clean_places(world.tree, [place], choice, world.clean_run(), world.report)


def _without(wanted: Iterable[Wanted], links: frozenset[InstalledPath]) -> list[Wanted]:
    """Leave out sources that turned out to be links."""
    return [
        one._replace(names=tuple(name for name in one.names if f"{one.directory}/{name}" not in links))
        for one in wanted
    ]


def public_directories(tree: Tree) -> tuple[list[InstalledPath], list[Outcome]]:
    """Find the directories of third-party modules, which need not exist, and what kept them from being found.

    The interpreter's own library is its package's affair.
    """
    public: list[InstalledPath] = []
    problems: list[Outcome] = []
    for library in _LIBRARIES:
        try:
            names = sorted(os.listdir(tree.open(library, library)))
        except FileNotFoundError:
            continue
        except (OSError, Refused) as error:
            problems.append(problem(library, error))
            continue
        for name in filter(is_library_name, names):
            public.extend(InstalledPath(f"{library}/{name}/{packages}") for packages in PACKAGES)
    return public, problems


def serving_interpreters(tree: Tree, installed: Installed) -> tuple[Interpreter, ...]:
    """Return the interpreters that public directories are compiled for: one that comes or goes concerns them all.

    One that the distribution does not support is so where it has a directory of its own. (Registered directories know
    which interpreter serves them.)
    """
    return tuple(
        one
        for one in installed.interpreters
        if one.is_supported or any(tree.exists(InstalledPath(path)) for path in _own_directories(one))
    )


def _own_directories(interpreter: Interpreter) -> tuple[str, ...]:
    name = os.path.basename(interpreter.path)
    return tuple(f"{library}/{name}/{packages}" for library in _LIBRARIES for packages in PACKAGES)


def walk_everything(world: World) -> tuple[tuple[InstalledPath, ...], Walk]:
    """Walk through all public and registered directories, and return these with what was found."""
    public, problems = public_directories(world.tree)
    bases = (*public, *world.drop_ins.directories())
    found = walk(world.tree, bases)
    world.report.add_all((*problems, *found.problems))
    return bases, found


def modules_in(found: Walk, directory: InstalledPath) -> tuple[InstalledPath, ...]:
    """Return the sources that a walk found at or below a directory."""
    here = (one for one in found.directories if one.path == directory or is_below(one.path, directory))
    return tuple(path for one in here for path in one.paths())


def put_in_order(
    world: World,
    bases: Iterable[InstalledPath],
    found: Walk,
    brought: Iterable[Directory],
    dropped_levels: frozenset[str] = frozenset(),
) -> None:
    """Compile all that a walk found, thoroughly what was `brought`, and remove what is dead or orphaned.

    `dropped_levels` are optimization levels that the administrator no longer wants, as in names of pycs.
    """
    brought = tuple(brought)
    world.compile(brought, thorough=True)
    names = {one.path: frozenset(one.sources) for one in brought}
    rest = [(d, tuple(n for n in d.sources if n not in names.get(d.path, ()))) for d in found.directories]
    world.compile([d._replace(sources=left) for d, left in rest if left or not d.sources], thorough=False)
    if found.directories:
        _prune(world, bases, found, dropped_levels)


def _prune(world: World, bases: Iterable[InstalledPath], found: Walk, dropped_levels: frozenset[str]) -> None:
    from pkgtools.runtime.clean.job import CleanChoice, clean_places
    from pkgtools.runtime.clean.observe import CleanPlace
    from pkgtools.runtime.clean.plan import orphans, orphans_and_dead

    from .choices import or_of_levels

    live = world.installed.live_tags()
    for base in bases:
        here = [CleanPlace(d.base, d.path) for d in found.directories if d.has_cache and d.base == base]
        for served, places in _by_library(base, here):
            beside = tags_beside(world.tree, served)
            place = base if is_below(base, served) else served  # a registration may lie below its library
            servers = servers_of(place, Wish(), world.drop_ins, world.installed)
            abandoned = not (servers or beside) and _is_abandoned(served, world.installed)
            alive = frozenset() if abandoned else live.union(beside)
            serving = frozenset(i.cache_tag for i in servers) or alive
            alive = alive.union(serving)
            is_own = bool(registered_python(place, world.drop_ins))
            # the tag of one that isn't run just now can't be known: nothing is dead
            dead = orphans if is_own and not servers else orphans_and_dead(alive, serving)
            chooser = or_of_levels(dead, dropped_levels)
            recorded = serving != alive or bool(dropped_levels)
            choice = CleanChoice(chooser, recorded=recorded, floor=floor_of(base))
            clean_places(world.tree, places, choice, world.clean_run(), world.report)


def _is_abandoned(directory: InstalledPath, installed: Installed) -> bool:
    """Whether a directory that none serves is of an interpreter that is gone, and not of one that does not run now.

    The tag may be another's, too: CPython without the global lock has that of the other one.
    """
    library = library_served(directory)
    if library is None or not library.is_versioned:
        return False
    broken = (parse_python_name(one.path.rpartition("/")[2]) for one in installed.problems)
    return not any(one is not None and may_search(one, library.python) for one in broken)


def _by_library(base: InstalledPath, here: list[CleanPlace]) -> list[tuple[InstalledPath, list[CleanPlace]]]:
    """Divide the places of a base by the libraries in it: each has interpreters of its own."""
    found: dict[InstalledPath, list[CleanPlace]] = {}
    for place in here:
        library = library_served(place.directory)
        found.setdefault(InstalledPath(library.path) if library else base, []).append(place)
    return list(found.items())


def floor_of(base: InstalledPath) -> InstalledPath:
    """Return the directory that stays even if it is empty: a public directory does, a private one goes."""
    return base if third_party_base(base) == base else InstalledPath(base.rpartition("/")[0] or "/")


def can_hold_modules(tree: Tree, path: InstalledPath) -> bool:
    """Whether a path is a module that is there, or a directory."""
    if is_source(path):
        return tree.exists(path)
    try:
        os.close(tree.look(path))
    except (OSError, Refused):
        return False
    return True


def sources_at(world: World, place: InstalledPath) -> tuple[Directory, ...]:
    """Return the served sources at or below a place, as an exclusion or dpkg-statoverride names it."""
    if is_source(place):
        return select_listed([place], world.drop_ins)
    private = world.drop_ins.directories()
    inside = is_public(place) or any(place == base or is_below(place, base) for base in private)
    bases = [place] if inside else [base for base in private if is_below(base, place)]
    found = walk(world.tree, bases)
    world.report.add_all(found.problems)
    return found.directories
