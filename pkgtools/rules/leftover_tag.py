# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""leftover-tag: bytecode of an interpreter that isn't there any more."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.repairs import remove_tag
from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.model.finding import Confidence, Page, Persona, Severity
from pkgtools.readers.system.installed_pythons import python_of
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "A pyc that no package owns is for a version of Python that this system doesn't have: no program of /usr/bin, "
        "of the directory beside its library, or of its application has that tag."
    ),
    why=("Nothing reads it. It takes space, and keeps its directory from being removed with the package."),
    example="m.cpython-39.pyc, and /usr/bin has python3.11 only",
    fix=(
        "pkgtools-clean -V VERSION DIR removes those of one version. An application that brings its own "
        "interpreter is right to have them: what lies outside of the public directories is left alone."
    ),
    references=("pkgtools-clean(1)",),
)


@rule(
    title="bytecode of an interpreter that is gone",
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
    kinds=SYSTEMS,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield them: each public one, and one of each other application, for those may bring interpreters of their own."""
    if not subject.package.tags:
        return
    told = set()
    for pyc in subject.cached:
        if pyc.name is None or pyc.name.tag in subject.package.tags or pyc.file.package:
            continue
        if python_of(subject.package.pythons, pyc.file.path, pyc.name.tag):
            continue
        above = InstalledPath(dirname(dirname(pyc.file.path)))
        application = (pyc.name.tag, "/".join(above.split("/")[:4]))
        if not is_public(above) and application in told:
            continue
        told.add(application)
        severity = None if is_public(above) else Severity.INFO
        repair = remove_tag(subject.package, pyc.file.path, pyc.name.tag) if is_public(above) else ""
        text = f"no interpreter here has the tag {pyc.name.tag}"
        yield Hit(text=text, path=pyc.file.path, severity=severity, repair=repair)
