# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Looking at the state of sources, cache directories and pycs, by descriptor. Only reads."""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import (
    CacheDirectory,
    CacheState,
    InstalledPath,
    Observation,
    ObservedSource,
    ObservedTarget,
    Outcome,
    PycState,
    Reason,
    Removal,
    SourceFile,
    Status,
)
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import cache_directory_of, parse_pyc_name, pyc_name, targets_of
from pkgtools.runtime.policy.sources import problem
from pkgtools.runtime.system.access import AS_OWNER
from pkgtools.runtime.system.temporaries import living, token_of
from pkgtools.runtime.system.trust import READ_FILE, distrust, file_state, has_acl, open_cache, open_central

from .pyc import HEADER_SIZE, PycOwners, cache_ownership, is_right, recipe_bytes, recipe_of, vouches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import FileState, Interpreter, InvalidationMode, Ownership
    from pkgtools.runtime.record import Proof, Record, RecordEntry
    from pkgtools.runtime.system.trust import Tree

    from .pyc import Recipe


class Wanted(NamedTuple):
    """Sources of one directory and what their pycs are for; without names, a cache directory to look for leftovers."""

    base: InstalledPath
    """The directory up to which trusted links are followed; below it only those of root to directories."""
    directory: InstalledPath
    """The directory of the sources: the base or one below it."""
    names: tuple[str, ...]
    """File names of the sources, with `.py`."""
    interpreters: tuple[Interpreter, ...]
    """The interpreters to compile for, one for each cache tag."""
    levels: tuple[int, ...]
    """Optimization levels: 0, 1 or 2."""


class ObservationOptions(NamedTuple):
    """How to look."""

    record: Record
    """What earlier runs found out about pycs."""
    mode: InvalidationMode
    """Of the pycs that are wanted."""
    cache_prefix: InstalledPath | None = None
    """The directory of a central cache; None: pycs lie in `__pycache__`."""
    at_a_glance: Proof | None = None
    """Only count what the record vouches for with this proof, right in every respect; None: report everything."""


class _Sight(NamedTuple):
    """The lists that one round of looking fills."""

    sources: list[ObservedSource]
    caches: list[CacheState]
    temporaries: list[Removal]
    settled: list[Outcome]
    empty: list[CacheDirectory]


def observe(tree: Tree, wanted: Iterable[Wanted], look: ObservationOptions) -> Observation:
    """Look at sources and at what stands in their targets' places, directory by directory.

    Raises nothing: what can't be looked at is in the answer.
    """
    sight = _Sight([], [], [], [], [])
    fresh = 0
    for one in wanted:
        try:
            fresh += _observe_directory(tree, one, look, sight)
        except FileNotFoundError:
            sight.settled.extend(
                _skip(InstalledPath(f"{one.directory.rstrip('/')}/{name}"), Reason.NO_SOURCE) for name in one.names
            )
        except (Refused, OSError) as error:
            found = problem(one.directory, error)
            if found not in sight.settled[-1:]:  # one refusal of a base is enough
                sight.settled.append(found)
    return Observation(
        sources=tuple(sight.sources),
        caches=tuple(sight.caches),
        temporaries=tuple(sight.temporaries),
        settled=tuple(sight.settled),
        fresh=fresh,
        empty=tuple(sight.empty),
    )


