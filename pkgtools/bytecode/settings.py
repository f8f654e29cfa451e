# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what files of shells, PAM and systemd set for Python's bytecode."""

from __future__ import annotations

import re
from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.package import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.runtime.facts import InstalledPath

SETTING_FILES = (
    "/etc/environment",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/security/pam_env.conf",
    "/etc/sudoers",
    "/etc/systemd/system.conf",
)
SETTING_DIRECTORIES = (
    "/etc/environment.d",
    "/etc/profile.d",
    "/etc/default",
    "/etc/sudoers.d",
    "/etc/sysconfig",
    "/etc/systemd/system.conf.d",
    "/usr/lib/environment.d",
    "/usr/lib/systemd/system.conf.d",
)
UNITS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
"""Where units are, and drop-ins for them in directories below, as `x.service.d` (systemd.unit(5))."""
PREFIX = "PYTHONPYCACHEPREFIX"
"""The variable that moves bytecode into a central cache."""
_SETTING = re.compile(
    rb"""^[^#\n]*?\b(PYTHONPYCACHEPREFIX|PYTHONDONTWRITEBYTECODE)[ \t]*(?:DEFAULT)?=[ \t]*["']?([^"'\s]*)""",
    re.MULTILINE,
)
LARGEST_SETTINGS_FILE = 1 << 18
"""Bytes of such a file that are read."""


def holds_settings(path: InstalledPath) -> bool:
    """Whether a file is one in which environments are set, by its path."""
    directory = dirname(path)
    return path in SETTING_FILES or directory in SETTING_DIRECTORIES or directory in UNITS or is_unit_drop_in(path)


def is_unit_drop_in(path: InstalledPath) -> bool:
    """Whether a file is a drop-in for a unit, by its path."""
    directory = dirname(path)
    return dirname(directory) in UNITS and directory.endswith(".d") and path.endswith(".conf")


def settings_in(path: InstalledPath, content: bytes) -> Iterator[Setting]:
    """Yield what the content of such a file sets for Python's bytecode, line by line."""
    for found in _SETTING.finditer(content):
        yield Setting(
            path=path,
            line=content.count(b"\n", 0, found.start(1)) + 1,
            name=found[1].decode(),
            value=found[2].decode("utf-8", "surrogateescape"),
        )
