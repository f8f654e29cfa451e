# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""transfiletriggerpostun-reads-stdin: a trigger reads a list that rpm doesn't give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.shell.commands import read_commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.commands import Command

_READERS = frozenset({"read", "xargs", "mapfile", "readarray"})
_FILTERS = frozenset({"cat", "grep", "sed", "awk", "sort", "tr"})
_PAGE = Page(
    what="The body of a `%transfiletriggerpostun` reads file names from standard input.",
    why=(
        "rpm gives it nothing there: when it runs, the packages are gone from the database and with them the lists "
        "of their files. The loop's body never runs, and what it was to clean stays for ever."
    ),
    example='%transfiletriggerpostun -- /usr/share/acme/\nwhile read -r file; do rm -f "$file"c; done',
    fix=(
        "Use `%filetriggerun`, which lists the files that really go while they are still there: `pkgtools-clean "
        "--rpm-stdin`. Or look at the directory itself: `pkgtools-clean --orphans DIR`."
    ),
    references=("rpm, file triggers: https://rpm-software-management.github.io/rpm/manual/file_triggers.html",),
)


@rule(
    title="%transfiletriggerpostun reads an empty list",
    severity=Severity.ERROR,
    kinds=frozenset({Kind.RPM}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the first command of each such trigger that waits for names."""
    for trigger in subject.package.triggers:
        if trigger.directive != "%transfiletriggerpostun" or trigger.script is None:
            continue
        for command in read_commands(trigger.script):
            if _reads_names(command):
                yield Hit(
                    text=f"reads names, and there are none: {command.text}", script=command.script, line=command.line
                )
                break


def _reads_names(command: Command) -> bool:
    if command.reads_pipe or any(one.startswith("<") for one in command.redirections):
        return False
    words = tuple(word for word in command.words[1:] if not word.startswith("-"))
    if command.program in _FILTERS:
        return len(words) <= (command.program not in {"cat", "sort"})
    return command.program in _READERS or "--rpm-stdin" in command.words
