# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which paths of a system are left out, and which patterns left nothing out."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import UsageError
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import is_below

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exclusions:
    """Absolute paths, left out with all below them; each may be a pattern, as fnmatch(3) knows them."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        """Take the patterns. Raises UsageError for one that isn't absolute, or is the root directory itself."""
        patterns = tuple(patterns)
        for one in patterns:
            if not one.startswith("/") or not one.strip("/"):
                raise UsageError(f"invalid --exclude {one!r}: expected an absolute path in ROOT, or a pattern for one")
        self._patterns = tuple(dict.fromkeys(one.rstrip("/") for one in patterns))
        self._matching: set[str] = set()

    def cover(self, path: InstalledPath) -> bool:
        """Whether a path is left out; it is remembered which patterns it matches."""
        found = [one for one in self._patterns if _matches(path, one)]
        self._matching.update(found)
        return bool(found)

    def notes(self) -> tuple[str, ...]:
        """Say what was left out, and which patterns matched no path that `cover` was asked for."""
        return tuple(
            f"not looked at, as --exclude says: {one}" if self._had_effect(one) else f"--exclude matches nothing: {one}"
            for one in self._patterns
        )

    def _had_effect(self, pattern: str) -> bool:
        """Whether paths matched a pattern; what another pattern leaves out is not looked at to see."""
        others = (one for one in self._matching if one != pattern)
        return pattern in self._matching or any(_matches(InstalledPath(pattern), one) for one in others)


def _matches(path: InstalledPath, pattern: str) -> bool:
    return is_below(path, InstalledPath(pattern)) or fnmatchcase(path, pattern)
