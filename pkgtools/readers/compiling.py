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
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.model.package import CodeMatch, SyntaxFault
from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.interpreters import describe, find_interpreters, isolated
from pkgtools.runtime.pool import Pool, Request, Task, worker_code
from pkgtools.runtime.pyc import header_size
from pkgtools.runtime.trust import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pkgtools.runtime.facts import InstalledPath, Interpreter

_TIMEOUT = 60.0
_LINE = re.compile(r"\(line (\d+)\)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compilers:
    """Interpreters of this machine, and how many workers each may have."""

    interpreters: tuple[Interpreter, ...]
    """Sorted by version; one for each magic number."""
    workers: int

    @property
    def cpythons(self) -> tuple[Interpreter, ...]:
        """Those whose grammar is the reference."""
        return tuple(one for one in self.interpreters if one.implementation == "cpython")

    def of_magic(self, magic: bytes) -> Interpreter | None:
        """Return the interpreter that loads pycs which begin so, None if this machine has none."""
        return next((one for one in self.interpreters if one.magic == magic), None)


class Comparison(NamedTuple):
    """A pyc and the source that it should have been made of."""

    path: InstalledPath
    """The pyc's."""
    pyc: bytes
    """All of it."""
    source: bytes
    filename: str
    """The file name that its code has."""
    level: int
    """Optimization level."""


def find_compilers(extra: Iterable[InstalledPath] = (), workers: int | None = None) -> Compilers:
    """Find the interpreters in /usr/bin, and add others by their paths. Raises UsageError for one that doesn't run."""
    tree = Tree("/")
    installed = find_interpreters(tree, remember=False).interpreters
    tree.close()
    named = [_described(path) for path in extra]
    by_magic = {one.magic: one for one in (*installed, *named)}
    ordered = sorted(by_magic.values(), key=lambda one: (one.implementation, one.version))
    return Compilers(interpreters=tuple(ordered), workers=workers or os.cpu_count() or 1)


def _described(path: InstalledPath) -> Interpreter:
    found = describe(path)
    if found is None:
        raise UsageError(f"{path}: no Python that runs on this machine")
    return found


def compile_sources(
    compilers: Compilers, sources: Mapping[InstalledPath, bytes]
) -> dict[InstalledPath, list[SyntaxFault]]:
    """Let every CPython compile each source, and return what they refused; all paths are in the answer."""
    faults: dict[InstalledPath, list[SyntaxFault]] = {path: [] for path in sources}
    for interpreter in compilers.cpythons:
        version = "{}.{}".format(*interpreter.version)
        requests = (
            (path, Request(path, source, False, (Task(0, "compile", b""),))) for path, source in sources.items()
        )
        pool: Pool[InstalledPath] = Pool(_command(interpreter), compilers.workers, _TIMEOUT)
        for path, answer in pool.run(requests):
            if answer.results[0].status != "compiled":
                faults[path].append(_fault(version, answer.results[0].body))
    return faults


def compare(compilers: Compilers, comparisons: Iterable[Comparison]) -> Iterator[tuple[InstalledPath, CodeMatch]]:
    """Compile each source with the interpreter that loads its pyc, and tell how the code compares; in any order."""
    by_magic: dict[bytes, list[Comparison]] = {}
    for one in comparisons:
        by_magic.setdefault(one.pyc[:4], []).append(one)
    for magic, some in by_magic.items():
        interpreter = compilers.of_magic(magic)
        if interpreter is None:
            yield from ((one.path, CodeMatch.UNCHECKED) for one in some)
        else:
            yield from _compare_with(compilers, interpreter, some)


def _compare_with(
    compilers: Compilers, interpreter: Interpreter, some: list[Comparison]
) -> Iterator[tuple[InstalledPath, CodeMatch]]:
    size = header_size(interpreter.version)
    others = []
    for one, status, body in _ask(compilers, interpreter, some, "compile"):
        if status == "compiled" and body == one.pyc[size:]:
            yield one.path, CodeMatch.IDENTICAL
        else:
            others.append(one)
    for one, status, _ in _ask(compilers, interpreter, others, "equal"):
        yield one.path, CodeMatch.EQUAL if status == "same" else CodeMatch.DIFFERENT


def _ask(
    compilers: Compilers, interpreter: Interpreter, some: list[Comparison], action: str
) -> Iterator[tuple[Comparison, str, bytes]]:
    def requests() -> Iterator[tuple[Comparison, Request]]:
        for one in some:
            found = one.pyc[header_size(interpreter.version) :] if action == "equal" else b""
            yield one, Request(one.filename, one.source, False, (Task(one.level, action, found),))

    pool: Pool[Comparison] = Pool(_command(interpreter), compilers.workers, _TIMEOUT)
    for one, answer in pool.run(requests()):
        yield one, answer.results[0].status, answer.results[0].body


def _command(interpreter: Interpreter) -> tuple[str, ...]:
    return isolated(interpreter.path, worker_code())


def _fault(version: str, body: bytes) -> SyntaxFault:
    text = body.decode("utf-8", "replace")
    found = _LINE.search(text)
    return SyntaxFault(version=version, text=text, line=int(found[1]) if found else None)
