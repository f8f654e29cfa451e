# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Findings that are known and accepted."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """Findings that the maintainer of a package, or the administrator of a system, knows of and accepts."""

    rule: str
    """The rule's id."""
    paths: tuple[str, ...] = ()
    """Patterns as fnmatch(3) has them, of installed paths or names of scripts; none: everywhere."""
    is_exact: bool = False
    """`paths` are one path or name of a script, not patterns: it is of a baseline."""
    packages: tuple[str, ...] = ()
    """Patterns likewise, of the names of packages that own what was found; none: of any or no package."""
    reason: str
    """Why; every ignore has one."""
    expires: date | None = None
    """The last day on which it holds; None: it holds for good."""
    digest: str = ""
    """Of what was accepted, as `sha256:...`; empty: whatever is there."""
    origin: str
    """Where it stands, as `packages.acme.ignores[0]` in a manifest."""

    def covers(self, rule: str, place: str, package: str = "") -> bool:
        """Whether it is about a rule's finding in a file or script of a package, its digest left aside."""
        return (
            rule == self.rule
            and (not self.paths or any(fnmatchcase(place, one) for one in self.paths))
            and (not self.packages or any(fnmatchcase(package, one) for one in self.packages))
        )
