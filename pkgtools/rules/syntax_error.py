# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""syntax-error: a source that no interpreter compiles which it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.places import is_documentation, is_for_tests
from pkgtools.check.rule import EVERYTHING, Hit, rule
from pkgtools.check.subject import source_facts
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.policy.layout import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="No interpreter that was asked compiles the source, of those that the package is for.",
    why=(
        "`import` raises SyntaxError. At installation py3compile reports it and fails, which leaves the "
        "package half configured; other tools stop there and leave all that follows uncompiled."
    ),
    example="SyntaxError: expected ':' (line 12)",
    fix=(
        "Mend or drop the file. Data and templates that are only called .py get another name, or are "
        "excluded: `-X` of py3compile and dh_python3, `exclude` in the manifest."
    ),
    references=(
        "py3compile(1)",
        "pkgtools-compile(1)",
    ),
)


@rule(title="source that doesn't compile", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield sources with faults, but for those that only Python 2 understands, which have a rule of their own."""
    for file in subject.sources:
        facts = source_facts(file)
        if facts is None or len(facts.faults) < len(facts.tried) or facts.python2 or is_documentation(file.path):
            continue
        for fault in facts.faults[-1:]:
            severity = None if is_public(file.path) and not is_for_tests(file.path) else Severity.WARNING
            versions = ", ".join(facts.tried)
            yield Hit(text=f"Python {versions}: {fault.text}", path=file.path, line=fault.line, severity=severity)
