# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""trigger-without-runtime: a package relies on triggers that nothing pulls in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.shell.compilers import OURS, REGISTRY, compiling, depends_on_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_PAGE = Page(
    what=(
        "A package activates pkgtools' trigger or registers private directories, and doesn't depend on "
        "pkgtools-runtime."
    ),
    why=(
        "Whoever compiles is in pkgtools-runtime. Where that isn't installed, dpkg takes a trigger that nobody is "
        "interested in without a word, and nobody reads the registration: the modules stay uncompiled."
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
    for path in subject.files:
        if path.startswith(REGISTRY) and path.endswith(".conf"):
            yield Hit(text="registers private directories, and nothing pulls in who reads it", path=path)
