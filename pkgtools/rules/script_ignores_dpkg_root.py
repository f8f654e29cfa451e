# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""script-ignores-dpkg-root: a script compiles or cleans on the host where dpkg works on another system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Confidence, Page, Persona, Severity
from pkgtools.model.package import Kind
from pkgtools.shell.compilers import BYTECODE, cleaning, compiling, removes_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.compilers import CompilerCommand

_PAGE = Page(
    what="A maintainer script compiles or cleans by itself and never looks at DPKG_ROOT.",
    why=(
        "`dpkg --root=DIR --force-script-chrootless`, which builds images and foreign architectures, runs scripts "
        "on the host and sets DPKG_ROOT to where the system lies. A script that doesn't heed it works on the "
        "host: its caches are rewritten, a purge in the image deletes them, and the image has none."
    ),
    example="python3 -m compileall -q /usr/share/acme",
    fix='Put it in front of paths: `"${DPKG_ROOT:-}/usr/share/acme"`; or do nothing where it is set.',
    references=("dpkg(1), --force-script-chrootless", "Debian Wiki, Teams/Dpkg/Spec/InstallBootstrap"),
)


@rule(
    title="compiles on the host in a chrootless install",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    persona=Persona.AUDITOR,
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the first compilation or clean of each script without DPKG_ROOT that no debhelper command wrote."""
    seen = {script.name for script in subject.package.scripts if "DPKG_ROOT" in script.text}
    for work in (*compiling(subject.commands), *cleaning(subject.commands)):
        command = work.command
        if command.script not in seen and not command.helper and _is_bytecode(work):
            seen.add(command.script)
            yield Hit(text=f"works on the host: {command.text}", script=command.script, line=command.line)


def _is_bytecode(work: CompilerCommand) -> bool:
    return work.tool not in {"pkgtools-compile", "pkgtools-clean"} and (
        not removes_tree(work.command.words) or BYTECODE.search(work.command.text) is not None
    )
