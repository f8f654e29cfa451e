# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""script-ignores-dpkg-root: a script compiles or cleans on the host where dpkg works on another system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import Kind

from .compilers import BYTECODE, cleaning, compiling, removes_tree
from .rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .compilers import Work
    from .subject import Subject

_PAGE = Page(
    what="A maintainer script compiles or cleans by itself and never looks at DPKG_ROOT.",
    why=(
        "`dpkg --root=DIR --force-script-chrootless`, which builds images and foreign architectures, runs scripts "
        "on the host and tells them in DPKG_ROOT where the system lies. A script that doesn't heed it works on the "
        "host: its caches are rewritten, a purge in the image deletes them, and the image has none."
    ),
    example="python3 -m compileall -q /usr/share/acme",
    fix='Put it in front of paths: `"${DPKG_ROOT:-}/usr/share/acme"`; or do nothing where it is set.',
    references=("dpkg(1), --force-script-chrootless", "Debian Wiki, Teams/Dpkg/Spec/InstallBootstrap"),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield the first compilation or clean of each script without DPKG_ROOT that no debhelper command wrote."""
    seen = {script.name for script in subject.package.scripts if "DPKG_ROOT" in script.text}
    for work in (*compiling(subject.commands), *cleaning(subject.commands)):
        command = work.command
        if command.script not in seen and not command.helper and _is_bytecode(work):
            seen.add(command.script)
            yield Hit(text=f"works on the host: {command.text}", script=command.script, line=command.line)


def _is_bytecode(work: Work) -> bool:
    return work.tool not in {"pkgtools-compile", "pkgtools-clean"} and (
        not removes_tree(work.command.words) or BYTECODE.search(work.command.text) is not None
    )


RULE = Rule(
    facts=RuleFacts(
        id="script-ignores-dpkg-root",
        title="compiles on the host in a chrootless install",
        severity=Severity.INFO,
        confidence=Confidence.MEDIUM,
        persona=Persona.AUDITOR,
        page=_PAGE,
    ),
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    find=find,
)
