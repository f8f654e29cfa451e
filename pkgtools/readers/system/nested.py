# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Systems within a system: chroots, containers and unpacked images, which have their own interpreters and owners."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.facts import InstalledPath

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
RELEASE_FILES = ("etc/os-release", "usr/lib/os-release")
"""What says that a directory is the root directory of a system (os-release(5))."""
RPM_DIRECTORIES = ("usr/lib/sysimage/rpm", "var/lib/rpm")
"""Where rpm's database may be, below a system's root directory."""
SQLITE = "rpmdb.sqlite"
"""The name of the database in SQLite's format."""
SQLITE_LOG = "rpmdb.sqlite-wal"
"""The name of its log; empty or missing unless rpm is at work or was killed."""
NDB = "Packages.db"
"""The name of the database in rpm's own format, as openSUSE has it."""
BERKELEY = "Packages"
"""The name of the database in Berkeley DB's format, which nothing here reads."""
_DATABASES = (
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d",
    "lib/apk/db/installed",
    "var/lib/pacman/local",
    *(f"{directory}/{name}" for directory in RPM_DIRECTORIES for name in (SQLITE, NDB, BERKELEY)),
)
MARKS = (*RELEASE_FILES, *_DATABASES)
"""Files and directories of which a system has at least one."""
_OF_PACKAGES = re.compile(r"/(?:usr|etc|boot|bin|sbin|lib\w*)(?:/.*)?", re.DOTALL)


def may_be_nested(path: InstalledPath) -> bool:
    """Whether a directory may be another system: not where packages put modules, or a forged mark would hide those."""
    return path != "/" and _OF_PACKAGES.fullmatch(path) is None


def is_system(descriptor: int) -> bool:
    """Whether an open directory is the root directory of a system; no link on the way to its marks is followed."""
    return has_mark(lambda mark: _is_there(descriptor, mark))


def has_mark(is_there: Callable[[str], bool]) -> bool:
    """Whether one of the marks of a system is there."""
    return any(map(is_there, MARKS))


def _is_there(descriptor: int, mark: str) -> bool:
    *directories, name = mark.split("/")
    opened: list[int] = []
    try:
        for directory in directories:
            descriptor = os.open(directory, _DIRECTORY, dir_fd=descriptor)
            opened.append(descriptor)
        os.stat(name, dir_fd=descriptor, follow_symlinks=False)
    except OSError:
        return False
    else:
        return True
    finally:
        for one in opened:
            os.close(one)
