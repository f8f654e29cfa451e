# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""pyc-without-source: a pyc in a cache directory whose source isn't there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.repairs import clean_orphans
from pkgtools.check.rule import EVERYTHING, Hit, fixable, rule
from pkgtools.model.edits import RemoveFile
from pkgtools.model.finding import Confidence, Page, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A pyc lies in a cache directory and there is no source that it is the cache of.",
    why=(
        "Import never looks into a cache directory without a source: the file is dead weight, and a leftover "
        "that keeps the directory from being removed."
    ),
    example="/usr/share/acme/__pycache__/m.cpython-311.pyc without /usr/share/acme/m.py",
    fix=(
        "Ship the source, or put the pyc into the source's place (`m.pyc`), where it is a module of its own. "
        "A package of bytecode alone, for sources in another package, is fine if both come from one build: their "
        "times have to agree. On a system, `pkgtools-clean --orphans DIR` removes what no package owns."
    ),
    references=(
        "PEP 3147, 'Case 3'",
        "pkgtools-clean(1)",
    ),
)


_ALPINE = "-pyc"
"""Ends the names of Alpine's packages of bytecode alone."""


@fixable("removes the pyc, unless another package may have its source")
@rule(
    title="cache without source",
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    kinds=EVERYTHING,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield cached pycs without a source."""
    package = subject.package
    is_split = not subject.sources and (bool(package.dependencies) or package.name.endswith(_ALPINE))
    for pyc in subject.cached:
        if pyc.name is not None and pyc.source is None:
            repair = "" if pyc.file.package else clean_orphans(subject, pyc.file.path)
            severity = Severity.INFO if is_split else None
            there = ", unless another package ships it" if is_split else ""
            text = f"its source {pyc.name.stem}.py is not there{there}"
            edits = () if is_split else (RemoveFile(path=pyc.file.path),)
            yield Hit(text=text, path=pyc.file.path, severity=severity, repair=repair, edits=edits)
