# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Does it compile? Sources are collected while a package is read, and put to interpreters in portions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pkgtools.model.package import SourceFacts

from .fitting import Fitting
from .python2 import sign_in_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.model.package import File, FileFacts, Package
    from pkgtools.runtime.facts import InstalledPath

    from .compiling import Compilers

_PORTION = 8 << 20
"""Bytes of sources that are held at once."""


class SyntaxCheck:
    """One package's sources on their way to the interpreters."""

    def __init__(self, find: Callable[[], Compilers], *, every: bool) -> None:
        """`find` is called when the first source is to be compiled: `every` one, or those that look suspicious."""
        self._find = find
        self._every = every
        self._compilers: Compilers | None = None
        self._held: dict[InstalledPath, bytes] = {}
        self._size = 0
        self._found: dict[InstalledPath, SourceFacts] = {}

    def take(self, path: InstalledPath, content: bytes, facts: FileFacts) -> None:
        """Look at what passes by; a `Look`'s sink."""
        if isinstance(facts, SourceFacts) and (self._every or facts.is_suspect):
            self._held[path] = content
            self._found[path] = facts
            self._size += len(content)
            if self._size > _PORTION:
                self._compile()

    def told(self, package: Package) -> Package:
        """Return the package with what the interpreters said."""
        self._compile()
        if not self._found:
            return package
        fitting = Fitting(package)
        return replace(package, files=tuple(self._with_answer(one, fitting) for one in package.files))

    def _with_answer(self, file: File, fitting: Fitting) -> File:
        """Keep what the interpreters said that a source is for."""
        said = self._found.get(file.path)
        if said is None or not isinstance(file.facts, SourceFacts):
            return file
        tried = tuple(one for one in said.tried if fitting.fits(file.path, _version(one)))
        faults = tuple(one for one in said.faults if one.version in tried)
        python2 = said.python2 if tried else ""  # 3.14 takes what was the same in Python 2 (PEP 758)
        return replace(file, facts=replace(file.facts, tried=tried, faults=faults, is_unfit=not tried, python2=python2))

    def _compile(self) -> None:
        if not self._held:
            return
        from .compiling import compile_sources  # noqa: PLC0415 - the machinery of processes, which few packages need

        self._compilers = self._compilers or self._find()
        for path, tried in compile_sources(self._compilers, self._held).items():
            lines = [fault.line for fault in tried.faults if fault.line is not None]
            is_refused = bool(lines) and len(tried.faults) == len(tried.versions)
            python2 = sign_in_line(self._held[path], lines[0]) if is_refused else ""
            facts = replace(self._found[path], tried=tried.versions, faults=tried.faults, python2=python2)
            self._found[path] = facts
        self._held.clear()
        self._size = 0


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)
