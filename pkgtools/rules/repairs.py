# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the commands that put caches of a system right; packages are repaired by building them anew."""

from __future__ import annotations

import shlex
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.model.package import Kind
from pkgtools.runtime.layout import CACHE_DIRECTORY

if TYPE_CHECKING:
    from .subject import Subject


def recompile(subject: Subject, path: str, *, force: bool = False) -> str:
    """Return the command that makes or mends a cache directory or a pyc in one; nothing for packages.

    `force`: even where a look at the header finds nothing wrong.
    """
    return _command(subject, "pkgtools-compile --verify" if force else "pkgtools-compile", path)


def clean_orphans(subject: Subject, path: str) -> str:
    """Return the command that removes caches whose sources are gone; nothing for packages."""
    return _command(subject, "pkgtools-clean --orphans", path)


def _command(subject: Subject, command: str, path: str) -> str:
    if subject.package.kind is not Kind.ROOT:
        return ""
    cache = path if basename(path) == CACHE_DIRECTORY else dirname(path)
    return f"{command} {shlex.quote(dirname(cache))}"
