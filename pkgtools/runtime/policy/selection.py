# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which pycs are wanted: sources from wherever the caller named them, the interpreters they serve, minus exclusions."""

from __future__ import annotations

from pkgtools.runtime.compile.observe import Wanted
from pkgtools.runtime.facts import InstalledPath, Interpreter, Outcome, Reason, Status
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.pythons import CPYTHON

from .configuration import DropIns, Exclusion, exclusion_of_option
from .layout import is_below_cache, is_public, library_served, servers_of_library, third_party_base
from .sources import SUFFIX, Directory, directories_in_list, is_below, merge, walk
from .version_range import ANY_VERSION, VersionRange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.pythons import PythonLibrary
    from pkgtools.runtime.system.all_interpreters import Installed
    from pkgtools.runtime.system.trust import Tree

    from .configuration import PrivateDirectory


class Selection(NamedTuple):
    """Sources that were named, each once, and what is wrong with the naming."""

    directories: tuple[Directory, ...]
    """The sources by their directories, sorted by path."""
    problems: tuple[Outcome, ...]
    """Named paths that don't exist, and directories that were refused or can't be read."""


class Wish(NamedTuple):
    """Which pycs the caller wants for the sources."""

    versions: VersionRange | None = None
    """As given by -V; None if it wasn't."""
    every_version: bool = False
    """A private source is compiled for all versions in the range, not only for the one that will run it."""
    levels: tuple[int, ...] = (0,)
    """Optimization levels to compile for."""
    exclusions: tuple[Exclusion, ...] = ()
    """What -X leaves out, beside the exclusions of drop-in files."""
    python: Interpreter | None = None
    """The one interpreter that was named for all of them; None: those that each directory serves."""


def leave_out(
    directories: Iterable[Directory], patterns: Iterable[str], places: tuple[InstalledPath, ...]
) -> tuple[Directory, ...]:
    """Return the same directories without the sources that -X leaves out. Raises UsageError for a bad pattern."""
    exclusions = [exclusion for pattern in patterns for exclusion in exclusion_of_option(pattern, places)]

    def left(one: Directory) -> tuple[str, ...]:
        return tuple(name for name in one.sources if not any(e.covers(one.path_of(name)) for e in exclusions))

    return tuple(one._replace(sources=left(one)) for one in directories)


def select_paths(tree: Tree, paths: Iterable[InstalledPath], *, as_owner: bool = False) -> Selection:
    """Select the files and, all the way down, the directories that were named. A path that isn't there is an error.

    `as_owner`: directories of whoever owns the named one are walked, too.
    """
    directories: list[Directory] = []
    problems: list[Outcome] = []
    for path in paths:
        if not tree.exists(path):
            detail = "no such file or directory"
            problems.append(Outcome(Status.ERROR, Reason.NO_SOURCE, path, detail=detail))
            continue
        found = walk(tree.trusting_owner_of(path) if as_owner else tree, [path])
        if path.endswith(SUFFIX) and not found.directories:
            directories.extend(directories_in_list([path]))
        else:
            directories.extend(found.directories)
            problems.extend(_named(problem, path) for problem in found.problems)
    return Selection(merge(directories), tuple(problems))


def _named(problem: Outcome, path: InstalledPath) -> Outcome:
    """Say of a file that was named that it isn't a module: nothing of it has to go."""
    if problem.path != path or problem.reason is not Reason.NOT_A_DIRECTORY:
        return problem
    return problem._replace(detail="neither a directory nor a .py file: name one of them")


def select_listed(
    paths: Iterable[InstalledPath], drop_ins: DropIns, below: tuple[InstalledPath, ...] = ()
) -> tuple[Directory, ...]:
    """Select from a list those that lie in public or registered directories or, if given, `below` others only.

    dpkg may list such a directory by the other name that a merged /usr gives it: the listed name is kept. What lies in
    a cache directory is left out, as in a walk.
    """
    wanted = tuple(entry.directory for entry in (*drop_ins.private, *drop_ins.other_names))
    if below:
        wanted = tuple(name for directory in below for name in drop_ins.names_of(directory))
    found = (one for one in directories_in_list(paths, wanted) if not is_below_cache(one.path))
    return tuple(one for one in found if _lies_in(one.path, wanted) or (not below and is_public(one.path)))