def _observe_directory(tree: Tree, wanted: Wanted, look: ObservationOptions, sight: _Sight) -> int:
    """Look at one directory and return how many targets were right at a glance."""
    directory = tree.open(wanted.base, wanted.directory)
    if tree.unmapped is not None and os.fstat(directory).st_uid == tree.unmapped:
        detail = "its owner isn't known in this user namespace: nothing is written there"
        raise Refused(wanted.base, Reason.UNMAPPED_OWNER, detail)
    expected = cache_ownership(file_state(os.fstat(directory)), tree.uid, tree.gid)
    where = cache_directory_of(wanted.directory, look.cache_prefix)
    base = wanted.base if look.cache_prefix is None else look.cache_prefix
    central = look.cache_prefix is not None
    descriptor = open_central(tree, base, where) if central else open_cache(directory, where)
    try:
        cache = _observe_cache(tree, base, where, descriptor, expected)
        names = frozenset() if descriptor is None else frozenset(os.listdir(descriptor))
        if descriptor is None and not wanted.names:
            return 0
        if not wanted.names:
            _observe_leftovers(cache, descriptor or 0, names, sight)
            return 0
        sight.caches.append(cache)
        entries = look.record.of(where) if names else {}
        right: frozenset[str] = frozenset()
        if descriptor is not None and not cache.to_repair and look.at_a_glance is not None:
            right = _glance(tree, (directory, descriptor), wanted, look, entries)
        closely = len(right) < len(wanted.names)
        subject = _Subject(wanted, cache, look, names, _by_stem(names) if closely else {}, entries)
        for name in wanted.names:
            if name not in right:
                _observe_one(tree, directory, descriptor, subject, name, sight)
        fresh = len(right) * len(wanted.interpreters) * len(wanted.levels)
        if descriptor is not None and len(names) > fresh:
            sight.temporaries.extend(_leftovers(tree, cache, descriptor, names))
        return fresh
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _observe_leftovers(cache: CacheState, descriptor: int, names: frozenset[str], sight: _Sight) -> None:
    """Look for what dead runs left beside no source."""
    dead = [_temporary(cache, name) for name in sorted(names - living(descriptor, names)) if token_of(name)]
    sight.temporaries.extend(dead)
    if dead and cache.untrusted:  # it can't be reached as it is
        sight.caches.append(cache)
    if len(dead) == len(names):
        sight.empty.append(CacheDirectory(cache.base, cache.directory))


def _temporary(cache: CacheState, name: str) -> Removal:
    return Removal(cache.base, cache.directory, name, Reason.TEMPORARY)


def _glance(
    tree: Tree, descriptors: tuple[int, int], wanted: Wanted, look: ObservationOptions, entries: dict[str, RecordEntry]
) -> frozenset[str]:
    """Return the sources all of whose pycs are recorded and right: all that a run with nothing to do looks at."""
    marks = [
        (pyc_name("", interpreter.cache_tag, level), recipe_bytes(recipe_of(interpreter, look.mode)))
        for interpreter in wanted.interpreters
        for level in wanted.levels
    ]
    directory, cache = descriptors
    owners, stat_ = PycOwners(tree.uid, tree.gid), os.stat
    right = []
    for name in wanted.names:
        try:
            source = stat_(name, dir_fd=directory, follow_symlinks=False)
            for suffix, recipe in marks:
                entry = entries[name[:-3] + suffix]
                if entry.recipe != recipe or entry.proof < (look.at_a_glance or 0):
                    break
                pyc = stat_(name[:-3] + suffix, dir_fd=cache, follow_symlinks=False)
                if not is_right(source, pyc, entry, owners):
                    break
            else:
                right.append(name)
        except (OSError, KeyError):  # it's looked at more closely then
            continue
    return frozenset(right)


class _Subject(NamedTuple):
    """The directory whose sources are looked at closely."""

    wanted: Wanted
    cache: CacheState
    look: ObservationOptions
    names: frozenset[str]
    """In the cache directory."""
    by_stem: dict[str, list[str]]
    """The names of pycs, by their source's name without `.py`."""
    entries: dict[str, RecordEntry]


def _observe_one(
    tree: Tree, directory: int, descriptor: int | None, subject: _Subject, name: str, sight: _Sight
) -> None:
    wanted, look = subject.wanted, subject.look
    source = SourceFile(wanted.base, wanted.directory, name)
    state = _observe_source(tree, directory, source)
    if isinstance(state, Outcome):
        sight.settled.append(state)
        return
    look_for_acl = not state.mode & stat.S_IROTH
    targets = []
    for target in targets_of(source, wanted.interpreters, wanted.levels, look.cache_prefix):
        entry = subject.entries.get(target.name)
        found = None
        if target.name in subject.names:
            recipe = recipe_of(target.interpreter, look.mode)
            found = _observe_pyc(descriptor, target.name, (recipe, state, entry), look_for_acl)
        targets.append(ObservedTarget(target, found, entry))
    acl = state.mode & 0o044 == 0o040 and _has_acl(directory, name)
    chosen = {target.target.name for target in targets}
    siblings = tuple(sorted(sibling for sibling in subject.by_stem.get(name[:-3], ()) if sibling not in chosen))
    sight.sources.append(ObservedSource(source, state, subject.cache, tuple(targets), acl, siblings))


