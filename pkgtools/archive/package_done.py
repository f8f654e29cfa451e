# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What came of one package of an archive: it travels from other processes and machines, and is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pkgtools.model.finding import Severity

_RULE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OPTIONAL = ("path", "script", "package", "repair")


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
    is_away: bool = False
    """The mirror didn't answer, which may be so for others; it isn't kept."""


def checked_finding(document: Any) -> dict[str, Any]:  # whatever came out of JSON
    """Return a finding that comes from a file if it is as we write it: a rule's id becomes the name of a page.

    Raises ValueError, LookupError, TypeError.
    """
    Severity(document["severity"])
    texts = [document["text"], *(document[key] for key in _OPTIONAL if document[key] is not None)]
    is_right = all(isinstance(one, str) for one in texts) and isinstance(document["line"], int | None)
    if not is_right or not _RULE.fullmatch(document["rule"]):
        raise ValueError("it is not a finding as we write it")
    return dict(document)
