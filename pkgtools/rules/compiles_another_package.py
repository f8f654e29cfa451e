# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""compiles-another-package: a script compiles or cleans by the name of another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKED, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.shell.compilers import cleaning, compiling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_PAGE = Page(
    what="A helper's `-p` in a maintainer script names a package other than the script's own.",
    why=(
        "The helper looks at the files of that package. If it isn't installed, it fails, and the script with it; if "
        "it is, its caches are made or thrown away at moments that it doesn't choose. The package's own modules "
        "get none. It is what remains after a package was renamed or split, or a script copied."
    ),
    example="# python3-acme.postinst\npy3compile -p python3-acme-old",
    fix="Name the package itself, or `$DPKG_MAINTSCRIPT_PACKAGE`.",
    references=("py3compile(1), -p", "pkgtools-compile(1), -p", "dpkg(1), DPKG_MAINTSCRIPT_PACKAGE"),
)


@rule(title="compiles or cleans another package", severity=Severity.ERROR, kinds=PACKED, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each package that isn't this one."""
    own = subject.package.name
    for work in (*compiling(subject.commands), *cleaning(subject.commands)):
        for name in work.packages:
            if name and "$" not in name and name != own:
                yield Hit(
                    text=f"this is {own}, and {work.tool} is called for {name}",
                    script=work.command.script,
                    line=work.command.line,
                )
