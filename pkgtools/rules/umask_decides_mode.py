# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""umask-decides-mode: a script sets a umask of its own and then compiles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.shell.compilers import OURS, compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.compilers import CompilerCommand

_USUAL = frozenset({"022", "0022", "22"})
_OPEN = 0o022
_OCTAL = re.compile("[0-7]{1,4}")
_PAGE = Page(
    what="A script sets a umask other than 022 and compiles with a tool that leaves the modes of caches to it.",
    why=(
        "dpkg and rpm run scripts under umask 022. A script that changes it, for a file with a password perhaps, "
        "and then compiles gives the new `__pycache__` directories 0777 less that umask: after `umask 077` no user "
        "but root can read them, and every start of the program compiles again; after `umask 002` or `000` others "
        "can put their bytecode in. Nothing repairs that later: tools keep the directories that are there."
    ),
    example='umask 077\necho "$password" > /etc/acme/secret\npython3 -m compileall -q /usr/share/acme',
    fix=(
        "Set it where it is needed only, in a subshell: `(umask 077; echo ... > /etc/acme/secret)`. Or compile with "
        "pkgtools-compile, which sets the modes itself."
    ),
    references=("PEP 3147, 'Implementation strategy'", "umask(2)", "pkgtools-compile(1)"),
)


@rule(title="compiles under a umask of its own", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each command that compiles after a umask was set in the same script."""
    umasks: dict[str, str] = {}
    for command in subject.commands:
        if command.program == "umask" and len(command.words) == 2 and not command.in_subshell:
            umasks[command.script] = command.words[1]
        umask = umasks.get(command.script, "")
        if _OCTAL.fullmatch(umask) and umask not in _USUAL and any(map(_asks_umask, compiling([command]))):
            yield Hit(
                text=f"umask {umask} holds here; the cache directories get a mode by it: {command.text}",
                script=command.script,
                line=command.line,
                severity=None if int(umask, 8) & _OPEN == _OPEN else Severity.DANGER,
            )


def _asks_umask(work: CompilerCommand) -> bool:
    return work.tool != OURS
