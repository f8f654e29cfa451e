# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""file-trigger-prefix-without-slash: a file trigger's prefix also matches other directories."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.pythons import COMMAND, PACKAGES_NAME
from pkgtools.shell.commands import read_commands
from pkgtools.shell.compilers import cleaning, compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_PYTHON = re.compile(rf".*/{COMMAND}|.*/{PACKAGES_NAME}")
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


@rule(
    title="file trigger's prefix has no slash at its end",
    severity=Severity.WARNING,
    kinds=frozenset({Kind.RPM}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each prefix of a trigger that compiles or cleans, or that is Python's directory."""
    for trigger in subject.package.triggers:
        if "filetrigger" not in trigger.directive or trigger.script is None:
            continue
        commands = tuple(read_commands(trigger.script))
        is_work = any(compiling(commands)) or any(cleaning(commands))
        for prefix in trigger.names:
            is_of_programs = prefix.rpartition("/")[0].endswith("/bin")  # their names have nothing below them
            if not prefix.endswith("/") and not is_of_programs and (is_work or _PYTHON.fullmatch(prefix)):
                yield Hit(text=f"{prefix} is also the beginning of other names", script=trigger.script.name)
