# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Is the code in pycs what their sources compile to: the "out-of-band consistency checker" that PEP 552 speaks of."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from posixpath import basename
from typing import TYPE_CHECKING
from zlib import crc32

from pkgtools.model.package import CodeMatch, PycFacts, SourceFacts
from pkgtools.runtime.layout import parse_pyc_name

from .caches import Sources
from .compiling import Comparison, compare
from .examine import Look
from .headers import Staleness, header_size_of, staleness
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
    Portion = list[tuple[File, File]]
    """Pycs with their sources."""

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
    sources = Sources(package)
    settled: dict[InstalledPath, CodeMatch] = {}
    portions = _portions(package, sources, settled)
    matches = dict(watch(_compared(portions, sources, compilers, fetch)))
    matches.update(settled)
    files = tuple(_with_match(one, matches.get(one.path)) for one in package.files)
    unread = (f"{one.path}: not compared, it is {_what(one)}" for one in unread_pycs(package))
    return replace(package, files=files, notes=(*unread, *package.notes))


def _compared(portions: Iterator[Portion], sources: Sources, compilers: Compilers, fetch: Fetch) -> Results:
    """Yield what comes of each pyc, portion by portion."""
    for portion in portions:
        contents = fetch({one.path for pair in portion for one in pair})
        comparisons = []
        for pyc, source in portion:
            if pyc.path in contents and source.path in contents:
                filename = sources.path_of(pyc.path) or source.path
                comparisons.append(_comparison(pyc, contents[pyc.path], contents[source.path], filename))
            else:
                yield pyc.path, CodeMatch.UNCHECKED
        yield from _unless_changed(compare(compilers, comparisons), portion, contents)


def unread_pycs(package: Package) -> Iterator[File]:
    """Yield what import may take for a pyc and no reader looked into: links, files that are too big or locked."""
    sources = Sources(package)
    for one in package.files:
        if one.facts is None and not one.is_directory and not one.is_ghost and sources.path_of(one.path) is not None:
            yield one


def _what(file: File) -> str:
    if file.is_symlink:
        return f"a link to {file.link}"
    return f"too big ({file.size} bytes) or locked" if file.is_regular else "no file"


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


def _portions(package: Package, sources: Sources, matches: dict[InstalledPath, CodeMatch]) -> Iterator[Portion]:
    """Yield pycs with their sources, as many at a time as may be held; what has no source is settled in `matches`."""
    portion: Portion = []
    size = 0
    for pyc in package.files:
        if not isinstance(pyc.facts, PycFacts) or sources.path_of(pyc.path) is None:
            continue
        source = sources.file_of(pyc.path)
        if source is None or not isinstance(source.facts, SourceFacts):
            matches[pyc.path] = CodeMatch.UNCHECKED if sources.is_there(pyc.path) else CodeMatch.NO_SOURCE
            continue
        if staleness(pyc.facts, source) in _NOT_TAKEN:
            matches[pyc.path] = CodeMatch.STALE
            continue
        portion.append((pyc, source))
        size += pyc.size + source.size
        if size > _HELD:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _comparison(pyc: File, content: bytes, source: bytes, path: InstalledPath) -> Comparison:
    """Put a pyc and its source together; its code may have another file name than `path`, which is no difference."""
    facts = pyc.facts
    filename = facts.filename if isinstance(facts, PycFacts) and not facts.names_itself else ""
    name = parse_pyc_name(basename(pyc.path))
    return Comparison(
        path=pyc.path,
        pyc=content,
        source=source,
        filename=filename or path,
        level=_LEVELS.get(name.level, 0) if name else 0,
    )


def _unless_changed(
    results: Results, portion: Portion, contents: Mapping[InstalledPath, bytes]
) -> Iterator[tuple[InstalledPath, CodeMatch]]:
    """Pass results on; a difference of files that somebody changed since their headers were compared is none."""
    pairs = {pyc.path: (pyc, source) for pyc, source in portion}
    for path, match in results:
        is_known = match is not CodeMatch.DIFFERENT or all(
            _is_unchanged(one, contents[one.path]) for one in pairs[path]
        )
        yield path, match if is_known else CodeMatch.UNCHECKED


def _is_unchanged(file: File, content: bytes) -> bool:
    match file.facts:
        case PycFacts() as facts:
            body = hashlib.sha256(content[header_size_of(facts) :], usedforsecurity=False)
            return content.startswith(facts.header) and body.hexdigest() == facts.body_digest
        case SourceFacts() as facts:
            return len(content) == facts.size and crc32(content) == facts.crc
        case _:
            return False


def _with_match(file: File, match: CodeMatch | None) -> File:
    if match is None or not isinstance(file.facts, PycFacts):
        return file
    return replace(file, facts=replace(file.facts, match=match))
