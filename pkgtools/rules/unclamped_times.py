# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""unclamped-times: bytecode made of sources that are newer than SOURCE_DATE_EPOCH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.bytecode.headers import time_in
from pkgtools.check.rule import PACKED, Hit, rule
from pkgtools.model.finding import Confidence, Page, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what="Shipped pycs carry the time of a source that is newer than the package's own date.",
    why=(
        "Two builds of the same package then differ: the time of the build is in each header. And where a "
        "packer clamps times later on, every pyc is stale."
    ),
    example="SOURCE_DATE_EPOCH=1700000000, and pycs that say 1732287600",
    fix=(
        "Set the times of sources that the build made or changed to SOURCE_DATE_EPOCH before compiling: `find "
        "-newermt @$SOURCE_DATE_EPOCH`, `%clamp_mtime_to_source_date_epoch`, or `pkgtools stage`."
    ),
    references=("https://reproducible-builds.org/docs/source-date-epoch/",),
)


@rule(
    title="SOURCE_DATE_EPOCH not honoured",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    kinds=PACKED,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit if any pyc carries a newer time than the package."""
    made = subject.package.changed
    if made is None:
        return
    late = [
        pyc.file.path
        for pyc in subject.cached
        if pyc.facts and (time := time_in(pyc.facts)) is not None and time > made
    ]
    if late:
        text = f"{len(late)} pycs say that their sources are newer than the package itself ({made}), this one first"
        yield Hit(text=text, path=late[0])
