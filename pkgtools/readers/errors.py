# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The error of all readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError

if TYPE_CHECKING:
    from pathlib import Path

MOST_ENTRIES = 1_000_000
"""The names that one package may have; a bigger one is taken for broken."""


class UnreadablePackage(PkgtoolsError):
    """A package, tree or project isn't there, is broken or isn't what its name says."""

    def __init__(self, path: Path, wrong: str) -> None:
        """Keep the path and what is wrong with it."""
        super().__init__(f"{path}: {wrong}")
        self.path = path
        self.wrong = wrong
