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

    def __init__(self, path: Path, wrong: str, offset: int | None = None) -> None:
        """Keep the path, what is wrong with it, and where in the file that was noticed (bytes from its start)."""
        super().__init__(f"{path}: {wrong}" if offset is None else f"{path}: at byte {offset}: {wrong}")
        self.path = path
        self.wrong = wrong
        self.offset = offset
