# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What a package manager runs for a package: its maintainer scripts or scriptlets, and its triggers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_LONGEST_LINE = 255
"""Characters of a script's first line that a kernel reads."""


class ScriptKind(Enum):
    """When a maintainer script or scriptlet runs."""

    PRE_INSTALL = "pre-install"
    POST_INSTALL = "post-install"
    PRE_REMOVE = "pre-remove"
    POST_REMOVE = "post-remove"
    TRIGGER = "trigger"
    """What a trigger of RPM or apk, a file trigger or a hook of libalpm runs; dpkg's triggers run the postinst."""
    OTHER = "other"
    """config of debconf, %verifyscript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A maintainer script or scriptlet."""

    name: str
    """As its family writes it: `postinst`, `%post`, `%transfiletriggerin`, `post-install`, `post_install`."""
    kind: ScriptKind
    """When it runs, in words that all families share."""
    interpreter: tuple[str, ...]
    """What runs it, with its arguments, as `("/bin/sh", "-e")`; `("<lua>",)` for rpm's own."""
    text: str
    """Everything, the first line with #! of a maintainer script too; surrogates for what isn't UTF-8."""


def interpreter_of(text: str) -> tuple[str, ...]:
    """Return what the first line of a script has it run by; nothing if it doesn't begin with #!."""
    line = text[:_LONGEST_LINE].partition("\n")[0]
    return tuple(line.removeprefix("#!").split()) if line.startswith("#!") else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """An interest of a package in files or a trigger, or its activation of one."""

    directive: str
    """`interest`, `activate` ... (deb-triggers(5)), `%transfiletriggerin` and its kin, `trigger` (apk), or `hook`."""
    names: tuple[str, ...]
    """A trigger's name or path (dpkg: one), the prefixes of a file trigger, apk's directories, a hook's targets."""
    script: Script | None = None
    """What it runs; None for dpkg's triggers, which run the postinst."""
