# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""build-path-in-pyc: a pyc whose code names a file of the build machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity

from .rule import PACKAGES, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what="The file name in a pyc's code is not the path that the source has once it is installed.",
    why=(
        "Tracebacks and debuggers look for a file that isn't there and show no source lines; the path tells "
        "of the build machine; and a build in another directory makes other bytes."
    ),
    example="co_filename '/build/acme-1.0/debian/acme/usr/share/acme/m.py'",
    fix="Compile with the installed name: `python3 -m compileall -s BUILDROOT -p /`, or `pkgtools stage`.",
    references=(
        "https://docs.python.org/3/library/compileall.html",
        "https://reproducible-builds.org/docs/build-path/",
    ),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs with another absolute path in their code."""
    for pyc in (*subject.cached, *subject.loose):
        facts = pyc.facts
        if facts is not None and not facts.names_itself and facts.filename:
            yield Hit(text=f"its code says that it is from {facts.filename}", path=pyc.file.path)


RULE = Rule(
    facts=RuleFacts(
        id="build-path-in-pyc",
        title="build path inside",
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKAGES,
    find=find,
)
