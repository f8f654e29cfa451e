# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""linked-cache: a cache directory or pyc that is a symbolic link."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.check.repairs import in_system
from pkgtools.check.rule import EVERYTHING, Hit, fixable, rule
from pkgtools.model.edits import RemoveFile
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A symbolic link stands in the place of a cache directory or a pyc.",
    why=(
        "Import follows it and runs what lies there, with nothing but a look at time and size. Tools that compile "
        "or clean as root may follow it, too, and write or delete where it leads. No tool compares what is behind it."
    ),
    example="/usr/share/acme/__pycache__ -> /tmp/cache",
    fix="Remove the link and compile again; pkgtools-compile refuses to go through it.",
    references=("https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation", "pkgtools-compile(1)"),
)

_OF_OTHERS = ("/tmp/", "/var/tmp/", "/dev/shm/", "/home/")  # noqa: S108 - it's the others who write there


@fixable("removes the link")
@rule(title="link in the place of a cache", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield the links; those that lead to where others write are dangerous."""
    pycs = {pyc.file.path for pyc in subject.cached}
    for file in subject.package.files:
        if file.is_symlink and (basename(file.path) == CACHE_DIRECTORY or file.path in pycs):
            severity = Severity.DANGER if file.link.startswith(_OF_OTHERS) else None
            text, edits = f"is a link to {file.link!r}", (RemoveFile(path=file.path),)
            repair = in_system(subject.package, "rm", file.path) if subject.package.kind is Kind.ROOT else ""
            yield Hit(text=text, path=file.path, severity=severity, repair=repair, edits=edits)
