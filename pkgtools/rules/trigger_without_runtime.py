# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""trigger-without-runtime: a package relies on triggers that nothing pulls in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import DropInFacts
from pkgtools.runtime.policy.configuration import LeftPackage, parse_drop_in
from pkgtools.shell.compilers import OURS, REGISTRY, compiling, depends_on_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.model.package import File

_PAGE = Page(
    what=(
        "A package activates pkgtools' trigger or registers private directories, and doesn't depend on "
        "pkgtools-runtime."
    ),
    why=(
        "Whoever compiles is in pkgtools-runtime. Where that isn't installed, dpkg takes a trigger that no package is "
        "interested in without a word, and no program reads the registration: the modules stay uncompiled."
    ),
    example="# debian/acme.triggers, and no pkgtools-runtime in Depends\nactivate-noawait pkgtools-bytecode",
    fix=(
        "Add pkgtools-runtime to Depends (Requires); dh_pkgtools and `pkgtools generate` do so. Or choose another "
        "strategy."
    ),
    references=("deb-triggers(5)", "/usr/share/doc/pkgtools/manifest.md, strategy"),
)


@rule(title="relies on triggers without pkgtools-runtime", severity=Severity.ERROR, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the trigger and each registration."""
    if depends_on_runtime(subject.package):
        return
    for trigger in subject.package.triggers:
        if trigger.directive.startswith("activate") and "pkgtools-bytecode" in trigger.names:
            yield Hit(
                text="activates pkgtools-bytecode, and nothing pulls in who is interested in it", script="triggers"
            )
    if any(work.tool == OURS for work in compiling(subject.commands)):
        return  # the package brings the runtime with it, or calls it where it is
    for path, file in subject.files.items():
        if path.startswith(REGISTRY) and path.endswith(".conf") and _asks_for_something(file):
            yield Hit(text="registers private directories, and nothing pulls in who reads it", path=path)


def _asks_for_something(file: File) -> bool:
    """Whether a registration says anything else than that modules are to be left alone."""
    text = file.facts.text if isinstance(file.facts, DropInFacts) else ""
    entries = [entry for _, entry in parse_drop_in(text, ours=True)]
    return not entries or not all(isinstance(entry, LeftPackage) for entry in entries)