def select_for_batch(paths: Iterable[InstalledPath], drop_ins: DropIns) -> tuple[Directory, ...]:
    """Select from a list what batches compile: as `select_listed`, but for what lies in an interpreter's own library.

    The packages of interpreters compile that in their own scripts, or ship it.
    """
    registered = tuple(entry.directory for entry in (*drop_ins.private, *drop_ins.other_names))
    listed = select_listed(paths, drop_ins)
    return tuple(one for one in listed if third_party_base(one.path) or _lies_in(one.path, registered))


def not_registered(listed: Iterable[InstalledPath], selected: Iterable[Directory]) -> list[Outcome]:
    """Report the sources of a package that lie in no public and no registered directory."""
    chosen = {one.path for one in selected}
    detail = "name its directory behind -p PACKAGE, or register it in /usr/share/pkgtools/private.d"
    others = [one for one in directories_in_list(listed) if one.path not in chosen]
    return [outcome for one in others for outcome in _skips(one, one.sources, Reason.NOT_REGISTERED, detail)]


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
            reason, detail = _why_not_served(directory.path, wish, drop_ins, installed)
            skipped.extend(_skips(directory, directory.sources, reason, detail))
            continue
        if not any(_touches(exclusion, directory.path) for exclusion in exclusions):
            wanted.append(Wanted(directory.base, directory.path, directory.sources, serving, wish.levels))
            continue
        groups: dict[tuple[Interpreter, ...], list[str]] = {}
        for name in directory.sources:
            allowed = _not_excluded(directory.path_of(name), serving, exclusions)
            groups.setdefault(allowed, []).append(name)
        skipped.extend(_skips(directory, groups.pop((), []), Reason.EXCLUDED))
        wanted.extend(Wanted(directory.base, directory.path, tuple(n), i, wish.levels) for i, n in groups.items())
    return wanted, skipped


def divide(
    directories: Iterable[Directory], left: frozenset[InstalledPath]
) -> tuple[tuple[Directory, ...], tuple[Directory, ...]]:
    """Return the same directories without some sources, and those of the directories that have such sources, with them.

    `left` are the sources.
    """
    directories = tuple(directories)
    if not left:
        return directories, ()
    theirs = [(one, frozenset(name for name in one.sources if one.path_of(name) in left)) for one in directories]
    others = (one._replace(sources=tuple(n for n in one.sources if n not in names)) for one, names in theirs)
    return tuple(others), tuple(one._replace(sources=tuple(sorted(names))) for one, names in theirs if names)


def not_compiled(
    directories: Iterable[Directory], exclusions: tuple[Exclusion, ...], links: frozenset[InstalledPath]
) -> tuple[Directory, ...]:
    """Return the sources that an exclusion covers, for whichever versions, and those that are links."""
    above = frozenset(path.rpartition("/")[0] for path in links)
    found = []
    for one in directories:
        here = [exclusion for exclusion in exclusions if _touches(exclusion, one.path)]
        if here or one.path in above:
            paths = zip(one.sources, one.paths())
            names = tuple(n for n, path in paths if path in links or any(e.covers(path) for e in here))
            found.append(one._replace(sources=names))
    return tuple(one for one in found if one.sources)


def servers_of(
    directory: InstalledPath, wish: Wish, drop_ins: DropIns, installed: Installed
) -> tuple[Interpreter, ...]:
    """Return the interpreters that import from a directory and are wanted."""
    versions = wish.versions
    if wish.python is not None:
        library = library_served(directory)
        fits = library is None or (library.is_versioned and bool(servers_of_library(library, (wish.python,))))
        return (wish.python,) if fits and (versions is None or wish.python.version in versions) else ()
    entry = _own_registration(directory, drop_ins, installed)
    if entry is not None:
        own = _own(entry, installed)
        return (own,) if isinstance(own, Interpreter) and own.version in (versions or entry.versions) else ()
    if library := library_served(directory):
        is_shared = library.python.implementation is CPYTHON and not library.is_versioned
        if versions is None and is_shared:
            return servers_of_library(library, tuple(i for i in installed.interpreters if i.is_supported))
        serving = servers_of_library(library, installed.interpreters) or _of_venv(library, installed)
        return serving if versions is None else tuple(i for i in serving if i.version in versions)
    if versions is None:
        return installed.one_of(_registered_versions(directory, drop_ins))
    return installed.all_of(versions) if wish.every_version else installed.one_of(versions)


