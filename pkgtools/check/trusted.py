# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: whether root may trust a file or directory, by the predicate with which the runtime decides."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.model.package import Kind
from pkgtools.runtime.facts import InstalledPath, Reason
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.system.access import (
    Access,
    distrust_bytecode,
    distrust_sources,
    is_open_to_roots_group_alone,
    may_be_passed,
)

if TYPE_CHECKING:
    from pkgtools.model.package import File

    from .subject import Subject

_TRUSTED = frozenset({0})
OTHERS_WRITE = 0o022
"""The permission bits by which others than the owner write."""
_SOMEBODY = -1
"""Stands for the number of an account that is known by its name alone."""


class Refusal(NamedTuple):
    """Why the runtime refuses a directory or a file of settings."""

    reason: Reason
    """What it reports."""
    text: str
    """The same in words, with the reason's code."""


def why_refused(subject: Subject, directory: File, *, passing: bool = False) -> Refusal | None:
    """Say why the runtime refuses a directory of sources, or a file of settings; None if it does not.

    `passing`: the directory is only on the way to the one where the modules are.
    """
    access = _access(subject, directory)
    if passing and may_be_passed(access):
        return None
    found = distrust_sources(access, _TRUSTED)
    return Refusal(found[0], f"{_words(directory, found[0])} ({found[0].value})") if found else None


def refused_above(
    subject: Subject, path: InstalledPath, base: InstalledPath | None = None
) -> dict[InstalledPath, Refusal]:
    """Return the directories above a file that the runtime refuses, each with the reason.

    `base` is the directory up to which sticky ones may be passed, if one is known.
    """
    own, base = dirname(path), base or third_party_base(path)
    found = {}
    while (path := InstalledPath(dirname(path))) != "/":
        directory = subject.files.get(path)
        passing = path != own and (base is None or is_below(base, path))
        if directory is not None and (why := why_refused(subject, directory, passing=passing)):
            found[path] = why
    return found


def why_writable(subject: Subject, file: File) -> str:
    """Say which other users than its owner can write to a module or directory of modules; empty if they can't."""
    access = _access(subject, file)._replace(uid=0)
    found = distrust_sources(access, _TRUSTED)
    return _words(file, found[0]) if found else ""


def is_open_to_roots_group(subject: Subject, file: File) -> bool:
    """Whether root's group may write to a module or directory, and no other user but its owner."""
    return is_open_to_roots_group_alone(_access(subject, file))


def is_bytecode_writable(subject: Subject, file: File) -> bool:
    """Whether others than its owner can write to a pyc or a cache directory."""
    return distrust_bytecode(_access(subject, file)._replace(uid=0), _TRUSTED) is not None


def is_roots(subject: Subject, file: File) -> bool:
    """Whether a file or directory belongs to root; in a staged tree all does, once it is packed."""
    return _access(subject, file).uid in _TRUSTED


def owner_of(file: File) -> str:
    """Name the account that a file belongs to: `1234`, or `builder` where its name is known."""
    return file.user or str(file.uid)


def _access(subject: Subject, file: File) -> Access:
    if subject.package.kind is Kind.TREE:
        # packers make all root's, and take the group's bit of a build with umask 002 away
        return Access(file.mode & ~0o020, 0, 0)
    return Access(file.mode, _number(file.user, file.uid), _number(file.group, file.gid), file.has_acl)


def _number(name: str, number: int | None) -> int:
    """Return the number on the target: package managers go by the name where there is one."""
    if name in {"", "root"}:
        return 0 if name else number or 0
    return number or _SOMEBODY


def _words(file: File, reason: Reason) -> str:
    if reason is Reason.NOT_ROOT_OWNED:
        return f"belongs to user {owner_of(file)}"
    mode = f"mode {file.permissions:04o}"
    if file.permissions & 0o002:
        return f"{mode}: everybody can write"
    if file.has_acl:
        return f"{mode} and an access control list that lets others write"
    return f"{mode}: group {file.group or file.gid} can write"
