# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unimportable-pyc-name: a file in a cache directory whose name no interpreter looks for."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, fixable, rule
from pkgtools.model.edits import RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.pythons import GRAALPY_TAG, LEVEL_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


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


_OTHER_TAG = rf"(?:{GRAALPY_TAG}|(?!{LEVEL_MARK[1:]})[a-z]+-?\d+[a-z]*)"
_OF_OTHERS = re.compile(rf".+\.{_OTHER_TAG}(?:{re.escape(LEVEL_MARK)}\w+)?\.pyc", re.DOTALL)
"""Names with the tag of GraalPy, or of an interpreter that we don't know."""


@fixable("removes it")
@rule(title="name that no interpreter looks for", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield pycs with a name that can't be taken apart."""
    for pyc in subject.cached:
        if pyc.name is None and not _OF_OTHERS.fullmatch(basename(pyc.file.path)):
            left = ": a run of the tests left it" if "-pytest-" in basename(pyc.file.path) else ""
            text = f"no interpreter looks for this name{left}"
            yield Hit(text=text, path=pyc.file.path, edits=(RemoveFile(path=pyc.file.path),))
