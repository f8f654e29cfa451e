# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unchecked-hash-pyc: a pyc that no interpreter ever compares with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import EVERYTHING, Hit, rule
from pkgtools.check.subject import unchecked_hash_pycs
from pkgtools.model.finding import Page, Persona, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A pyc is of the kind that interpreters take as it is, whatever the source says.",
    why=(
        "That is what reproducible builds and read-only images want. On a system where sources are edited or "
        "patched, the old code goes on running, unless they are told `--check-hash-based-pycs always`."
    ),
    example="flags 1 in the header: unchecked-hash",
    fix=(
        "Use checked-hash or timestamp pycs where sources may change after installation; else let `pkgtools "
        "verify` compare them."
    ),
    references=("PEP 552",),
)


@rule(
    title="bytecode that is never compared",
    severity=Severity.INFO,
    persona=Persona.AUDITOR,
    kinds=EVERYTHING,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such pyc."""
    for pyc in unchecked_hash_pycs(subject):
        yield Hit(text="import takes it without a look at its source", path=pyc.file.path)
