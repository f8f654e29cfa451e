# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a package manager runs for a package: its maintainer scripts or scriptlets, and its triggers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ScriptKind(Enum):
    """When a maintainer script or scriptlet runs."""

    PRE_INSTALL = "pre-install"
    POST_INSTALL = "post-install"
    PRE_REMOVE = "pre-remove"
    POST_REMOVE = "post-remove"
    TRIGGER = "trigger"
    """What an RPM trigger or file trigger runs; dpkg's triggers run the postinst."""
    OTHER = "other"
    """config of debconf, %verifyscript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A maintainer script or scriptlet."""

    name: str
    """As its family writes it: `postinst`, `%post`, `%transfiletriggerin`."""
    kind: ScriptKind
    """When it runs, in words that all families share."""
    interpreter: tuple[str, ...]
    """What runs it, with its arguments, as `("/bin/sh", "-e")`; `("<lua>",)` for rpm's own."""
    text: str
    """Everything, the first line with #! of a maintainer script too; surrogates for what isn't UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An interest of a package in files or a trigger, or its activation of one."""

    directive: str
    """`interest`, `interest-noawait`, `activate` ... (deb-triggers(5)), or `%transfiletriggerin` and its kin."""
    names: tuple[str, ...]
    """A trigger's name or path (dpkg: one), or the prefixes of a file trigger."""
    script: Script | None = None
    """What an RPM trigger runs."""
