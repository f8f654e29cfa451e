# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Is the code in pycs what their sources compile to: the "out-of-band consistency checker" that PEP 552 speaks of."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import islice
from posixpath import basename
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from pkgtools.bytecode.caches import Sources
from pkgtools.bytecode.compiling import Comparison, Matched, compare
from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.bytecode.headers import Staleness, header_size_of, staleness
from pkgtools.model.package import CodeMatch, Obstacle, PycFacts, SourceFacts
from pkgtools.readers.package import read_package
from pkgtools.readers.system.installed_pythons import python_of
from pkgtools.runtime.policy.layout import parse_pyc_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pkgtools.bytecode.compiling import Compilers
    from pkgtools.model.content import Fetch
    from pkgtools.model.package import File, FileFacts, Package
    from pkgtools.runtime.facts import InstalledPath

    Results = Iterator[tuple[InstalledPath, Matched]]
    Watch = Callable[[Results], Results]
    Portion = list[tuple[File, File]]
    """Pycs with their sources."""

_HELD = 32 << 20
"""Bytes of sources and pycs that are held at once."""
_FEW = 20
"""Notes of single files; the others are in the numbers."""
_NOT_TAKEN = frozenset({Staleness.TIME, Staleness.SIZE, Staleness.HASH})
_LEVELS = {"": 0, "1": 1, "2": 2}


def no_watch(results: Results) -> Results:
    """Let results pass."""
    return results


def verify_package(
    package: Package, compilers: Compilers, fetch: Fetch, watch: Watch = no_watch, *, most: int | None = None
) -> Package:
    """Compile the sources of a package or system, and return it with what came of each pyc in a cache directory.

    `fetch` brings contents, and is called as often as it takes to hold 32 MiB at a time; `watch` is told of each pyc
    as it is done. If `most` is given, no more than so many are compared, spread over all. Raises what `fetch` does.
    """
    sources = Sources(package)
    settled: dict[InstalledPath, Matched] = {}
    pairs = _pairs(package, sources, settled)
    if most is not None and len(pairs) > most:
        chosen = {len(pairs) * number // most for number in range(most)}
        for number, (pyc, _) in enumerate(pairs):
            if number not in chosen:
                settled[pyc.path] = Matched(CodeMatch.UNCHECKED, Obstacle.NOT_ASKED)
        pairs = [pair for number, pair in enumerate(pairs) if number in chosen]
    matches = dict(watch(_compared(_Subject(package, sources), pairs, compilers, fetch)))
    matches.update(settled)
    files = tuple(_with_match(one, matches.get(one.path)) for one in package.files)
    others = (one for one in unread_pycs(package) if one.path not in package.unread)  # those have their note
    unread = [f"{one.path}: not compared, it is {_what(one)}" for one in islice(others, _FEW)]
    return replace(package, files=files, notes=(*unread, *package.notes))


class _Subject(NamedTuple):
    """A package or system, and which source belongs to which pyc."""

    package: Package
    sources: Sources


def _compared(subject: _Subject, pairs: Portion, compilers: Compilers, fetch: Fetch) -> Results:
    """Yield what comes of each pyc, portion by portion."""
    for portion in _portions(pairs):
        contents = fetch({one.path for pair in portion for one in pair})
        comparisons = []
        for pyc, source in portion:
            if pyc.path in contents and source.path in contents:
                filename = subject.sources.path_of(pyc.path) or source.path
                one = _comparison(pyc, contents[pyc.path], contents[source.path], filename)
                comparisons.append(one._replace(release=_release(subject.package, pyc.path)))
            else:
                yield pyc.path, Matched(CodeMatch.UNCHECKED, Obstacle.UNREADABLE)
        yield from _unless_changed(compare(compilers, comparisons), portion, contents)


def _release(package: Package, pyc: InstalledPath) -> str:
    """Return the release of the interpreter that loads a pyc in its system; empty if unknown."""
    name = parse_pyc_name(basename(pyc))
    python = python_of(package.pythons, pyc, name.tag) if name else None
    return python.release if python else ""


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
    """Return what brings contents from a package or a tree, by reading it once more."""

    def fetch(wanted: AbstractSet[InstalledPath]) -> dict[InstalledPath, bytes]:
        found: dict[InstalledPath, bytes] = {}

        def take(path: InstalledPath, content: bytes, _facts: FileFacts) -> None:
            if path in wanted:
                found[path] = content

        read_package(path, ReadingOptions(sink=take, guesses=False, keeps=False))
        return found

    return fetch


def _pairs(package: Package, sources: Sources, settled: dict[InstalledPath, Matched]) -> Portion:
    """Return pycs with their sources; what has no source, or one that it wasn't made of, is settled."""
    pairs: Portion = []
    for pyc in package.files:
        if not isinstance(pyc.facts, PycFacts) or sources.path_of(pyc.path) is None:
            continue
        source = sources.file_of(pyc.path)
        if source is None or not isinstance(source.facts, SourceFacts):
            is_there = sources.is_there(pyc.path)
            settled[pyc.path] = (
                Matched(CodeMatch.UNCHECKED, Obstacle.UNREADABLE) if is_there else Matched(CodeMatch.NO_SOURCE)
            )
        elif staleness(pyc.facts, source) in _NOT_TAKEN:
            settled[pyc.path] = Matched(CodeMatch.STALE)
        else:
            pairs.append((pyc, source))
    return pairs


def _portions(pairs: Portion) -> Iterator[Portion]:
    """Yield as many pairs at a time as may be held."""
    portion: Portion = []
    size = 0
    for pyc, source in pairs:
        portion.append((pyc, source))
        size += pyc.size + source.size
        if size > _HELD:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _comparison(pyc: File, content: bytes, source: bytes, path: InstalledPath) -> Comparison:
    """Put a pyc and its source together; its code may have another file name than `path`, which doesn't count."""
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


def _unless_changed(results: Results, portion: Portion, contents: Mapping[InstalledPath, bytes]) -> Results:
    """Pass results on; a difference of files that were changed since their headers were compared doesn't count."""
    pairs = {pyc.path: (pyc, source) for pyc, source in portion}
    differing = {CodeMatch.DIFFERENT, CodeMatch.OTHER_RELEASE}
    for path, matched in results:
        is_known = matched.match not in differing or all(_is_unchanged(one, contents[one.path]) for one in pairs[path])
        yield path, matched if is_known else Matched(CodeMatch.UNCHECKED, Obstacle.UNREADABLE)


def _is_unchanged(file: File, content: bytes) -> bool:
    match file.facts:
        case PycFacts() as facts:
            body = hashlib.sha256(content[header_size_of(facts) :], usedforsecurity=False)
            return content.startswith(facts.header) and body.hexdigest() == facts.body_digest
        case SourceFacts() as facts:
            return len(content) == facts.size and crc32(content) == facts.crc
        case _:
            return False


def _with_match(file: File, matched: Matched | None) -> File:
    if matched is None or not isinstance(file.facts, PycFacts):
        return file
    return replace(file, facts=replace(file.facts, match=matched.match, obstacle=matched.obstacle))
