# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which sources of a system have no bytecode because they do not compile, or only under Python 2."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pkgtools.bytecode.compiling import compile_sources
from pkgtools.bytecode.python2 import looks_like_python2
from pkgtools.model.package import SourceFacts

from .expected_bytecode import expected_bytecode
from .subject import arrange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.bytecode.compiling import Compilers
    from pkgtools.model.content import Fetch
    from pkgtools.model.package import Package
    from pkgtools.runtime.facts import InstalledPath

_HELD = 32 << 20
"""Bytes of sources that are held at once."""


def explain_missing(package: Package, compilers: Compilers | None, fetch: Fetch) -> Package:
    """Return a system that says of sources without bytecode why they have none: Python 2, or what compilers say.

    Without compilers the text alone decides what is for Python 2; a source that one of them compiles is not. Where
    nothing compiles modules, no other source is tried: an image may have none compiled. Raises what `fetch` does.
    """
    found: dict[InstalledPath, SourceFacts] = {}
    facts = {one.path: one.facts for one in package.files if isinstance(one.facts, SourceFacts)}
    for portion in _portions(package):
        contents = fetch(portion)
        suspects = {path for path, content in contents.items() if looks_like_python2(content)}
        asked = {path: content for path, content in contents.items() if package.compiler or path in suspects}
        tried = compile_sources(compilers, asked) if compilers is not None and asked else {}
        for path in facts.keys() & {*tried, *suspects}:
            faults = tried[path].faults if path in tried else ()
            is_refused = path not in tried or len(faults) == len(tried[path].versions)
            is_suspect = path in suspects and is_refused
            found[path] = replace(facts[path], is_suspect=is_suspect, refusals=() if is_suspect else faults)
    return replace(package, files=tuple(replace(one, facts=found.get(one.path, one.facts)) for one in package.files))


def _portions(package: Package) -> Iterator[set[InstalledPath]]:
    """Yield the sources without bytecode, as many at a time as may be held."""
    subject = arrange(package)
    portion: set[InstalledPath] = set()
    size = 0
    for path in sorted({one.source.path for expected in expected_bytecode(subject) for one in expected.missing}):
        portion.add(path)
        size += subject.files[path].size
        if size > _HELD:
            yield portion
            portion, size = set(), 0
    if portion:
        yield portion
