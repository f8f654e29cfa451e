# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""untrusted-path: a directory on the way to modules that others can change."""

from __future__ import annotations

from collections import Counter
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import File
from pkgtools.runtime.facts import InstalledPath

from .repairs import in_system
from .rule import SYSTEMS, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=(
        "A directory above modules, or a cache directory, belongs to somebody else than root and the modules' "
        "owner, or can be written by others."
    ),
    why=(
        "Whoever can rename a directory on the way can put another one in its place: the modules, their "
        "caches and whatever root compiles there. pkgtools-compile refuses such paths."
    ),
    example="drwxrwxr-x www-data www-data /srv/app   above /srv/app/lib/acme/__init__.py, which is root's",
    fix=(
        "chown and chmod the directory; or give the modules to the account that owns the directory, and "
        "compile with --as-owner."
    ),
    references=(
        "PEP 304",
        "pkgtools-compile(1), SECURITY",
    ),
)


_STAFF = 50
"""Debian's group for /usr/local: its members may become root."""


def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such directory once, with the number of root's modules below."""
    found: Counter[InstalledPath] = Counter()
    for file in subject.modules:
        if file.uid == 0:
            found.update(_untrusted_above(subject, file.path))
    for path, number in sorted(found.items()):
        directory = subject.files[path]
        why = _distrust(directory)
        yield Hit(text=f"{why}; {number} of root's modules are below", path=path, repair=_repair(subject, directory))


def _untrusted_above(subject: Subject, path: InstalledPath) -> Iterator[InstalledPath]:
    while (path := InstalledPath(dirname(path))) != "/":
        directory = subject.files.get(path)
        if directory is not None and _distrust(directory):
            yield path


def _distrust(directory: File) -> str:
    if directory.uid not in {0, None}:
        return f"belongs to user {directory.uid}"
    if directory.permissions & 0o002 and not directory.permissions & 0o1000:
        return f"mode {directory.permissions:04o}: everybody can write"
    if directory.permissions & 0o020 and directory.has_acl:  # the group's bits are the mask of all entries, see acl(5)
        return f"mode {directory.permissions:04o} and an access control list: somebody in it can write"
    if directory.permissions & 0o020 and directory.gid not in {0, _STAFF}:
        return f"mode {directory.permissions:04o}: group {directory.gid} can write"
    return ""


def _repair(subject: Subject, directory: File) -> str:
    if directory.uid not in {0, None}:
        return in_system(subject.package, "chown", "root:", directory.path)
    commands = [("setfacl", "-b", directory.path)] if directory.has_acl else []
    commands.append(("chmod", "go-w", directory.path))
    return "; ".join(in_system(subject.package, *command) for command in commands)


RULE = Rule(
    facts=RuleFacts(
        id="untrusted-path",
        title="way to modules that others can change",
        severity=Severity.DANGER,
        confidence=Confidence.HIGH,
        persona=Persona.AUDITOR,
        page=_PAGE,
    ),
    kinds=SYSTEMS,
    find=find,
)
