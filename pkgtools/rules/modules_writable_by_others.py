# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""modules-writable-by-others: sources that others than root can change."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import File
from pkgtools.runtime.facts import InstalledPath

from .rule import EVERYTHING, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=("A source, or a directory of modules, can be written by everybody, or by a group other than root's."),
    why=(
        "Whoever can write there decides what runs when root imports the module. pkgtools-compile refuses "
        "such directories."
    ),
    example="drwxrwxrwx root/root ./usr/share/acme/plugins/",
    fix=("Ship modules 0644 in directories 0755. Plugins of users belong into their own directories."),
    references=(
        "Debian Policy 10.9",
        "pkgtools-compile(1)",
    ),
)


_ROOT = {"root", "staff", ""}
"""Groups whose members may become root anyway; staff by Debian's default for /usr/local."""


def find(subject: Subject) -> Iterator[Hit]:
    """Yield sources and their directories."""
    directories = {InstalledPath(dirname(file.path)) for file in subject.modules}
    wanted = [*subject.modules, *(subject.files[path] for path in sorted(directories) if path in subject.files)]
    for file in wanted:
        if _is_writable(file) and not file.is_ghost:
            who = "everybody" if file.permissions & 0o002 else f"group {file.group or file.gid}"
            yield Hit(text=f"mode {file.permissions:04o}: {who} can write", path=file.path)


def _is_writable(file: File) -> bool:
    if not (file.is_regular or file.is_directory):
        return False
    by_group = file.permissions & 0o020 and not (file.gid == 0 or file.group in _ROOT)
    return bool(file.permissions & 0o002 or by_group)


RULE = Rule(
    facts=RuleFacts(
        id="modules-writable-by-others",
        title="modules that others can write",
        severity=Severity.DANGER,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=EVERYTHING,
    find=find,
)
