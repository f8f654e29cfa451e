# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which directories are an application's own."""

from __future__ import annotations

import re
from posixpath import commonpath
from typing import TYPE_CHECKING

from pkgtools.readers.system.installed_pythons import application_of
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below
from pkgtools.runtime.pythons import SHARED_NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHARED = re.compile(
    r"/|/(?:etc|home|root|run|tmp|dev|proc|sys)(?:/.*)?|/(?:opt|srv|var|usr|bin|sbin|lib\w*)(?:/local)?"
    r"|/usr/(?:local/)?(?:s?bin|games|share|libexec|include|src|lib\w*)|/var/lib"
    rf"|/usr/(?:local/)?share/(?:doc|doc-base|man|info|locale|gdb|{SHARED_NAME}|lintian)(?:/.*)?"
)
"""Directories of nobody's own, and those whose files are no modules."""
_NOT_MODULES = frozenset({"doc", "docs", "example", "examples"})


def private_roots(directories: Iterable[InstalledPath]) -> tuple[InstalledPath, ...]:
    """Return the topmost directories; of one application's, the directory that holds them all."""
    wanted = [one for one in directories if not _SHARED.fullmatch(one) and not _NOT_MODULES & set(one.split("/"))]
    applications: dict[str, list[str]] = {}
    for directory in wanted:
        applications.setdefault(application_of(InstalledPath(f"{directory}/")) or directory, []).append(directory)
    roots = sorted(InstalledPath(commonpath(below)) for below in applications.values())
    return tuple(root for root in roots if not any(is_below(root, other) for other in roots))
