# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""two-helpers-compile: the scripts of dh_python3 and those of pkgtools are both in a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.shell.compilers import OURS, cleaning, compiling, places_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.shell.compilers import CompilerCommand


_PAGE = Page(
    what=(
        "The maintainer scripts of a package call py3compile or py3clean for the same modules that "
        "pkgtools-compile or pkgtools-clean are called for."
    ),
    why=(
        "Both sequences ran in the build. Each upgrade compiles the modules twice, and py3compile does so without "
        "what pkgtools promises: one module with a fault makes its script fail, and the umask decides modes. What "
        "pkgtools kept for the upgrade py3clean throws away."
    ),
    example="dh $@ --with python3,pkgtools",
    fix=(
        "Leave one of the two out: `dh $@ --with pkgtools`, and no dh-sequence-python3 in Build-Depends. Where "
        "another part of the build needs dh_python3, call it with -N for this package."
    ),
    references=("dh_pkgtools(1)", "dh_python3(1)", "debhelper(7), 'dh sequencer'"),
)
_THEIRS = frozenset({"py3compile", "py3clean"})
_OURS = frozenset({OURS, "pkgtools-clean"})


@rule(title="compiled by two helpers", severity=Severity.WARNING, kinds=frozenset({Kind.DEB, Kind.TREE}), page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the first call of dh_python3's tools, if pkgtools does the same."""
    name = subject.package.name
    works = [work for work in (*compiling(subject.commands), *cleaning(subject.commands)) if work.is_about(name)]
    ours = [work for work in works if work.tool in _OURS]
    for work in works:
        also = next((one for one in ours if _overlap(work, one)), None) if work.tool in _THEIRS else None
        if also:
            text = f"{work.command.text}: the same is done by {also.command.text}, in {also.command.script}"
            yield Hit(text=text, script=work.command.script, line=work.command.line)
            return


def _overlap(one: CompilerCommand, other: CompilerCommand) -> bool:
    """Whether two commands are about the same, public modules or a directory, and no branches of one script by hand."""
    if one.command.helper == other.command.helper:
        return False
    if not one.places or not other.places:
        return not (one.places or other.places)
    places = places_of([one])
    return any(places.hold(place) for place in other.places)
