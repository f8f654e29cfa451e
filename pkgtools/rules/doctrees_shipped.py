# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""doctrees-shipped: Sphinx's own cache, as a part of the package."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.facts import InstalledPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="The package ships .doctrees, the directory in which Sphinx keeps what it read of a documentation's sources.",
    why=(
        "The files are pickles, which only the build needs. They hold paths of the build machine, differ from build to "
        "build, and whoever loads one runs what it says."
    ),
    example="/usr/share/doc/python3-acme/html/.doctrees/environment.pickle",
    fix=(
        "Delete the directory in the build, or have Sphinx put it elsewhere: `sphinx-build -d build/doctrees docs "
        "html`. dh_sphinxdoc deletes it, too."
    ),
    references=("sphinx-build(1), -d", "dh_sphinxdoc(1)", "https://docs.python.org/3/library/pickle.html"),
)
_CACHE = re.compile(r"(.*/\.?doctrees)/(?:.*/)?(?:[^/]+\.doctree|environment\.pickle)", re.DOTALL)


@rule(title="Sphinx's cache", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each directory with such files."""
    found = Counter(match[1] for file in subject.package.files if (match := _CACHE.fullmatch(file.path)))
    for path, number in sorted(found.items()):
        yield Hit(text=f"{number} pickles of the build", path=InstalledPath(path))
