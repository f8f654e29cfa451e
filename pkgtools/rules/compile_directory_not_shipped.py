# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""compile-directory-not-shipped: a script compiles a directory in which the package has nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKAGES, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.shell.compilers import NamedPlaces, compiling, directories_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject

_STATIC = re.compile(r"/(?:usr|opt)/[^$*?\[]+")
_PAGE = Page(
    what="A script has a directory compiled in which its package ships nothing.",
    why=(
        "Nothing is compiled, and no message says so: the helper chooses among the package's own files, and none lies "
        "there. Mostly the directory was moved or its name is mistyped, and the modules stay uncompiled where they "
        "really are."
    ),
    example="py3compile -p acme /usr/share/amce",
    fix="Name the directory that the package ships: `dpkg-deb --contents FILE.deb` or `rpm -qlp FILE.rpm` lists it.",
    references=("py3compile(1)", "pkgtools-compile(1)"),
)


@rule(title="compiles a directory that isn't shipped", severity=Severity.WARNING, kinds=PACKAGES, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield each place below /usr or /opt that is compiled and has no file in it."""
    files = [file.path for file in subject.package.files if not file.is_directory]
    filled = directories_above(files) | {*files}
    links = NamedPlaces(
        known=frozenset(one.path for one in subject.package.files if one.is_symlink), has_variable=False
    )
    for work in compiling(subject.commands):
        for place in work.places:
            plain = place.rstrip("/")
            if _STATIC.fullmatch(place) and plain not in filled and not links.hold(plain):
                yield Hit(text=f"there is nothing in {place}", script=work.command.script, line=work.command.line)
