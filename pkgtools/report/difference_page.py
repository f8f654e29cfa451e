# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The difference of two packages as one page of HTML: what was on the left, what is on the right. It has no script."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import Markup

from pkgtools import __version__

from .html import digest, pieces_of, read_part
from .side_by_side import Row, side_by_side
from .wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pkgtools.check.difference import Aspect, Change
    from pkgtools.model.package import Package

MOST = 1_000
"""So many changes of each aspect are on the page, unless all are asked for."""
_TITLES = {"package": "The package"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """The changes of one aspect."""

    id: str
    title: str
    number: int
    """How many there are, those that are not shown included."""
    changes: Sequence[Change]
    """In the place of texts: what is told of them in a line each."""
    texts: Sequence[_Texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """Two texts, such as those of a script, beside each other."""

    where: str
    rows: Sequence[Row]
    more: int


def write_difference(old: Package, new: Package, changes: Sequence[Change], *, every: bool = False) -> Iterator[str]:
    """Yield the page in pieces; with `every` it has all changes of each aspect, not the first thousand."""
    css = read_part("report.css") + read_part("diff.css")
    sections = [
        _section(aspect, list(group), every=every) for aspect, group in groupby(changes, key=lambda one: one.aspect)
    ]
    yield from pieces_of(
        "diff.html.j2",
        {
            "version": __version__,
            "old": old,
            "new": new,
            "outcome": counted(len(changes), "difference") if changes else "Nothing differs",
            "exit": int(bool(changes)),
            "sections": sections,
            "css": Markup(css),  # noqa: S704 # ours, and the policy has its digest
            "css_hash": Markup(digest(css)),  # noqa: S704
        },
    )


def _section(aspect: Aspect, changes: list[Change], *, every: bool) -> _Section:
    shown = changes if every else changes[:MOST]
    return _Section(
        id=aspect.value,
        title=_TITLES.get(aspect.value, aspect.value.capitalize()),
        number=len(changes),
        changes=[one for one in shown if one.texts is None],
        texts=[_texts(one.where, *one.texts) for one in shown if one.texts is not None],
    )


def _texts(where: str, old: str, new: str) -> _Texts:
    rows, more = side_by_side(old, new)
    return _Texts(where=where, rows=rows, more=more)
