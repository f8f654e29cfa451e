# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""undeclared-version: bytecode for a version of Python that the package doesn't ask for."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.runtime.layout import ANY_VERSION, tag_version

from .rule import PACKED, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=("The tag of a shipped pyc stands for a version of Python that the package's dependencies leave out."),
    why=(
        "The interpreter that gets installed with the package looks for another name: it finds no bytecode, "
        "and compiles at run time."
    ),
    example="Requires: python(abi) = 3.11, and m.cpython-39.pyc",
    fix=(
        "Compile with the interpreter that the package depends on; don't let tests of other versions leave "
        "their caches in the tree."
    ),
    references=("PEP 3147",),
)


_CPYTHON = "cpython-"
"""What dependencies say of python3 they don't say of PyPy."""


def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for each directory and version."""
    if subject.python == ANY_VERSION:
        return
    seen = set()
    for pyc in subject.cached:
        version = tag_version(pyc.name.tag) if pyc.name and pyc.name.tag.startswith(_CPYTHON) else None
        place = (dirname(pyc.file.path), version)
        if version is not None and version not in subject.python and place not in seen:
            seen.add(place)
            text = f"bytecode for Python {version[0]}.{version[1]}, which the dependencies leave out"
            yield Hit(text=text, path=pyc.file.path)


RULE = Rule(
    facts=RuleFacts(
        id="undeclared-version",
        title="bytecode for a version that isn't asked for",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKED,
    find=find,
)
