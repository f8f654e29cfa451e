# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""python-not-isolated: a script runs Python as root with the caller's environment."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Confidence, Page, Persona, Severity
from pkgtools.shell.compilers import is_python, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_LONGEST = 100
_PAGE = Page(
    what="A script runs Python without `-I`, or `-E` and `-s`.",
    why=(
        "dpkg and rpm pass the environment of whoever called them on. With PYTHONPATH, PYTHONHOME or a directory of "
        "that user's own packages in it, root runs modules that the package has never seen: what was meant for one "
        "user's program breaks the install of another, or does what that user wants."
    ),
    example="python3 -c 'import acme; acme.migrate()'",
    fix="Add -I: `python3 -I -c '...'`. For a program that the package ships, `#!/usr/bin/python3 -I`.",
    references=("python(1), -I, -E and -s", "Python documentation, 'Command line and environment'"),
)


@rule(
    title="script's Python takes code from the environment",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
    kinds=PACKAGES,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each call of Python that isn't isolated."""
    for command in subject.commands:
        words = unwrapped(command.words)
        if not is_python(words) or command.helper or len(words) < 2 or words[1] in {"-V", "--version"}:
            continue
        options = "".join(takewhile(_is_flag, words[1:]))
        if "I" not in options and not ("E" in options and set(options) & {"s", "S"}):
            yield Hit(text=f"not isolated: {command.text[:_LONGEST]}", script=command.script, line=command.line)


def _is_flag(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--")
