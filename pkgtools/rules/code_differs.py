# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""code-differs: a pyc that isn't what the interpreter makes of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.repairs import recompile, renew
from pkgtools.check.rule import EVERYTHING, RENEWED, Hit, fixable, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import CodeMatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="The source was compiled again, and the code is not the one in the pyc.",
    why=(
        "Its header fits, so everybody who imports the module runs code that isn't in the source: the pyc was "
        "damaged, changed by hand, or planted."
    ),
    example="a pyc with the right time and size in its header, and another function body",
    fix=("Compile again, and find out who wrote it. `pkgtools verify` names each pyc of a system that differs."),
    references=(
        "PEP 552",
        "pkgtools(1), verify",
    ),
)


@fixable(RENEWED)
@rule(title="code differs from the source", severity=Severity.DANGER, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs that were compared and are different."""
    for pyc in subject.cached:
        if pyc.facts is not None and pyc.facts.match is CodeMatch.DIFFERENT:
            text = "its code is not what its source compiles to"
            repair = recompile(subject, pyc.file.path, force=True)
            yield Hit(text=text, path=pyc.file.path, repair=repair, edits=renew(subject, pyc))