def _by_stem(names: frozenset[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        parsed = parse_pyc_name(name)
        if parsed is not None:
            found.setdefault(parsed.stem, []).append(name)
    return found


def _has_acl(directory: int, name: str) -> bool:
    descriptor = os.open(name, READ_FILE, dir_fd=directory)
    try:
        return has_acl(descriptor)
    finally:
        os.close(descriptor)


def _observe_cache(
    tree: Tree, base: InstalledPath, path: InstalledPath, descriptor: int | None, expected: Ownership
) -> CacheState:
    if descriptor is None:
        return CacheState(base, path, False, expected, None, False)
    found = os.fstat(descriptor)
    untrusted = distrust(found, tree.trusted) is not None
    to_repair = None
    if untrusted:
        to_repair = Reason.UNTRUSTED_CACHE
    elif (found.st_uid, found.st_gid) != (expected.uid, expected.gid):
        to_repair = Reason.WRONG_OWNER
    elif stat.S_IMODE(found.st_mode) != expected.mode or has_acl(descriptor):
        to_repair = Reason.WRONG_MODE
    return CacheState(base, path, True, expected, to_repair, untrusted)


def _leftovers(tree: Tree, cache: CacheState, descriptor: int, names: frozenset[str]) -> list[Removal]:
    """Find what must not lie in the cache directory: temporaries of the dead, and pycs that others own or can write."""
    found = []
    alive = living(descriptor, names)
    for name in sorted(names - alive):
        if token_of(name) is not None:
            found.append(_temporary(cache, name))
        elif parse_pyc_name(name) is not None and not cache.untrusted:
            state = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            if distrust(state, tree.trusted) is not None and not stat.S_ISDIR(state.st_mode):
                found.append(Removal(cache.base, cache.directory, name, Reason.UNTRUSTED_CACHE))
    return found


def _observe_source(tree: Tree, directory: int, source: SourceFile) -> FileState | Outcome:
    try:
        found = os.stat(source.name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return _skip(source.path, Reason.NO_SOURCE)
    except OSError as error:
        return problem(source.path, error)
    if stat.S_ISLNK(found.st_mode):
        return _skip(source.path, Reason.SYMLINK)
    if not stat.S_ISREG(found.st_mode):
        return _skip(source.path, Reason.NOT_A_REGULAR_FILE)
    if found.st_uid not in tree.trusted and found.st_mode & 0o044 != 0o044:
        detail = f"user {found.st_uid} could not read a root-owned pyc: chown the source, chmod a+r it or {AS_OWNER}"
        return Outcome(Status.REFUSED, Reason.OWNER_CANNOT_READ, source.path, source.path, detail=detail)
    return file_state(found)


def _skip(path: InstalledPath, reason: Reason) -> Outcome:
    return Outcome(Status.SKIPPED, reason, path, path)


def _observe_pyc(
    cache: int | None, name: str, known: tuple[Recipe, FileState, RecordEntry | None], look_for_acl: bool
) -> PycState | None:
    """Look at what has a pyc's name; its header is read unless the record vouches for it."""
    recipe, source, entry = known
    try:
        state = file_state(os.stat(name, dir_fd=cache, follow_symlinks=False))
    except FileNotFoundError:
        return None
    known_one = vouches(entry, recipe, source, state)
    if known_one and not look_for_acl:
        return PycState(state, None, False)
    opened = _open_pyc(cache, name, look_for_acl)
    return opened._replace(header=None) if opened is not None and known_one and opened.file == state else opened


def _open_pyc(cache: int | None, name: str, look_for_acl: bool) -> PycState | None:
    try:
        descriptor = os.open(name, READ_FILE, dir_fd=cache)
    except OSError:  # a link, a socket, or gone meanwhile
        return _observe_other(cache, name)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return PycState(file_state(found), b"", False)
        return PycState(file_state(found), _read_header(descriptor), look_for_acl and has_acl(descriptor))
    finally:
        os.close(descriptor)


def _read_header(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, HEADER_SIZE)
    except OSError:  # EIO: what can't be read is replaced, as a truncated one
        return b""


def _observe_other(cache: int | None, name: str) -> PycState | None:
    try:
        return PycState(file_state(os.stat(name, dir_fd=cache, follow_symlinks=False)), b"", False)
    except FileNotFoundError:
        return None
