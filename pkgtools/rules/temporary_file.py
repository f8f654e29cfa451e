# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""temporary-file: a temporary file of a compiler that died."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.runtime.layout import parse_temporary_name
from pkgtools.runtime.temporaries import token_of

from .repairs import recompile
from .rule import EVERYTHING, Hit, Rule
from .subject import is_cached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what="A cache directory holds the temporary file of a compilation that was killed.",
    why=("Nothing ever reads or removes it, and it keeps the directory from being removed with the package."),
    example="/usr/share/acme/__pycache__/m.cpython-311.pyc.140231",
    fix=(
        "Remove it from the package. Of those on a system, the next `pkgtools-compile` of the directory removes its "
        "own."
    ),
    references=("pkgtools-compile(1)",),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such file."""
    for file in subject.package.files:
        name = basename(file.path)
        if is_cached(file.path) and (parse_temporary_name(name) or token_of(name)):
            yield Hit(text="left by a compiler that was killed", path=file.path, repair=recompile(subject, file.path))


RULE = Rule(
    facts=RuleFacts(
        id="temporary-file",
        title="left over temporary file",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=EVERYTHING,
    find=find,
)
