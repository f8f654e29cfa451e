# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""incomplete-bytecode: a package that ships bytecode for some modules and not for others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity

from .rule import PACKAGES, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


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


def find(subject: Subject) -> Iterator[Hit]:
    """Yield, for each source that has not all, what its pycs are wanting; only where half of the sources have them."""
    having: dict[str, set[str]] = defaultdict(set)
    for pyc in subject.cached:
        if pyc.name is not None and pyc.source is not None:
            having[_kind(pyc.name.tag, pyc.name.level)].add(pyc.source.path)
    of_interest = {file.path for file in subject.sources} if having else set()
    for kind, paths in sorted(having.items()):
        missing = of_interest - paths
        if len(missing) * 2 < len(of_interest):
            yield from (
                Hit(text=f"has no {kind} pyc, and {len(paths)} others have", path=path) for path in sorted(missing)
            )


def _kind(tag: str, level: str) -> str:
    return f"{tag}.opt-{level}" if level else tag


RULE = Rule(
    facts=RuleFacts(
        id="incomplete-bytecode",
        title="bytecode for some modules only",
        severity=Severity.WARNING,
        confidence=Confidence.MEDIUM,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKAGES,
    find=find,
)
