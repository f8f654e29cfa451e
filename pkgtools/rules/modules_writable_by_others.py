# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""modules-writable-by-others: sources that others than root can change."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import File, Kind
from pkgtools.runtime.facts import InstalledPath

from .rule import EVERYTHING, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=(
        "A source, or a directory of modules, can be written by everybody or by a group other than root's, or belongs "
        "to the account of whoever built the package."
    ),
    why=(
        "Whoever can write there decides what runs when root imports the module. pkgtools-compile refuses "
        "such directories. A number above 999 is some person on the target, or the next one to get an account."
    ),
    example="drwxrwxrwx root/root ./usr/share/acme/plugins/",
    fix=(
        "Ship modules 0644 in directories 0755, as root's: `dpkg-deb --root-owner-group`. Plugins of users belong into "
        "their own directories."
    ),
    references=(
        "Debian Policy 9.2.2 and 10.9",
        "pkgtools-compile(1)",
    ),
)


_ROOT = {"root", "staff"}
"""Groups whose members may become root anyway; staff by Debian's default for /usr/local."""
_ROOT_NUMBERS = {0, 50, None}
"""The same where only numbers are known; None where nothing is."""

_FIRST_OF_PEOPLE = 1000
"""Accounts of people begin there (Debian Policy 9.2.2)."""


def find(subject: Subject) -> Iterator[Hit]:
    """Yield sources and their directories."""
    directories = {InstalledPath(dirname(file.path)) for file in subject.modules}
    wanted = [*subject.modules, *(subject.files[path] for path in sorted(directories) if path in subject.files)]
    for file in wanted:
        if _is_of_builder(subject, file):
            yield Hit(text=f"belongs to account {file.uid}{_named(file)}, which is a person's", path=file.path)
        elif _is_writable(subject, file) and not file.is_ghost:
            group = "somebody in its access control list" if file.has_acl else f"group {file.group or file.gid}"
            who = "everybody" if file.permissions & 0o002 else group
            yield Hit(text=f"mode {file.permissions:04o}: {who} can write", path=file.path)


def _is_of_builder(subject: Subject, file: File) -> bool:
    """Whether a package is as its builder's account made it; systems and trees have their people's files."""
    return subject.package.kind is Kind.DEB and file.uid is not None and file.uid >= _FIRST_OF_PEOPLE


def _named(file: File) -> str:
    return f" ({file.user})" if file.user else ""


def _is_writable(subject: Subject, file: File) -> bool:
    if not (file.is_regular or file.is_directory):
        return False
    if file.permissions & 0o002 or subject.package.kind is Kind.TREE:
        return bool(file.permissions & 0o002)  # packers take the group's bit of a build with umask 002 away
    # with an access control list the group's bits are the mask of all its entries, see acl(5)
    return bool(file.permissions & 0o020) and (file.has_acl or not _is_roots_group(file))


def _is_roots_group(file: File) -> bool:
    return file.group in _ROOT if file.group else file.gid in _ROOT_NUMBERS


RULE = Rule(
    facts=RuleFacts(
        id="modules-writable-by-others",
        title="modules that others can write",
        severity=Severity.DANGER,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=EVERYTHING,
    find=find,
)
