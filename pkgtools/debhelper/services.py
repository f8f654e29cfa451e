# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What of a package is started by others before a dpkg run ends: units, init scripts, cron jobs, D-Bus services.

triggers/launch has the same list, for packages that call py3compile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .tree.virtual_tree import VirtualTree

_INSTALLED = re.compile(
    r"(?:usr/)?lib/systemd/(?:system|user)/.|etc/systemd/(?:system|user)/.|etc/(?:init\.d|cron\.[a-z]+)/."
    r"|var/spool/cron/.|usr/share/dbus-1/(?:system-)?services/."
)
_KINDS = r"(?:service|socket|timer|path|init|cron\.(?:d|hourly|daily|weekly|monthly))"


def started_by_others(tree: VirtualTree, top: Path, package: str, *, is_first: bool) -> str:
    """Return the first such file, empty if there is none.

    It lies in the package's tree, or in debian/, from where dh_installinit, dh_installsystemd and dh_installcron
    install it later: `PKG.service`, `PKG.NAME.service`, `PKG@.service`, for the first package without its name.
    """
    for directory in tree.walk(""):
        for name in tree.names(directory):
            path = f"{directory}/{name}".lstrip("/")
            if _INSTALLED.match(path) and not tree.is_directory(path):
                return f"/{path}"
    prefix = rf"{re.escape(package)}(?:@|\.[^.]+@?)?\."
    # .amd64 or .linux behind it: for that architecture or system
    pattern = re.compile(rf"(?:{prefix}){'?' if is_first else ''}(?:user\.)?{_KINDS}(?:\.[a-z0-9-]+)?")
    names = sorted(path.name for path in (top / "debian").iterdir() if path.is_file())
    return next((f"debian/{name}" for name in names if pattern.fullmatch(name)), "")
