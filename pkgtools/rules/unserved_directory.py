# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unserved-directory: modules in a directory that no interpreter searches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import Family

from .compilers import is_of_interpreter
from .rule import PACKAGES, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what="Modules are in a directory that looks like one that interpreters search, and isn't.",
    why=(
        "`import` doesn't find them, and no tool compiles them. Debian's interpreters search dist-packages, "
        "those of RPM distributions site-packages of their own version."
    ),
    example="/usr/lib/python3.11/site-packages/acme/__init__.py in a .deb",
    fix=(
        "Install with the distribution's layout: pybuild does, or `--install-layout=deb`; in a spec file "
        "`%{python3_sitelib}`."
    ),
    references=(
        "Debian Python Policy, 'Module Path'",
        "PEP 668",
    ),
)


_WRONG = {
    Family.DPKG: re.compile(r"(/usr/(?:local/)?lib/python3(?:\.\d+)?/site-packages|/usr/lib64/python3[^/]*)/.+"),
    Family.RPM: re.compile(r"(/usr/lib(?:64)?/python3(?:(?:\.\d+)?/dist-packages|/site-packages))/.+"),
}


def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such directory once, with the number of its modules."""
    pattern = _WRONG.get(subject.package.family)
    if pattern is None or is_of_interpreter(subject.package):
        return
    found: dict[str, int] = {}
    for file in subject.modules:
        if match := pattern.fullmatch(file.path):
            found[match[1]] = found.get(match[1], 0) + 1
    for directory, number in sorted(found.items()):
        yield Hit(text=f"{number} modules, and no interpreter of this kind of system searches here", path=directory)


RULE = Rule(
    facts=RuleFacts(
        id="unserved-directory",
        title="modules that no interpreter finds",
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKAGES,
    find=find,
)
