# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""doctrees-shipped: Sphinx's own cache, as a part of the package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, fixable, rule
from pkgtools.model.edits import RemoveEmptyDirectory, RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.edits import Edit


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


@fixable("removes the pickles, and the directories that are empty then")
@rule(title="Sphinx's cache", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each directory with such files."""
    found: dict[InstalledPath, list[InstalledPath]] = {}
    for file in subject.package.files:
        if match := _CACHE.fullmatch(file.path):
            found.setdefault(InstalledPath(match[1]), []).append(file.path)
    directories = sorted((file.path for file in subject.package.files if file.is_directory), reverse=True)
    for path, pickles in sorted(found.items()):
        emptied = (RemoveEmptyDirectory(path=one) for one in directories if one == path or is_below(one, path))
        edits: tuple[Edit, ...] = (*(RemoveFile(path=one) for one in pickles), *emptied)
        yield Hit(text=f"{len(pickles)} pickles of the build", path=path, edits=edits)
