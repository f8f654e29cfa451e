# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""acl-on-cache: an access control list on a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity

from .repairs import recompile
from .rule import SYSTEMS, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


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


def find(subject: Subject) -> Iterator[Hit]:
    """Yield caches with an ACL."""
    caches = (directory for directory in subject.caches.values() if directory is not None)
    for file in (*caches, *(pyc.file for pyc in subject.cached)):
        if file.has_acl:
            yield Hit(text="has an access control list", path=file.path, repair=recompile(subject, file.path))


RULE = Rule(
    facts=RuleFacts(
        id="acl-on-cache",
        title="ACL on a cache",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.AUDITOR,
        page=_PAGE,
    ),
    kinds=SYSTEMS,
    find=find,
)
