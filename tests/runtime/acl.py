# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""POSIX ACLs without the tools: the bytes of the extended attributes (acl(5), linux/posix_acl_xattr.h)."""

from __future__ import annotations

import os
import struct

ACCESS = "system.posix_acl_access"
DEFAULT = "system.posix_acl_default"
_VERSION = 2
_USER_OBJ, _USER, _GROUP_OBJ, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY_IN_PARTICULAR = 0xFFFF_FFFF


def set_acl(path: str, kind: str, *, owner: int, user: tuple[int, int], group: int, mask: int, other: int) -> None:
    """Set an ACL with one named user, given as (user id, permissions); permissions are 0 to 7."""
    entries = (
        (_USER_OBJ, owner, _NOBODY_IN_PARTICULAR),
        (_USER, user[1], user[0]),
        (_GROUP_OBJ, group, _NOBODY_IN_PARTICULAR),
        (_MASK, mask, _NOBODY_IN_PARTICULAR),
        (_OTHER, other, _NOBODY_IN_PARTICULAR),
    )
    data = struct.pack("<I", _VERSION) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    os.setxattr(path, kind, data)


def acls_of(path: str) -> list[str]:
    """Return the names of the ACLs that a file has."""
    return [name for name in os.listxattr(path, follow_symlinks=False) if name in {ACCESS, DEFAULT}]
