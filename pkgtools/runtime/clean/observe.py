# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Looking into cache directories and beside them, before anything is decided."""

from __future__ import annotations

import os
import stat

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import CacheDirectory, InstalledPath
from pkgtools.runtime.lean import NamedTuple
from pkgtools.runtime.policy.layout import cache_directory_of, parse_pyc_name, stems_in
from pkgtools.runtime.policy.sources import SUFFIX, is_source, problem
from pkgtools.runtime.record import Proof, Record, digest, inode_of
from pkgtools.runtime.system import safefs
from pkgtools.runtime.system.temporaries import living
from pkgtools.runtime.system.trust import file_state, open_cache, open_central

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pkgtools.runtime.facts import Outcome
    from pkgtools.runtime.record import RecordEntry
    from pkgtools.runtime.system.trust import Tree


_WITHOUT_CACHES = (".pyc", ".pyo", ".pyi")
"""Files beside modules that nothing makes caches of."""
_ASIDE = f"{SUFFIX}."
"""In the name of a module that is kept aside, by a diversion or as dpkg keeps old files: nothing imports it."""
_LARGEST = 0xFFFFFFFF
"""Times and sizes in headers have 32 bits."""


class CleanPlace(NamedTuple):
    """A directory whose cache is to be looked through."""

    base: InstalledPath
    """The directory up to which trusted links are followed; below it only those of root to directories."""
    directory: InstalledPath
    """Of the sources."""
    stems: frozenset[str] = frozenset()
    """The sources that are to lose their caches, without `.py`."""
    going: frozenset[str] = frozenset()
    """Other files in the directory that go with these sources."""
    with_legacy: bool = True
    """The sources lose what Python 2 has put beside them, too."""


class ObservedPlace(NamedTuple):
    """What lies in a cache directory, and beside it."""

    place: CleanPlace
    """The directory that was asked about."""
    cache: CacheDirectory
    """Its cache directory, beside the sources or in the central cache."""
    names: tuple[str, ...] = ()
    """In the cache directory, sorted; without the temporary files of runs that live."""
    directories: frozenset[str] = frozenset()
    """Those of `names` that are directories."""
    sources: frozenset[str] = frozenset()
    """All sources in the directory, without `.py`."""
    others: frozenset[str] = frozenset()
    """Stems that caches of other files in the directory may have: of a.b.hy `a` and `a.b`."""
    of_others: frozenset[str] = frozenset()
    """Those of `names` that are pycs of these other files, by the time and size in their headers."""
    legacy: tuple[str, ...] = ()
    """Pycs beside the sources in `stems`, where Python 2 had them."""
    has_others: bool = False
    """The cache directory holds more than `names`: directories, as the central cache does, or files of living runs."""
    is_there: bool = True
    """There is a cache directory."""
    made_here: frozenset[str] = frozenset()
    """Those of `names` that we compiled, by the record (looked at only on request)."""


def observe_places(
    tree: Tree, places: Iterable[CleanPlace], cache_prefix: InstalledPath | None = None, *, recorded: bool = False
) -> tuple[list[ObservedPlace], list[Outcome]]:
    """Look into the cache directories of places; `recorded`: find out which pycs we compiled."""
    observed: list[ObservedPlace] = []
    problems: list[Outcome] = []
    record = Record(tree) if recorded else None
    for place in places:
        try:
            found = _observe_place(tree, place, cache_prefix, record)
        except FileNotFoundError:
            continue
        except (Refused, OSError) as error:
            problems.append(problem(place.directory, error))
            continue
        if found is not None:
            observed.append(found)
    return observed, problems


