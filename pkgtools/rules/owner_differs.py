# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""owner-differs: a pyc with another owner than its source."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.repairs import COMPILE, in_system
from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.check.trusted import is_roots
from pkgtools.model.finding import Page, Persona, Severity
from pkgtools.runtime.policy.layout import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A pyc has another owner than its source, and neither is root's.",
    why=(
        "`sudo` in a virtual environment or a web server's first request leave caches that the owner of the "
        "sources can neither replace nor remove."
    ),
    example="-rw-r--r-- root m.cpython-311.pyc, and m.py belongs to deploy",
    fix=("Remove the pyc as its owner, and compile as the owner of the sources: pkgtools-compile --as-owner."),
    references=("pkgtools-compile(1)",),
)


@rule(
    title="pyc of another owner than its source",
    severity=Severity.WARNING,
    persona=Persona.AUDITOR,
    kinds=SYSTEMS,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs whose sources belong to a user; those of root's sources are the business of wrong-cache-owner."""
    for pyc in subject.cached:
        source = pyc.source
        if source is None or is_public(source.path):  # there all must be root's
            continue
        if not is_roots(subject, source) and pyc.file.uid != source.uid:
            text = f"belongs to user {pyc.file.uid}, its source to {source.uid}"
            repair = in_system(subject.package, COMPILE, "--as-owner", dirname(source.path))
            yield Hit(text=text, path=pyc.file.path, repair=repair)
