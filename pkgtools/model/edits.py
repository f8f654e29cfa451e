# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What `check --fix` does to a staged tree, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath, InvalidationMode


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFile:
    """A name goes: that of a file, or of a link, wherever it leads."""

    path: InstalledPath
    """As the installed system sees it, like all paths here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveEmptyDirectory:
    """A directory goes, if nothing is left in it."""

    path: InstalledPath
    """The directory itself, never a link to one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMode:
    """A regular file or directory gets other permission bits."""

    path: InstalledPath
    """The file or directory itself, never a link to one."""
    old: int
    """Its permission bits, setuid, setgid and sticky among them; with others it is left alone."""
    new: int
    """The permission bits that it gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceLine:
    """The first line of a regular file becomes another one."""

    path: InstalledPath
    """The file, which keeps its owner, its mode and its time."""
    old: bytes
    """The line without the line's end; a file that begins otherwise is left alone."""
    new: bytes
    """What stands in its place, without the line's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recompile:
    """The source of a pyc is compiled again, if this machine has the interpreter; else the pyc goes."""

    path: InstalledPath
    """The pyc, in the cache directory beside its source."""
    mode: InvalidationMode
    """The invalidation mode of the new one: that of the old one, where it is known."""


Edit = RemoveFile | RemoveEmptyDirectory | SetMode | ReplaceLine | Recompile
