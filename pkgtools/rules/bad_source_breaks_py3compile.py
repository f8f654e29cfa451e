# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""bad-source-breaks-py3compile: a script ends where py3compile meets a source that isn't Python."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.check.subject import source_facts
from pkgtools.model.finding import Confidence, Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.shell.compilers import compiling, is_of_interpreter, places_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.package import File
    from pkgtools.shell.compilers import CompilerCommand


_PAGE = Page(
    what=(
        "Under `set -e` a maintainer script calls py3compile for a directory in which a .py file doesn't compile, "
        "such as a template with `{{ name }}` in it."
    ),
    why=(
        "py3compile exits with 1 if one source can't be compiled. The script ends there, the package stays "
        "half-configured, and so does all that depends on it."
    ),
    example=(
        "# postinst\npy3compile -p acme /usr/share/acme\n\n"
        "# /usr/share/acme/skeleton/app.py\nclass {{ name }}(Application):"
    ),
    fix=(
        "Give templates another suffix, such as .py.in or .py-tpl. Or leave them out: `dh_python3 -X 'skeleton/.*'`. "
        "pkgtools-compile reports such a source and compiles the rest."
    ),
    references=("py3compile(1), -X", "dh_python3(1), -X", "Debian Policy 6.4"),
)
_TOOLS = frozenset({"py3compile", "pypy3compile"})
_EXCLUSIONS = "/usr/share/python3/bcep/"
"""Where dh_python3 -X puts the patterns of a package."""


@rule(
    title="py3compile fails on a source",
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each call of py3compile that ends its script, with the first source that makes it fail."""
    bad = [file for file in subject.sources if _is_refused(file)]
    has_exclusions = any(path.startswith(_EXCLUSIONS) for path in subject.files)
    if not bad or has_exclusions or is_of_interpreter(subject.package):
        return
    for work in compiling(subject.commands):
        command = work.command
        if work.tool not in _TOOLS or not command.exits_on_error or command.is_tolerated:
            continue
        if found := [file.path for file in _compiled(subject, work, bad)]:
            more = f" and {len(found) - 1} others" if len(found) > 1 else ""
            text = f"{found[0]}{more} can't be compiled, which ends the script here: {command.text}"
            yield Hit(text=text, script=command.script, line=command.line)


def _is_refused(file: File) -> bool:
    """Whether each interpreter that was asked, of those that a source is for, refuses it."""
    facts = source_facts(file)
    return facts is not None and bool(facts.tried) and len(facts.faults) == len(facts.tried)


def _compiled(subject: Subject, work: CompilerCommand, files: Iterable[File]) -> Iterator[File]:
    """Yield those of some sources that py3compile compiles: in its directories, or all public ones of the package."""
    places = places_of([work])
    if places.has_variable:
        return
    patterns = [after for word, after in pairwise(work.command.words) if word in {"-X", "--exclude"}]
    try:
        excluded = [re.compile(pattern) for pattern in patterns]
    except re.error:
        return
    for file in files:
        is_public = work.is_about(subject.package.name) and third_party_base(file.path) is not None
        is_meant = places.hold(file.path) if work.places else is_public
        if is_meant and not any(pattern.search(file.path) for pattern in excluded):
            yield file
