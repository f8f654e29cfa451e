# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""untrusted-path: a directory on the way to modules that others can change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pkgtools.check.repairs import close, in_system
from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.check.trusted import is_roots, refused_above
from pkgtools.model.finding import Page, Persona, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.check.trusted import Refusal
    from pkgtools.model.package import File
    from pkgtools.runtime.facts import InstalledPath


_PAGE = Page(
    what=(
        "A directory above modules, or a cache directory, belongs to another user than root and the modules' "
        "owner, or can be written by others than root's own group."
    ),
    why=(
        "Whoever can rename a directory on the way can put another one in its place: the modules, their "
        "caches and whatever root compiles there. pkgtools-compile refuses such paths, those of Debian's group "
        "staff, too; it passes root's sticky directories, such as /var/tmp."
    ),
    example="drwxrwxr-x www-data www-data /srv/app   above /srv/app/lib/acme/__init__.py, which is root's",
    fix=(
        "chown and chmod the directory; or give the modules to the account that owns the directory, and "
        "compile with --as-owner."
    ),
    references=(
        "PEP 304",
        "pkgtools-compile(1), --as-owner",
    ),
)


@rule(
    title="way to modules that others can change",
    severity=Severity.DANGER,
    persona=Persona.AUDITOR,
    kinds=SYSTEMS,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such directory once, with the number of root's modules below."""
    found: Counter[InstalledPath] = Counter()
    why: dict[InstalledPath, Refusal] = {}
    for file in subject.modules:
        if is_roots(subject, file):
            refused = refused_above(subject, file.path)
            why |= refused
            found.update(refused.keys())
    for path, number in sorted(found.items()):
        text = f"{why[path].text}; {number} of root's modules are below"
        yield Hit(text=text, path=path, repair=_repair(subject, subject.files[path]))


def _repair(subject: Subject, directory: File) -> str:
    if not is_roots(subject, directory):
        return in_system(subject.package, "chown", "root:", directory.path)
    return close(subject.package, directory)
