# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What interpreters of this machine make of sources, and whether that is what a pyc holds.

They are asked in disposable processes with limits to memory and time, isolated as at installation; the worker is the
one that compiles there. Nothing of a package is imported or run: sources are compiled, pycs are unmarshalled in a
worker only.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.model.package import CodeMatch, Obstacle, SyntaxFault
from pkgtools.runtime.compile.exchange import CompileRequest, LevelTask
from pkgtools.runtime.compile.pool import Pool, worker_code
from pkgtools.runtime.compile.pyc import header_size
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath, Reason
from pkgtools.runtime.pythons import CPYTHON, RELEASED_MAGICS, is_interpreter_name
from pkgtools.runtime.system.interpreters import describe, find_interpreters, isolated
from pkgtools.runtime.system.trust import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pkgtools.runtime.facts import Interpreter

_TIMEOUT = 60.0
_FAULTS = frozenset(one.value for one in (Reason.NO_WORKER, Reason.WORKER_CRASH, Reason.TIMEOUT, Reason.OUT_OF_MEMORY))
"""What may be the environment's fault, and not that of a source or pyc."""
_LINE = re.compile(r"\(line (\d+)\)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilers:
    """Interpreters of this machine, and how many workers each may have."""

    interpreters: tuple[Interpreter, ...]
    """Sorted by version; those that were named come before those of /usr/bin."""
    workers: int
    """How many processes of one interpreter compile at once."""

    @property
    def cpythons(self) -> tuple[Interpreter, ...]:
        """Those whose grammar is the reference, one of each version."""
        by_version = {one.version: one for one in reversed(self.interpreters) if one.implementation == CPYTHON.name}
        return tuple(by_version[version] for version in sorted(by_version))

    def of_magic(self, magic: bytes, release: str = "") -> Interpreter | None:
        """Return the interpreter that loads pycs which begin so, None if this machine has none.

        If there are several, it is the one of a release, such as `3.11.2`, if that is among them.
        """
        fitting = [one for one in self.interpreters if one.magic == magic]
        if release and len(fitting) > 1:
            fitting.sort(key=lambda one: release_of(one) != release)
        return fitting[0] if fitting else None

    def of_tag(self, tag: str, release: str = "") -> Interpreter | None:
        """Return the interpreter that writes what a release loads by a cache tag, None if this machine has none.

        An alpha has the tag of its version and other magic numbers, so where the release isn't known none is taken.
        """
        fitting = (one for one in self.interpreters if one.cache_tag == tag)
        if release:
            return next((one for one in fitting if release_of(one) == release), None)
        return next((one for one in fitting if _is_as_released(one)), None)


class Comparison(NamedTuple):
    """A pyc and the source that it should have been made of."""

    path: InstalledPath
    """The pyc's."""
    pyc: bytes
    """All of it."""
    source: bytes
    """The source's content, undecoded."""
    filename: str
    """The file name that its code has."""
    level: int
    """Optimization level."""
    release: str = ""
    """The release of the interpreter that serves it in its system, as `3.11.2`; empty if that isn't known."""


class Tried(NamedTuple):
    """What the interpreters made of one source."""

    versions: tuple[str, ...]
    """Those that compiled or refused it, as `3.11`; the others crashed, or took too much time or memory."""
    faults: tuple[SyntaxFault, ...]
    """One for each that refused it."""


class Matched(NamedTuple):
    """What came of one comparison."""

    match: CodeMatch
    """How the pyc's code and the compiled code compare."""
    obstacle: Obstacle | None = None
    """Why there is no result that holds."""


def find_compilers(extra: Iterable[InstalledPath] = (), workers: int | None = None) -> Compilers:
    """Find the interpreters in /usr/bin, and add others: by their paths, or all below directories.

    Raises UsageError for a program that doesn't run, and for a directory without one that does.
    """
    tree = Tree("/")
    installed = find_interpreters(tree, remember=False).interpreters
    tree.close()
    named = [one for path in extra for one in (_below(path) if Path(path).is_dir() else [_described(path)])]
    by_path = {one.path: one for one in (*named, *installed)}
    ordered = sorted(by_path.values(), key=lambda one: (one.implementation, one.version))
    return Compilers(interpreters=tuple(ordered), workers=workers or os.cpu_count() or 1)


def _below(directory: InstalledPath) -> list[Interpreter]:
    """Return the interpreters in directories called bin, each once, however many links lead to it."""
    programs: dict[str, InstalledPath] = {}
    for above, folders, names in os.walk(directory):
        folders.sort()
        for name in sorted(names) if above.endswith("/bin") else ():
            path = InstalledPath(f"{above}/{name}")
            if is_interpreter_name(name) and os.access(path, os.X_OK):
                programs.setdefault(os.path.realpath(path), path)
    found = [described for path in programs.values() if (described := describe(path)) is not None]
    if not found:
        raise UsageError(f"{directory}: no Python that runs on this machine is below it")
    return found


def _described(path: InstalledPath) -> Interpreter:
    found = describe(path)
    if found is None:
        raise UsageError(f"{path}: no Python that runs on this machine")
    return found


def release_of(interpreter: Interpreter) -> str:
    """Return the release of an interpreter of this machine, as `3.11.2` or `3.13.0rc2` (sys.hexversion)."""
    major, minor, micro, last = bytes.fromhex(interpreter.release)
    stage = {0xA: "a", 0xB: "b", 0xC: "rc"}.get(last >> 4)
    return f"{major}.{minor}.{micro}" + (f"{stage}{last & 0xF}" if stage else "")


def _is_as_released(interpreter: Interpreter) -> bool:
    """Whether the releases of a CPython's version load its pycs; of other implementations that isn't known."""
    released = RELEASED_MAGICS.get(interpreter.version, interpreter.magic)
    return interpreter.implementation != CPYTHON.name or interpreter.magic == released


def compile_sources(compilers: Compilers, sources: Mapping[InstalledPath, bytes]) -> dict[InstalledPath, Tried]:
    """Let a CPython of each version compile each source, and return what they refused; all paths are in the answer."""
    tried: dict[InstalledPath, list[str]] = {path: [] for path in sources}
    faults: dict[InstalledPath, list[SyntaxFault]] = {path: [] for path in sources}
    for interpreter in compilers.cpythons:
        version = "{}.{}".format(*interpreter.version)
        some = [Comparison(path, b"", source, path, 0) for path, source in sources.items()]
        for one, status, body in _ask_twice(compilers, interpreter, some, "compile"):
            if status not in _FAULTS:
                tried[one.path].append(version)
                faults[one.path] += [_fault(version, body, status)] if status != "compiled" else []
    return {path: Tried(tuple(tried[path]), tuple(faults[path])) for path in sources}


def compare(compilers: Compilers, comparisons: Iterable[Comparison]) -> Iterator[tuple[InstalledPath, Matched]]:
    """Compile each source with the interpreter that loads its pyc, and return how the code compares; in any order."""
    by_interpreter: dict[Interpreter, list[Comparison]] = {}
    for one in comparisons:
        interpreter = compilers.of_magic(one.pyc[:4], one.release)
        if interpreter is None:
            yield one.path, Matched(CodeMatch.UNCHECKED, Obstacle.NO_INTERPRETER)
        else:
            by_interpreter.setdefault(interpreter, []).append(one)
    for interpreter, some in by_interpreter.items():
        yield from _compare_with(compilers, interpreter, some)


def _compare_with(
    compilers: Compilers, interpreter: Interpreter, some: list[Comparison]
) -> Iterator[tuple[InstalledPath, Matched]]:
    size = header_size(interpreter.version)
    others = []
    for one, status, body in _ask_twice(compilers, interpreter, some, "compile"):
        if status == "compiled" and body == one.pyc[size:]:
            yield one.path, Matched(CodeMatch.IDENTICAL)
        elif status in _FAULTS:
            yield one.path, Matched(CodeMatch.UNCHECKED, Obstacle.WORKER)
        else:
            others.append(one)
    for one, status, _ in _ask_twice(compilers, interpreter, others, "equal"):
        if status == "same":
            yield one.path, Matched(CodeMatch.EQUAL)
        elif status == Reason.NO_WORKER.value:
            yield one.path, Matched(CodeMatch.UNCHECKED, Obstacle.WORKER)
        elif one.release and one.release != release_of(interpreter):
            yield one.path, Matched(CodeMatch.OTHER_RELEASE, Obstacle.OTHER_RELEASE)
        else:  # a worker compiled this source before: if it fails now, the pyc is why
            yield one.path, Matched(CodeMatch.DIFFERENT)


def _ask_twice(
    compilers: Compilers, interpreter: Interpreter, some: list[Comparison], action: str
) -> Iterator[tuple[Comparison, str, bytes]]:
    """Ask, and once more in new processes where one failed or found a difference: a full machine may be why."""
    failed = []
    for one, status, body in _ask(compilers, interpreter, some, action):
        if status in _FAULTS or (action == "equal" and status != "same"):
            failed.append(one)
        else:
            yield one, status, body
    if failed:
        yield from _ask(replace(compilers, workers=1), interpreter, failed, action)


def _ask(
    compilers: Compilers, interpreter: Interpreter, some: list[Comparison], action: str
) -> Iterator[tuple[Comparison, str, bytes]]:
    def requests() -> Iterator[tuple[Comparison, CompileRequest]]:
        for one in some:
            found = one.pyc[header_size(interpreter.version) :] if action == "equal" else b""
            yield one, CompileRequest(one.filename, one.source, False, (LevelTask(one.level, action, found),))

    pool: Pool[Comparison] = Pool(_command(interpreter), compilers.workers, _TIMEOUT)
    for one, answer in pool.run(requests()):
        yield one, answer.results[0].status, answer.results[0].body


def _command(interpreter: Interpreter) -> tuple[str, ...]:
    return isolated(interpreter.path, worker_code())


def _fault(version: str, body: bytes, reason: str) -> SyntaxFault:
    text = body.decode("utf-8", "replace")
    found = _LINE.search(text)
    return SyntaxFault(version=version, text=text, line=int(found[1]) if found else None, reason=reason)
