# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""acl-on-cache: an access control list on a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.repairs import recompile
from pkgtools.check.rule import SYSTEMS, Hit, rule
from pkgtools.model.finding import Page, Persona, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=("A cache directory or pyc has an access control list, or a default one for what is made in it."),
    why=(
        "An ACL lets others write whatever the permission bits seem to say, and a default ACL gives "
        "everything that is compiled there the same; umask has no say then."
    ),
    example="default:user:deploy:rwx on /opt/acme/__pycache__",
    fix=(
        "setfacl -b on the cache directory and its pycs; pkgtools-compile removes ACLs from the caches that "
        "it makes and mends."
    ),
    references=(
        "acl(5)",
        "pkgtools-compile(1)",
    ),
)


@rule(title="ACL on a cache", severity=Severity.WARNING, persona=Persona.AUDITOR, kinds=SYSTEMS, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield caches with an ACL."""
    caches = (directory for directory in subject.caches.values() if directory is not None)
    for file in (*caches, *(pyc.file for pyc in subject.cached)):
        if file.has_acl:
            yield Hit(text="has an access control list", path=file.path, repair=recompile(subject, file.path))
