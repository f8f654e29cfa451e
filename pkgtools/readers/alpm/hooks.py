# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: hooks of libalpm that a package ships (alpm-hooks(5)), as triggers."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from pkgtools.model.package_scripts import Script, ScriptKind, Trigger

if TYPE_CHECKING:
    from pkgtools.runtime.facts import InstalledPath

LARGEST_HOOK = 1 << 13
"""Bytes of a hook that is read."""
HOOK = "hook"
"""What a trigger of this kind is called."""
_PLACE = re.compile(r"/usr/share/libalpm/hooks/[^/]+\.hook", re.DOTALL)
_SHELLS = frozenset({"/bin/sh", "/usr/bin/sh", "/bin/bash", "/usr/bin/bash"})


def is_hook(path: InstalledPath) -> bool:
    """Whether a file is a hook by its place."""
    return _PLACE.fullmatch(path) is not None


def read_hook(path: InstalledPath, content: bytes) -> Trigger:
    """Read a hook; its script is what Exec runs, in the line where it stands."""
    targets: list[str] = []
    script = None
    name = path.rpartition("/")[2]
    for number, line in enumerate(content.decode("utf-8", "surrogateescape").split("\n")):
        key, is_setting, value = (part.strip() for part in line.partition("="))
        if is_setting and key == "Target":
            targets.append(value)
        elif is_setting and key == "Exec":
            script = _script(name, number, value)
    return Trigger(directive=HOOK, names=tuple(targets), script=script)


def _script(name: str, number: int, command: str) -> Script:
    """Return what a command runs, behind so many empty lines; of a shell's `-c` it is the text that counts."""
    try:
        words = shlex.split(command)
    except ValueError:  # pacman takes quotes in another way
        words = []
    if len(words) > 2 and words[0] in _SHELLS and words[1] == "-c":
        command = words[2]
    return Script(name=name, kind=ScriptKind.TRIGGER, interpreter=("/bin/sh",), text="\n" * number + command + "\n")
