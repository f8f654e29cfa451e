# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""temporary-file: a temporary file of a compiler that died."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.check.repairs import recompile
from pkgtools.check.rule import EVERYTHING, Hit, fixable, rule
from pkgtools.check.subject import is_cached
from pkgtools.model.edits import RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.policy.layout import parse_temporary_name
from pkgtools.runtime.system.temporaries import token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


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


@fixable("removes it")
@rule(title="left over temporary file", severity=Severity.WARNING, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such file."""
    for file in subject.package.files:
        name = basename(file.path)
        if is_cached(file.path) and (parse_temporary_name(name) or token_of(name)):
            yield Hit(
                text="left by a compiler that was killed",
                path=file.path,
                repair=recompile(subject, file.path),
                edits=(RemoveFile(path=file.path),),
            )
