# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""digest-mismatch: content that isn't what the package says it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.check.repairs import reinstall
from pkgtools.check.rule import EVERYTHING, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.model.package import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="A file, or a part of the package, doesn't have the checksum that the package declares.",
    why=(
        "The package was damaged or changed after it was built; an installed file was changed after it was installed."
    ),
    example="usr/share/acme/m.py: md5sums says d41d8cd98f00b204e9800998ecf8427e",
    fix=(
        "Build or download the package again; reinstall it on the system. If you changed the file on purpose, "
        "keep the change in a package of your own."
    ),
    references=(
        "deb-md5sums(5)",
        "rpm(8), --verify",
    ),
)


@rule(title="content differs from its checksum", severity=Severity.ERROR, kinds=EVERYTHING, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield flaws of the package and files whose content is another."""
    yield from (Hit(text=flaw) for flaw in subject.package.flaws)
    for file in subject.package.files:
        if file.is_intact is False and file.digest is not None:
            text = f"its content doesn't have the {file.digest.algorithm} checksum that the package declares"
            repair = reinstall(subject.package, file) if subject.package.kind is Kind.ROOT else ""
            yield Hit(text=text, path=file.path, repair=repair)
