# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""code-of-another-release: a pyc that differs from what another release of its interpreter writes."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.model.finding import Confidence, Page, Severity
from pkgtools.model.package import CodeMatch
from pkgtools.readers.system.installed_pythons import python_of
from pkgtools.runtime.policy.layout import parse_pyc_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "The source was compiled again, by another release of the interpreter that loads the pyc, and the code is not "
        "the one in the pyc."
    ),
    why=(
        "The compilers of two releases with the same magic number may write other code: 3.13.0 and 3.13.5 disagree "
        "over a third of the standard library. So the pyc may be right, and it may be planted: it is unknown."
    ),
    example="3.13.0 here, and a pyc of a system with 3.13.5",
    fix=(
        "Compare with the same release: run pkgtools in the system, or name such an interpreter by `--python`. "
        "Until then the exit status says that not all could be compared."
    ),
    references=(
        "PEP 552",
        "pkgtools(1), verify",
    ),
)


@rule(
    title="code that another release may have written",
    severity=Severity.WARNING,
    confidence=Confidence.LOW,
    kinds=SYSTEMS,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs that differ, and were made by another release."""
    for pyc in subject.cached:
        if pyc.facts is not None and pyc.facts.match is CodeMatch.OTHER_RELEASE:
            name = parse_pyc_name(basename(pyc.file.path))
            python = python_of(subject.package.pythons, pyc.file.path, name.tag) if name else None
            by = f"Python {python.release}" if python else "another release"
            text = f"its code is not what this machine makes of its source; {by} loads it and may write other code"
            yield Hit(text=text, path=pyc.file.path)
