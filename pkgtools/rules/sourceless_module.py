# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""sourceless-module: a module that has no source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import EVERYTHING, Hit, rule
from pkgtools.check.subject import sourceless_modules
from pkgtools.model.finding import Page, Persona, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A pyc lies in the place of a source: it is the module.",
    why=(
        "That is legitimate; vendors ship programs so. It can't be read or compiled again, so it runs with "
        "one version of Python only, and a tool that deletes bytecode by its name deletes the program."
    ),
    example="/opt/acme/m.pyc without /opt/acme/m.py",
    fix=(
        'Nothing has to be done. Say `strategy = "sourceless"` in the manifest, and depend on the one version '
        "of Python that it is for."
    ),
    references=("PEP 3147, 'Case 4'",),
)


@rule(title="module without source", severity=Severity.INFO, persona=Persona.AUDITOR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each module that is bytecode alone."""
    for pyc in sourceless_modules(subject):
        of = f" of Python {pyc.version[0]}.{pyc.version[1]}" if pyc.version else ""
        yield Hit(text=f"bytecode{of} that has no source", path=pyc.file.path)