def _observe_place(
    tree: Tree, place: CleanPlace, cache_prefix: InstalledPath | None, record: Record | None
) -> ObservedPlace | None:
    cache_path = cache_directory_of(place.directory, cache_prefix)
    cache = CacheDirectory(cache_prefix or place.base, cache_path)
    beside: frozenset[str] = frozenset()
    directory = None
    try:
        directory = tree.open(place.base, place.directory)
        beside = frozenset(os.listdir(directory))
    except FileNotFoundError:
        if cache_prefix is None:
            return None
    if cache_prefix is not None:
        descriptor = open_central(tree, cache_prefix, cache_path)
    else:
        descriptor = None if directory is None else open_cache(directory, cache_path)
    legacy = _legacy(directory, beside, place.stems) if directory is not None and place.with_legacy else ()
    if descriptor is None:
        return ObservedPlace(place, cache, legacy=legacy, is_there=False) if legacy else None
    try:
        with os.scandir(descriptor) as entries:
            found = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        # below a central cache directory are those of other directories; below __pycache__ a directory is a stranger
        files = frozenset(name for name, is_directory in found.items() if not (is_directory and cache_prefix))
        names = tuple(sorted(files - living(descriptor, files)))
        known = {} if record is None else record.of(cache_path)
        ours = frozenset(name for name in names if name in known and _is_ours(descriptor, name, known[name]))
        others = _others(directory, beside - place.going, names) if directory is not None else {}
        of_others = frozenset(name for name in names if others and _is_of_another(descriptor, name, others))
    finally:
        os.close(descriptor)
    return ObservedPlace(
        place,
        cache,
        names,
        directories=frozenset(name for name in names if found[name]),
        sources=frozenset(name[: -len(SUFFIX)] for name in beside if is_source(name)),
        others=frozenset(others),
        of_others=of_others,
        legacy=legacy,
        has_others=len(names) < len(found),
        made_here=ours,
    )


def _legacy(directory: int, beside: frozenset[str], stems: frozenset[str]) -> tuple[str, ...]:
    """Name the pycs beside sources that are there; without its source such a file is a module (PEP 3147)."""
    found = [n for n in beside if n[-4:] in {".pyc", ".pyo"} and n[:-4] in stems and n[:-4] + SUFFIX in beside]
    return tuple(
        name
        for name in sorted(found)
        if stat.S_ISREG(_status(directory, name[:-4] + SUFFIX).st_mode)
        and not stat.S_ISDIR(_status(directory, name).st_mode)
    )


def _others(directory: int, beside: frozenset[str], names: tuple[str, ...]) -> dict[str, list[os.stat_result]]:
    """Return the files beside the sources that may have caches here, by the stems that these can have.

    An extension module or a source in another language has the stem that a module of the same name in Python has.
    """
    candidates = [n for n in beside if "." in n and not n.endswith((SUFFIX, *_WITHOUT_CACHES)) and _ASIDE not in n]
    if not candidates:
        return {}
    asked = frozenset(stem for name in names for stem in stems_in(name))
    found: dict[str, list[os.stat_result]] = {}
    for name in candidates:
        stems = asked.intersection(stems_in(name))
        if not stems:
            continue
        status = _status(directory, name)
        for stem in () if stat.S_ISDIR(status.st_mode) else stems:
            found.setdefault(stem, []).append(status)
    return found


def _status(directory: int, name: str) -> os.stat_result:
    return os.stat(name, dir_fd=directory, follow_symlinks=False)


def _is_of_another(cache: int, name: str, others: dict[str, list[os.stat_result]]) -> bool:
    """Whether a pyc with a module's name was made of another file, by the time and size in its header (PEP 552)."""
    parsed = parse_pyc_name(name)
    if parsed is None or parsed.stem not in others:
        return False
    try:
        with open(safefs.open_file(cache, name), "rb") as stream:
            header = stream.read(16)
    except OSError:  # a link, or gone meanwhile
        return False
    sizes = ((0, int(one.st_mtime) & _LARGEST, one.st_size & _LARGEST) for one in others[parsed.stem])
    return any(header[4:] == b"".join(n.to_bytes(4, "little") for n in numbers) for numbers in sizes)


def _is_ours(directory: int, name: str, entry: RecordEntry) -> bool:
    """Whether a pyc is the one that we compiled: by its inode; in a copy of a system by its content."""
    if entry.proof is not Proof.MADE:
        return False
    try:
        descriptor = safefs.open_file(directory, name)
    except OSError:  # a link, or gone meanwhile
        return False
    with open(descriptor, "rb") as stream:
        state = file_state(os.fstat(descriptor))
        return inode_of(state) == entry.pyc or digest(stream.read()) == entry.pyc_digest


def names_in(tree: Tree, one: CacheDirectory) -> frozenset[str] | None:
    """Return the names in a directory; None if it can't be read."""
    try:
        return frozenset(os.listdir(tree.open(one.base, one.directory)))
    except (Refused, OSError):
        return None
