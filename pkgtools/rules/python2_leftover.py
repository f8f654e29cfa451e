# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""python2-leftover: what only Python 2 can use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.places import is_documentation, is_for_tests, is_served, place_of_python2
from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.check.subject import source_facts
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import PackageManager
from pkgtools.runtime.pythons import CPYTHON_STEM, PYTHON2_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "A source that only Python 2 understands, or a directory that only Python 2 searches, in a package "
        "that doesn't depend on it."
    ),
    why=(
        "No supported distribution has Python 2: the files are dead, and each tool that compiles reports them "
        "as broken."
    ),
    example=('/usr/lib/python2.7/dist-packages/acme.py\nprint "hello"'),
    fix="Drop the files, or port them.",
    references=(
        "PEP 373",
        "Debian Python Policy, 'Completing the move to Python 3'",
    ),
)


_PYTHON2 = re.compile(
    rf"(?:lib)?{PYTHON2_NAME}.*|{CPYTHON_STEM}(?: \(.*|:any.*|\(abi\) = 2\..*)?|/usr/bin/{CPYTHON_STEM}(?:2\S*)?",
    re.DOTALL,
)


@rule(title="left over from Python 2", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield directories and sources that are for Python 2."""
    package = subject.package
    is_arch = package.family is PackageManager.ALPM  # which calls Python 3 python
    told = (one for one in (package.name, *package.dependencies) if not (is_arch and one == CPYTHON_STEM))
    if any(map(_PYTHON2.fullmatch, told)):
        return
    places = {place for file in subject.modules if (place := place_of_python2(file.path))}
    yield from (Hit(text="only Python 2 searches here", path=place) for place in sorted(places))
    for file in subject.sources:
        facts = source_facts(file)
        if facts is None or not is_served(file.path, facts.tried):
            continue
        if facts.python2 and not is_documentation(file.path):
            text, severity = (
                f"only Python 2 understands {facts.python2}",
                Severity.INFO if is_for_tests(file.path) else None,
            )
            yield Hit(text=text, path=file.path, line=facts.faults[0].line, severity=severity)
