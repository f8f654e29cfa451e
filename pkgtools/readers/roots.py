# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which directories are an application's own."""

from __future__ import annotations

import re
from posixpath import commonpath
from typing import TYPE_CHECKING

from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.filelist import is_below

if TYPE_CHECKING:
    from collections.abc import Iterable

_APPLICATION = re.compile(
    r"(?:/opt|/srv|/var/lib|/usr/(?:local/)?(?:share|libexec|lib(?:32|64|x32)?(?:/[a-z0-9_]+-linux-[a-z0-9]+)?))/[^/]+"
)
"""The directory of one application."""
_SHARED = re.compile(
    r"/|/(?:etc|home|root|run|tmp|dev|proc|sys)(?:/.*)?|/(?:opt|srv|var|usr|bin|sbin|lib\w*)(?:/local)?"
    r"|/usr/(?:local/)?(?:s?bin|games|share|libexec|include|src|lib\w*)|/var/lib"
    r"|/usr/(?:local/)?share/(?:doc|doc-base|man|info|locale|gdb|python3|lintian)(?:/.*)?"
)
"""Directories of nobody's own, and those whose files are no modules."""
_NOT_MODULES = frozenset({"doc", "docs", "example", "examples"})


def application_of(path: InstalledPath) -> InstalledPath | None:
    """Return the directory of the one application that a path lies in; None if it lies in none."""
    found = _APPLICATION.match(path)
    return InstalledPath(found[0]) if found and path[found.end() :].startswith("/") else None


def private_roots(directories: Iterable[InstalledPath]) -> tuple[InstalledPath, ...]:
    """Return the topmost directories; of one application's, the directory that holds them all."""
    wanted = [one for one in directories if not _SHARED.fullmatch(one) and not _NOT_MODULES & set(one.split("/"))]
    applications: dict[str, list[str]] = {}
    for directory in wanted:
        found = _APPLICATION.match(directory)
        applications.setdefault(found[0] if found else directory, []).append(directory)
    roots = sorted(InstalledPath(commonpath(below)) for below in applications.values())
    return tuple(root for root in roots if not any(is_below(root, other) for other in roots))
