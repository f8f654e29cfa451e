# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""minimal-lacks-module: a package depends on python3-minimal and imports what only python3 has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.places import is_documentation, is_for_tests
from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Confidence, Page, Severity
from pkgtools.model.package import Kind, ProgramFacts, SourceFacts
from pkgtools.runtime.pythons import CPYTHON_NAME, SHARED_NAME
from pkgtools.shell.compilers import is_of_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "A package depends on python3-minimal and on no other package of Python, and a program or module of it imports "
        "a module that python3-minimal lacks, such as tarfile, shlex or asyncio."
    ),
    why=(
        "On a system without python3, a container or an installer's environment, the program ends with "
        "ModuleNotFoundError. Where python3 happens to be installed it works, and so tests do not show it."
    ),
    example="Depends: python3-minimal\n\n#!/usr/bin/python3\nimport tarfile",
    fix="Depend on python3 (`${python3:Depends}`), or import the module only where it may be missing, in a try.",
    references=(
        "Debian Python Policy, 'The minimal Python interpreter'",
        "/usr/share/doc/python3.N-minimal/README.Debian",
    ),
)
_MINIMAL = re.compile(rf"(?:{SHARED_NAME}|{CPYTHON_NAME})-minimal(?:[ :(].*)?")
_WHOLE = re.compile(rf"(?:lib)?{SHARED_NAME}(?!\S*-minimal).*", re.DOTALL)
"""The interpreter, its standard library, or a library for it, which depends on the interpreter."""


@rule(
    title="imports what python3-minimal lacks",
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each program and module that imports such a module without a try around it."""
    asked = [one.strip() for all_of in subject.package.dependencies for one in all_of.split("|")]
    if not any(map(_MINIMAL.fullmatch, asked)) or any(map(_WHOLE.fullmatch, asked)):
        return
    if is_of_interpreter(subject.package):
        return
    for file in subject.package.files:
        facts = file.facts
        if not isinstance(facts, SourceFacts | ProgramFacts) or is_documentation(file.path) or is_for_tests(file.path):
            continue
        if facts.beyond_minimal:
            yield Hit(text=f"imports {', '.join(facts.beyond_minimal)}", path=file.path)
