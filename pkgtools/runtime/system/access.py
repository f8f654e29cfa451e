# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the one predicate for trust, over owner, group, mode and ACL.

The runtime asks it about open files, `check` about the files of packages, `audit` about those of systems.
"""

from __future__ import annotations

import stat

from pkgtools.runtime.facts import Reason
from pkgtools.runtime.lean import NamedTuple

AS_OWNER = "use --as-owner"
"""The part of a remedy that commands can follow, and batches can't."""


class Access(NamedTuple):
    """Who owns a file or directory, and who can write to it."""

    mode: int
    """st_mode: type and permission bits."""
    uid: int
    """The owner's user id."""
    gid: int
    """The group's id."""
    has_acl: bool = False
    """An access or default ACL is set; it matters where the group's bits, which are its mask, let write (acl(5))."""


def distrust_bytecode(access: Access, trusted: frozenset[int]) -> tuple[Reason, str] | None:
    """Say why a directory of bytecode or state, or a file in it, can't be trusted, with the remedy; None if it can.

    `trusted` are the user ids that may own it. With an ACL the group bits are its mask, so an entry that lets anybody
    write shows here too (acl(5)).
    """
    if access.uid not in trusted:
        return Reason.NOT_ROOT_OWNED, f"user {access.uid} owns it: chown it, or {AS_OWNER}"
    if access.mode & 0o022:
        return Reason.WRITABLE_BY_OTHERS, f"mode {stat.S_IMODE(access.mode):04o}: chmod go-w it"
    return None


def distrust_sources(access: Access, trusted: frozenset[int]) -> tuple[Reason, str] | None:
    """Say why a directory of sources or settings, or a file of settings, can't be trusted; None if it can.

    More than for bytecode is allowed: root's own group may write, as images have it that run any user with group 0.
    """
    if is_open_to_roots_group_alone(access) and access.uid in trusted:
        return None
    return distrust_bytecode(access, trusted)


def is_open_to_roots_group_alone(access: Access) -> bool:
    """Whether of all others only members of root's group may write."""
    return access.gid == 0 and access.mode & 0o022 == 0o020 and not access.has_acl


def may_be_passed(access: Access) -> bool:
    """Whether this is a directory like /tmp: root's, and what is in it only its owner can rename or remove."""
    return stat.S_ISDIR(access.mode) and access.uid == 0 and bool(access.mode & stat.S_ISVTX)
