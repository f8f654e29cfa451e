# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the bars of the page, in per cent of their width."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .totals import summarize
from .wording import counted, label, severities

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.model.finding import CheckVerdict

MOST = 20
"""So many packages have bars of their own."""

_SORTS = ("sources", "pycs", "programs", "other")
_UNITS = ("B", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A part of a bar."""

    kind: str
    """What it stands for: a severity, or a sort of file; its class in the page."""
    start: float
    """Per cent of the bar's width."""
    width: float
    """Likewise."""
    text: str
    """What it says to those who point at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Segment):
    """A part of the bar of all bytes."""

    files: int
    """How many files of this sort all packages hold together."""
    size: int
    """Bytes."""
    share: str
    """Of all bytes, as `12 %`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The bars of one package."""

    label: str
    """Name and version of the package, or its file where it has no name."""
    findings: tuple[Segment, ...]
    """As long as its number of findings, compared with the package that has most of them."""
    found: str
    """The findings in words, counted by severity, or `no findings`."""
    bytes: tuple[Segment, ...]
    """As long as its bytes, compared with the largest package."""
    size: int
    """Bytes."""


def shares_of(verdicts: Iterable[CheckVerdict]) -> tuple[Share, ...]:
    """Return what all packages consist of; empty if nothing is known of it."""
    files, sizes = defaultdict[str, int](int), defaultdict[str, int](int)
    for verdict in verdicts:
        for sort, number, total in verdict.counts:
            files[sort] += number
            sizes[sort] += total
    segments = _segments(sizes, sum(sizes.values()))
    whole = sum(sizes.values())
    return tuple(
        Share(
            kind=one.kind,
            start=one.start,
            width=one.width,
            text=one.text,
            files=files[one.kind],
            size=sizes[one.kind],
            share=_per_cent(sizes[one.kind], whole),
        )
        for one in segments
    )


def lines_of(verdicts: Iterable[CheckVerdict]) -> tuple[tuple[Line, ...], int]:
    """Return the bars of the packages with most to say, worst first, and the number of packages that have none."""
    readable = [(verdict, summarize([verdict]).findings) for verdict in verdicts if not verdict.error]
    ordered = sorted(readable, key=lambda one: (tuple(one[1].values()), _size(one[0])), reverse=True)
    most = max((sum(counts.values()) for _, counts in readable), default=0)
    largest = max((_size(verdict) for verdict, _ in readable), default=0)
    shown = tuple(
        Line(
            label=label(verdict),
            findings=_segments({severity.value: number for severity, number in counts.items()}, most),
            found=severities(counts) or "no findings",
            bytes=_segments({sort: total for sort, _, total in verdict.counts}, largest),
            size=_size(verdict),
        )
        for verdict, counts in ordered[:MOST]
    )
    return shown, len(ordered) - len(shown)


def size(number: int) -> str:
    """Say a number of bytes: `812 B`, `4.1 kB`, with units of 1000."""
    value = float(number)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{number:,} B" if unit == "B" else f"{value:.1f} {unit}" if value < 99.95 else f"{value:,.0f} {unit}"


def _size(verdict: CheckVerdict) -> int:
    return sum(total for _, _, total in verdict.counts)


def _per_cent(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0
    return f"{share:.0f} %" if share >= 1 or not part else "< 1 %"


def _segments(parts: Mapping[str, int], whole: int) -> tuple[Segment, ...]:
    """Lay parts side by side in a bar for `whole`; sorts of file come in the order of the legend."""
    start = 0.0
    segments = []
    for kind in sorted(parts, key=lambda kind: _SORTS.index(kind) if kind in _SORTS else -1):
        width = round(100 * parts[kind] / whole, 2) if whole else 0.0
        text = f"{kind}: {size(parts[kind])}" if kind in _SORTS else counted(parts[kind], kind)
        if parts[kind] or kind in _SORTS:
            segments.append(Segment(kind=kind, start=round(start, 2), width=width, text=text))
        start += width
    return tuple(segments)
