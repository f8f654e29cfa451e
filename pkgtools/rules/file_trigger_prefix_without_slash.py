# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""file-trigger-prefix-without-slash: a file trigger's prefix also matches other directories."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import Kind

from .compilers import cleaning, compiling
from .rule import Hit, Rule
from .shell import read_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject

_PYTHON = re.compile(r".*/(?:python|pypy)[\d.]*|.*/(?:site|dist)-packages")
_PAGE = Page(
    what="A file trigger about Python names a prefix that doesn't end with a slash.",
    why=(
        "rpm compares strings: `/usr/lib/python3` is also the beginning of "
        "`/usr/lib/python3.11/site-packages/x.py`, and `/opt/acme` of `/opt/acme-tests`. The trigger runs for files "
        "that aren't meant, and with overlapping prefixes it gets the same file twice. rpm-ostree takes the prefix "
        "for a directory and calls it for other files than rpm does."
    ),
    example="%transfiletriggerin -- /usr/lib/python3",
    fix="End it with a slash: `%transfiletriggerin -- /usr/lib/python3.11/site-packages/`.",
    references=("rpm, file triggers: https://rpm-software-management.github.io/rpm/manual/file_triggers.html",),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield each prefix of a trigger that compiles or cleans, or that is Python's directory."""
    for trigger in subject.package.triggers:
        if "filetrigger" not in trigger.directive or trigger.script is None:
            continue
        commands = tuple(read_commands(trigger.script))
        is_work = any(compiling(commands)) or any(cleaning(commands))
        for prefix in trigger.names:
            if not prefix.endswith("/") and (is_work or _PYTHON.fullmatch(prefix)):
                yield Hit(text=f"{prefix} is also the beginning of other names", script=trigger.script.name)


RULE = Rule(
    facts=RuleFacts(
        id="file-trigger-prefix-without-slash",
        title="file trigger's prefix has no slash at its end",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=frozenset({Kind.RPM}),
    find=find,
)
