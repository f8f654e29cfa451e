# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""sourceless-module: a module that has no source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity

from .rule import EVERYTHING, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what="A pyc lies in the place of a source: it is the module.",
    why=(
        "That is legitimate; vendors ship programs so. Nobody can read it or compile it anew, so it runs with "
        "one version of Python only, and a tool that deletes bytecode by its name deletes the program."
    ),
    example="/opt/acme/m.pyc without /opt/acme/m.py",
    fix=(
        'Nothing has to be done. Say `strategy = "sourceless"` in the manifest, and depend on the one version '
        "of Python that it is for."
    ),
    references=("PEP 3147, 'Case 4'",),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield each module that is bytecode alone."""
    for pyc in subject.loose:
        if pyc.source is None and pyc.file.path.endswith(".pyc"):
            of = f" of Python {pyc.version[0]}.{pyc.version[1]}" if pyc.version else ""
            yield Hit(text=f"bytecode{of} that has no source", path=pyc.file.path)


RULE = Rule(
    facts=RuleFacts(
        id="sourceless-module",
        title="module without source",
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        persona=Persona.AUDITOR,
        page=_PAGE,
    ),
    kinds=EVERYTHING,
    find=find,
)
