# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""incomplete-bytecode: a package that ships bytecode for some modules and not for others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import version_served
from pkgtools.check.places import is_documentation, is_program
from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.check.subject import source_facts
from pkgtools.model.finding import Confidence, Page, Severity
from pkgtools.runtime.policy.layout import kind_of
from pkgtools.runtime.pythons import tag_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.package import File
    from pkgtools.runtime.pythons import PythonVersion


_PAGE = Page(
    what="Most modules of a package have bytecode of an optimization level, and some have not.",
    why=(
        "What is missing is compiled at run time: slowly for users, and by root into files that no package "
        "owns and that are left behind at removal."
    ),
    example=("a.cpython-311.pyc\na.cpython-311.opt-1.pyc\nb.cpython-311.pyc"),
    fix=(
        "Compile all levels in one call: `compileall -o 0 -o 1`, or `levels = [0, 1]` in the manifest. A "
        "module that doesn't compile should be left out of the package, or named in `exclude`."
    ),
    references=(
        "PEP 488",
        "https://docs.fedoraproject.org/en-US/packaging-guidelines/Python/",
    ),
)


@rule(
    title="bytecode for some modules only",
    severity=Severity.WARNING,
    confidence=Confidence.MEDIUM,
    kinds=PACKAGES,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield, for each source that has not all, what its pycs are wanting; only where half of the sources have them."""
    having: dict[tuple[str, PythonVersion], set[str]] = defaultdict(set)
    for pyc in subject.cached:
        version = tag_version(pyc.name.tag) if pyc.name else None
        if pyc.name is not None and version is not None and pyc.source is not None:
            having[kind_of(pyc.name), version].add(pyc.source.path)
    imported = {file.path: version_served(file.path) for file in subject.sources if having and _is_imported(file)}
    wanting: dict[str, list[str]] = defaultdict(list)
    for (kind, version), paths in sorted(having.items()):
        of_interest = {path for path, served in imported.items() if served is None or served == version}
        missing = of_interest - paths
        if len(missing) * 2 < len(of_interest):
            for path in missing:
                wanting[path].append(kind)
    for wanted, kinds in sorted(wanting.items()):
        yield Hit(text=f"has no pyc for {', '.join(kinds)}, which most others have", path=wanted)


def _is_imported(file: File) -> bool:
    """Whether a source is a module that compiles; programs are run and have no pycs."""
    facts = source_facts(file)
    is_broken = facts is not None and bool(facts.tried) and len(facts.faults) == len(facts.tried)
    return not (is_broken or is_program(file.path) or is_documentation(file.path))
