# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""python2-leftover: what only Python 2 can use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity

from .places import is_documentation
from .rule import PACKAGES, Hit, Rule
from .subject import source_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=(
        "A source that only Python 2 understands, or a directory that only Python 2 searches, in a package "
        "that doesn't depend on it."
    ),
    why=(
        "No supported distribution has Python 2: the files are dead, and each tool that compiles reports them "
        "as broken."
    ),
    example=('/usr/lib/python2.7/dist-packages/acme.py\nprint "hello"'),
    fix="Drop the files, or port them.",
    references=(
        "PEP 373",
        "Debian Python Policy, 'Python 2'",
    ),
)


_PLACES = re.compile(r"(/usr/lib/python2[^/]*|/usr/lib/pymodules|/usr/share/pyshared|/usr/share/python-support)/.+")
_PYTHON2 = re.compile(r"python2\b.*|libpython2.*|python \(.*|python:any.*|python", re.DOTALL)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield directories and sources that are for Python 2."""
    if any(_PYTHON2.fullmatch(dependency) for dependency in subject.package.dependencies):
        return
    places = {match[1] for file in subject.modules if (match := _PLACES.fullmatch(file.path))}
    yield from (Hit(text="only Python 2 searches here", path=place) for place in sorted(places))
    for file in subject.sources:
        facts = source_facts(file)
        if facts is not None and facts.python2 and not is_documentation(file.path):
            yield Hit(text=f"only Python 2 understands {facts.python2}", path=file.path, line=facts.faults[0].line)


RULE = Rule(
    facts=RuleFacts(
        id="python2-leftover",
        title="left over from Python 2",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKAGES,
    find=find,
)
