# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unowned-cache-directory: an RPM package that ships pycs and not the directory that they lie in."""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.pythons import ANY_CPYTHON_NAME, PACKAGES_NAME, SHARED_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A .rpm lists files in a cache directory but not the directory itself.",
    why=(
        "rpm makes the directory by itself, belonging to no package, and leaves it behind, empty, when the package is "
        "removed: a package of modules that is gone is still there to import, as a namespace package."
    ),
    example=("%files\n/usr/share/acme/m.py\n/usr/share/acme/__pycache__/*.pyc"),
    fix=(
        "List the directory: `%dir /usr/share/acme/__pycache__`, or the directory above as a whole. A plugin in "
        "another package's directory requires that package, and leaves both directories to it."
    ),
    references=("https://docs.fedoraproject.org/en-US/packaging-guidelines/UnownedDirectories/",),
)


_PYTHONS = re.compile(rf"/usr/(?:local/)?lib(?:64)?/(?:{ANY_CPYTHON_NAME}|{SHARED_NAME})(?:/{PACKAGES_NAME})?")
"""Directories whose cache directory the interpreter's own package has."""


@rule(title="unowned cache directory", severity=Severity.WARNING, kinds=frozenset({Kind.RPM}), page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the directories, but for those that python itself owns."""
    for path, directory in subject.caches.items():
        if directory is None and not _PYTHONS.fullmatch(dirname(path)):
            if dirname(path) in subject.files:
                yield Hit(text="has files in it and isn't in the package's list", path=path)
            else:
                text = "has files in it, and neither it nor the directory above is in the package's list"
                yield Hit(text=f"{text}; has another package both?", path=path, severity=Severity.INFO)
