# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unimportable-pyc-name: a file in a cache directory whose name no interpreter looks for."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity

from .rule import PACKAGES, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what="A pyc in a cache directory has a name that isn't stem, tag and level.",
    why=(
        "No interpreter looks for such a name: the file takes space, hides that the module isn't compiled, "
        "and is left behind by tools that remove caches by their names."
    ),
    example="/usr/share/acme/__pycache__/m.pyc",
    fix=(
        "Let the interpreter name its pycs: `python3 -m compileall`, without `-b`. A module without a source "
        "belongs beside the cache directory, not into it. Run tests with `PYTHONDONTWRITEBYTECODE=1`: pytest's "
        "rewritten modules are `m.cpython-311-pytest-8.pyc`."
    ),
    references=(
        "PEP 3147",
        "PEP 488",
    ),
)


_OF_OTHERS = re.compile(r".+\.(?!opt-)[a-z]+-?\d+[a-z]*(?:\.opt-\w+)?\.pyc", re.DOTALL)
"""Names with the tag of an interpreter that we don't know, such as GraalPy's."""


def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs with a name that can't be taken apart."""
    for pyc in subject.cached:
        if pyc.name is None and not _OF_OTHERS.fullmatch(basename(pyc.file.path)):
            left = ": a run of the tests left it" if "-pytest-" in basename(pyc.file.path) else ""
            yield Hit(text=f"no interpreter looks for this name{left}", path=pyc.file.path)


RULE = Rule(
    facts=RuleFacts(
        id="unimportable-pyc-name",
        title="name that no interpreter looks for",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKAGES,
    find=find,
)
