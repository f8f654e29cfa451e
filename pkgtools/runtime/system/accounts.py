# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The users and groups of a system, as its /etc/passwd and /etc/group say (passwd(5), group(5))."""

from __future__ import annotations

import os

from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath

from .dpkg_records import read_optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .trust import Tree

NOGROUP = 65534
"""A group that has no rights (Debian Policy 9.2.2)."""
_ETC = InstalledPath("/etc")


def group_for(tree: Tree, uid: int, gid: int) -> int:
    """Return the group with which to work as the user who owns a directory: its group, if the user is in that.

    Else the user's own. Where the system does not know the user, the directory's is taken if it does not know that
    either, for a directory can have a group that its owner could not give it: in a directory with the setgid bit.
    """
    try:
        directory = tree.look(_ETC)
    except (OSError, Refused):
        users, groups = [], []
    else:
        users, groups = _rows(directory, "passwd"), _rows(directory, "group")
        os.close(directory)
    user = next((row for row in users if len(row) > 3 and row[2] == str(uid) and row[3].isdigit()), None)
    named = [row for row in groups if len(row) > 3 and row[2] == str(gid)]
    if user is None:
        return NOGROUP if named or gid == 0 else gid
    is_member = user[3] == str(gid) or any(user[0] in row[3].split(",") for row in named)
    return gid if is_member else int(user[3])


def numbers_in_use(tree: Tree) -> frozenset[int]:
    """Return all numbers that a system's users and groups have."""
    try:
        directory = tree.look(_ETC)
    except (OSError, Refused):
        return frozenset()
    rows = _rows(directory, "passwd") + _rows(directory, "group")
    os.close(directory)
    return frozenset(int(number) for row in rows for number in row[2:4] if number.isdigit())


def _rows(directory: int, name: str) -> list[list[str]]:
    try:
        text = os.fsdecode(read_optional(directory, name))
    except OSError:
        return []
    return [line.split(":") for line in text.split("\n")]
