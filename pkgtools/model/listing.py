# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a package ships, by name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath


class Kind(Enum):
    """Where a list of files came from."""

    DEB = "deb"
    RPM = "rpm"
    TREE = "tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name that a package ships."""

    path: InstalledPath
    is_directory: bool
    """False for symbolic links, wherever they lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A package, as far as names go."""

    kind: Kind
    name: str
    """The package's name; that of the directory for a tree that says nothing of its package."""
    version: str
    """As the package manager writes it; empty if unknown."""
    dependencies: tuple[str, ...]
    """Each as it is written in packages of its kind, as `python3 (>= 3.9)` or `python3 >= 3.9`."""
    entries: tuple[Entry, ...]
