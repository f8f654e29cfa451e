# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""bad-module-breaks-install: one source with a fault makes the package fail to configure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.shell.compilers import compiling, is_of_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_PAGE = Page(
    what="Under `set -e` a script compiles with Python's own modules and nothing tolerates their failure.",
    why=(
        "compileall and py_compile exit with 1 if a single source can't be compiled: one that a newer Python "
        "refuses, a template, a test with a deliberate fault. The script ends there, the package stays "
        "half-configured, and so does all that depends on it. Bytecode is a cache; a system works without it."
    ),
    example="set -e\npython3 -m compileall -q /usr/share/acme",
    fix="Say `|| true` behind it, or use pkgtools-compile, which reports a bad source and compiles the rest.",
    references=("compileall, Python documentation", "Debian Policy 6.4", "pkgtools-compile(1)"),
)


@rule(
    title="one bad module makes the install fail",
    severity=Severity.WARNING,
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each command that compiles and may end the script."""
    if is_of_interpreter(subject.package):
        return
    for work in compiling(subject.commands):
        command = work.command
        if work.is_plain_python and command.exits_on_error and not command.is_tolerated and not command.helper:
            yield Hit(
                text=f"a source that can't be compiled ends the script here: {command.text}",
                script=command.script,
                line=command.line,
            )
