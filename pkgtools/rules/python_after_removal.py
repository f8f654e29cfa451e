# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""python-after-removal: a postrm needs Python, which may be gone by then."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import Hit, rule
from pkgtools.model.finding import Confidence, Page, Severity
from pkgtools.model.package import Kind
from pkgtools.shell.compilers import cleaning, compiling, is_python, unwrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_GUARD = re.compile(r"command -v|which|type|hash|\[ -x|test -x|\[ -e|\[ -f|test -e|test -f")
_LONGEST = 100
_PAGE = Page(
    what="A postrm calls Python or one of its helpers, and neither tests that it is there nor tolerates its failure.",
    why=(
        "When a package is purged its dependencies may be long gone. Then the call fails, and with `set -e` the "
        "package can't be purged until an administrator edits the script."
    ),
    example="#!/bin/sh\nset -e\npy3clean -p acme",
    fix="Clean in prerm. What has to be done in postrm: `if command -v python3 >/dev/null; then ... || true; fi`.",
    references=("Debian Policy 6.5 and 7.2",),
)


@rule(
    title="needs Python when it may be gone",
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each call that may end such a script."""
    helpers = {work.command: work.tool for work in (*compiling(subject.commands), *cleaning(subject.commands))}
    is_guarded = False
    for command in subject.commands:
        if command.script != "postrm":
            continue
        is_guarded = is_guarded or _GUARD.match(command.text) is not None
        needs = is_python(unwrapped(command.words)) or helpers.get(command, "").endswith(("clean", "compile"))
        if needs and command.exits_on_error and not command.is_tolerated and not is_guarded:
            yield Hit(
                text=f"fails if Python isn't there: {command.text[:_LONGEST]}", script=command.script, line=command.line
            )
