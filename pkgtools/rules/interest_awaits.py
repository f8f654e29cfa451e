# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""interest-awaits: a trigger on a directory of modules makes every package that ships one wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.layout import is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_AWAITING = frozenset({"interest", "interest-await"})
_PAGE = Page(
    what="A package declares `interest` in a directory of Python modules, without `-noawait`.",
    why=(
        "Every package that puts a file there then stays in state triggers-awaited until this one has done its "
        "work. So long it satisfies no dependency, apt's order can run into cycles, and if the trigger fails "
        "all of them are stuck. Bytecode is nothing that a package has to wait for: it works without."
    ),
    example="interest /usr/lib/python3/dist-packages",
    fix="interest-noawait /usr/lib/python3/dist-packages",
    references=("deb-triggers(5)", "dpkg(1), 'triggers-awaited'"),
)


@rule(
    title="interest on modules makes their packages wait",
    severity=Severity.WARNING,
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each such interest."""
    for trigger in subject.package.triggers:
        for name in trigger.names:
            if trigger.directive in _AWAITING and (name == "pkgtools-bytecode" or is_public(InstalledPath(name))):
                yield Hit(text=f"{trigger.directive} {name}: say interest-noawait", script="triggers")
