# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""stale-pyc: a pyc whose header is not that of the source beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.headers import Staleness, staleness
from pkgtools.check.repairs import recompile, renew
from pkgtools.check.rule import EVERYTHING, RENEWED, Hit, fixable, rule
from pkgtools.model.finding import Page, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A pyc was made of another version of the source than the one that lies there.",
    why=(
        "The interpreter compares time and size, or the hash, and compiles again at every start by users "
        "who can't write there: the pyc is worthless. An unchecked-hash pyc is never compared: the old code "
        "runs, whatever the source says."
    ),
    example="m.py of 2024-05-01, and a pyc that says it was made of a source of 2024-04-30",
    fix=(
        "Compile after the last change of the sources, times included: rpm clamps them when it packs, makepkg "
        "sets them all. Or use checked-hash pycs, which don't depend on times."
    ),
    references=(
        "PEP 552",
        "https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation",
    ),
)


_TEXTS = {
    Staleness.TIME: "made of a source with another time",
    Staleness.SIZE: "made of a source with another size",
    Staleness.HASH: "made of a source with another content; it is compared at each start",
    Staleness.UNCHECKED: "made of a source with another content, and never compared: the old code runs",
}


@fixable(RENEWED)
@rule(title="stale bytecode", severity=Severity.WARNING, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs whose header doesn't fit the source."""
    for pyc in subject.cached:
        stale = staleness(pyc.facts, pyc.source) if pyc.facts and pyc.source else None
        if stale is not None:
            severity = Severity.ERROR if stale is Staleness.UNCHECKED else None
            text, repair = _TEXTS[stale], recompile(subject, pyc.file.path)
            edits = renew(subject, pyc)
            yield Hit(text=text, path=pyc.file.path, severity=severity, repair=repair, edits=edits)