def _own_registration(directory: InstalledPath, drop_ins: DropIns, installed: Installed) -> PrivateDirectory | None:
    """Return the nearest registration if it names an interpreter, and no library of another version lies between."""
    nearest = _registration(directory, drop_ins)
    if nearest is None or not nearest.python:
        return None
    library = library_served(directory)
    if library is None:
        return nearest
    own = _own(nearest, installed) if library.is_versioned else None
    is_other = own is None or (isinstance(own, Interpreter) and not servers_of_library(library, (own,)))
    return None if is_other else nearest


def _of_venv(library: PythonLibrary, installed: Installed) -> tuple[Interpreter, ...]:
    """Return the interpreter of the virtual environment that a library is of, where the distribution's isn't there."""
    found = _base_of(library, installed)
    return servers_of_library(library, (found,)) if isinstance(found, Interpreter) else ()


def _base_of(library: PythonLibrary, installed: Installed) -> Interpreter | Outcome | None:
    return installed.own.of_venv(library) if library.is_versioned and installed.own is not None else None


def registered_python(directory: InstalledPath, drop_ins: DropIns) -> InstalledPath:
    """Return the interpreter that the nearest registration of a directory names; empty if it names none."""
    nearest = _registration(directory, drop_ins)
    return nearest.python if nearest else InstalledPath("")


def _own(entry: PrivateDirectory, installed: Installed) -> Interpreter | Outcome:
    if installed.own is None:
        return Outcome(Status.SKIPPED, Reason.NO_INTERPRETER, entry.python, detail="it isn't looked for")
    return installed.own.of(entry)


def _registered_versions(directory: InstalledPath, drop_ins: DropIns) -> VersionRange:
    """Return the versions of the nearest registration; of two for one directory the first, by the files' names."""
    nearest = _registration(directory, drop_ins)
    return nearest.versions if nearest else ANY_VERSION


def _registration(directory: InstalledPath, drop_ins: DropIns) -> PrivateDirectory | None:
    entries = (*drop_ins.private, *drop_ins.other_names)
    registered = [e for e in entries if _lies_in(directory, (e.directory,))]
    return max(registered, key=_depth) if registered else None


def _depth(entry: PrivateDirectory) -> int:
    return entry.directory.count("/")


def _why_not_served(
    directory: InstalledPath, wish: Wish, drop_ins: DropIns, installed: Installed
) -> tuple[Reason, str]:
    """Say why no interpreter serves a directory; the detail goes on after 'these modules'."""
    library = library_served(directory)
    if wish.python is not None:
        return Reason.NOT_SERVED, f"are none that {wish.python.path} imports: name others, or another interpreter"
    entry = _own_registration(directory, drop_ins, installed)
    if entry is not None:
        own = _own(entry, installed)
        if isinstance(own, Outcome):
            return Reason.NOT_SERVED, f"need {entry.python}, which isn't run: {own.path}: {own.detail}"
        return Reason.NOT_SERVED, f"are not for {entry.python}, Python {own.version[0]}.{own.version[1]}"
    if library is None:
        versions = wish.versions or _registered_versions(directory, drop_ins)
        return Reason.NOT_SERVED, _needs(f"Python {versions}")
    if servers_of_library(library, installed.interpreters):
        who = "-V leaves out" if wish.versions is not None else "the distribution does not support"
        return Reason.EXCLUDED, f"{who} the interpreters that import from there"
    if library.python.implementation.refusal:
        return Reason.UNSUPPORTED_INTERPRETER, library.python.implementation.refusal
    name = str(library.python)
    base = _base_of(library, installed)
    if isinstance(base, Outcome):
        return Reason.NOT_SERVED, f"need {base.interpreter or base.path}, which isn't run: {base.path}: {base.detail}"
    return Reason.NOT_SERVED, _needs(f"Python {name[6:]}" if name.startswith("python") else name)


def _needs(python: str) -> str:
    return f"need {python}, which is not installed: install it, or remove them"


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
    paths = [directory.path_of(name) for name in names]
    return [Outcome(Status.SKIPPED, reason, path, path, detail=detail) for path in paths]
