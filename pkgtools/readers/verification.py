# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Is the code in pycs what their sources compile to: the "out-of-band consistency checker" that PEP 552 speaks of."""

from __future__ import annotations

from dataclasses import replace
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.package import CodeMatch, PycFacts, SourceFacts
from pkgtools.runtime.layout import CACHE_DIRECTORY, parse_pyc_name

from .compiling import Comparison, compare
from .examine import Look, source_path_of
from .headers import Staleness, staleness
from .package import read_package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pkgtools.model.package import File, FileFacts, Package
    from pkgtools.runtime.facts import InstalledPath

    from .compiling import Compilers

    Fetch = Callable[[AbstractSet[InstalledPath]], dict[InstalledPath, bytes]]
    """Brings the contents of files; what it can't bring is missing in the answer."""
    Results = Iterator[tuple[InstalledPath, CodeMatch]]
    Watch = Callable[[Results], Results]

_HELD = 32 << 20
"""Bytes of sources and pycs that are held at once."""
_NOT_TAKEN = frozenset({Staleness.TIME, Staleness.SIZE, Staleness.HASH})
_LEVELS = {"": 0, "1": 1, "2": 2}


def no_watch(results: Results) -> Results:
    """Let results pass."""
    return results


def verify_package(package: Package, compilers: Compilers, fetch: Fetch, watch: Watch = no_watch) -> Package:
    """Compile the sources of a package or system, and return it with what came of each pyc in a cache directory.

    `fetch` brings contents, and is called as often as it takes to hold 32 MiB at a time; `watch` is told of each pyc
    as it is done. Raises what `fetch` does.
    """
    files = {one.path: one for one in package.files}
    matches: dict[InstalledPath, CodeMatch] = {}
    for portion in _portions(package, files, matches):
        contents = fetch({*portion, *(source_path_of(path) for path in portion)})
        comparisons = [
            comparison_of(files[path], contents[path], contents[source_path_of(path)])
            for path in portion
            if path in contents and source_path_of(path) in contents
        ]
        matches.update(dict.fromkeys(portion, CodeMatch.UNCHECKED))
        matches.update(watch(compare(compilers, comparisons)))
    return replace(package, files=tuple(_with_match(one, matches.get(one.path)) for one in package.files))


def fetch_from_package(path: Path) -> Fetch:
    """Return what brings contents from a .deb, a .rpm or a tree, by reading it once more."""

    def fetch(wanted: AbstractSet[InstalledPath]) -> dict[InstalledPath, bytes]:
        found: dict[InstalledPath, bytes] = {}

        def take(path: InstalledPath, content: bytes, _facts: FileFacts) -> None:
            if path in wanted:
                found[path] = content

        read_package(path, Look(sink=take))
        return found

    return fetch


def _portions(
    package: Package, files: Mapping[InstalledPath, File], matches: dict[InstalledPath, CodeMatch]
) -> Iterator[list[InstalledPath]]:
    """Yield the pycs to compare, as many at a time as may be held; what has no source is settled in `matches`."""
    portion: list[InstalledPath] = []
    size = 0
    for pyc in package.files:
        if not _is_comparable(pyc):
            continue
        source = files.get(source_path_of(pyc.path))
        if source is None or not isinstance(source.facts, SourceFacts):
            matches[pyc.path] = CodeMatch.NO_SOURCE if source is None else CodeMatch.UNCHECKED
            continue
        if isinstance(pyc.facts, PycFacts) and staleness(pyc.facts, source) in _NOT_TAKEN:
            matches[pyc.path] = CodeMatch.STALE
            continue
        portion.append(pyc.path)
        size += pyc.size + source.size
        if size > _HELD:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def comparison_of(pyc: File, content: bytes, source: bytes) -> Comparison:
    """Put a pyc and its source together; its code may have another file name than it should, which is no difference."""
    facts = pyc.facts
    filename = facts.filename if isinstance(facts, PycFacts) and not facts.names_itself else ""
    name = parse_pyc_name(basename(pyc.path))
    return Comparison(
        path=pyc.path,
        pyc=content,
        source=source,
        filename=filename or source_path_of(pyc.path),
        level=_LEVELS.get(name.level, 0) if name else 0,
    )


def _is_comparable(file: File) -> bool:
    in_cache = basename(dirname(file.path)) == CACHE_DIRECTORY
    return in_cache and isinstance(file.facts, PycFacts) and parse_pyc_name(basename(file.path)) is not None


def _with_match(file: File, match: CodeMatch | None) -> File:
    if match is None or not isinstance(file.facts, PycFacts):
        return file
    return replace(file, facts=replace(file.facts, match=match))
