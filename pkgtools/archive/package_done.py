# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What came of one package of an archive: it travels from other processes and machines, and is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class PackageOutcome(Enum):
    """What became of a package."""

    CHECKED = "checked"
    UNREADABLE = "unreadable"
    """It could not be read as a package."""
    UNFETCHED = "unfetched"
    """The mirror didn't give it, or gave another than its index names."""
    KILLED = "killed"
    """The process that was at it died, each time."""
    OTHER_JUDGE = "other-judge"
    """The worker has another version, or other interpreters, than who gave it the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of it."""

    outcome: PackageOutcome
    """How it ended."""
    reason: str = ""
    """Why it could not be done, one line."""
    findings: tuple[dict[str, Any], ...] = ()
    """Each as in the report of `pkgtools check --json`."""
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Pycs, those that were compared, sources that were to be compiled, those that were."""
    notes: tuple[str, ...] = ()
    """What was not looked at and why."""
