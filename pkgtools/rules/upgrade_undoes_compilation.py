# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""upgrade-undoes-compilation: an rpm's upgrade deletes what the new version's %post has just compiled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.model.package_scripts import ScriptKind
from pkgtools.shell.compilers import cleaning, compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_REMOVAL = frozenset({ScriptKind.PRE_REMOVE, ScriptKind.POST_REMOVE})
_ARGUMENT = re.compile(r"\$(?:1|\{1|[*@])")
_PAGE = Page(
    what="`%post` compiles, and `%preun` or `%postun` cleans without asking whether it is an upgrade.",
    why=(
        "rpm runs the new package's `%post` first and the old one's `%preun` and `%postun` after it. Without a look "
        "at `$1` the old scriptlet takes away what the new one has just made: after every upgrade there is no "
        "bytecode."
    ),
    example="%post\npkgtools-compile -p acme || :\n%preun\npkgtools-clean -p acme || :",
    fix='Clean only where the package goes: `if [ "$1" -eq 0 ]; then pkgtools-clean -p acme || :; fi`.',
    references=("Fedora Packaging Guidelines, Scriptlets, 'Scriptlet Ordering'", "rpm-scriptlets(7)"),
)


@rule(title="upgrade deletes what %post compiled", severity=Severity.ERROR, kinds=frozenset({Kind.RPM}), page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each clean in a scriptlet that doesn't look at its argument."""
    if not any(work.command.script in {"%post", "%posttrans"} for work in compiling(subject.commands)):
        return
    scripts = {one.name for one in subject.package.scripts if one.kind in _REMOVAL and not _ARGUMENT.search(one.text)}
    for work in cleaning(subject.commands):
        command = work.command
        if command.script in scripts:
            yield Hit(text=f"runs at upgrades, too: {command.text}", script=command.script, line=command.line)
