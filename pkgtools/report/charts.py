# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the bars of the page, in per cent of their width."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity

from .totals import summarize
from .wording import MATCHES, counted, label, severities, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pkgtools.model.finding import CheckVerdict
    from pkgtools.model.package import CodeMatch

MOST = 20
"""So many packages have bars of their own; the others are a line of text."""

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
    number: int
    """What it stands for in all: bytes, or findings, or pycs."""
    text: str
    """What it says to those who point at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share(Segment):
    """A part of the bar of all bytes."""

    files: int
    """How many files of this sort all packages hold together."""
    share: str
    """Of all bytes, as `12 %`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is said of one package: one that was given, or one of a system."""

    verdict: int
    """The index of the verdict that it is in."""
    owner: str
    """What its findings call it."""
    label: str
    """Name and version of the package, or its file where it has no name."""
    counts: Mapping[Severity, int]
    """Its findings; each severity is there, worst first."""
    sizes: Mapping[str, int]
    """Its bytes by sort of file."""

    @property
    def found(self) -> str:
        """The findings in words, counted by severity, or `no findings`."""
        return severities(self.counts) or "no findings"

    @property
    def size(self) -> int:
        """All its bytes."""
        return sum(self.sizes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The bars of one package."""

    findings: tuple[Segment, ...]
    """As long as its number of findings, compared with the package that has most of them."""
    bytes: tuple[Segment, ...]
    """As long as its bytes, compared with the largest package."""


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
            number=one.number,
            text=one.text,
            files=files[one.kind],
            share=_per_cent(sizes[one.kind], whole),
        )
        for one in segments
    )


def matches_of(verdicts: Iterable[CheckVerdict]) -> tuple[Segment, ...]:
    """Return how the bytecode of all compares with its sources; empty if nothing was to be compared."""
    counts: Counter[CodeMatch] = Counter()
    for verdict in verdicts:
        counts.update(dict(verdict.matches))
    return _segments({match.value: counts[match] for match in MATCHES if counts[match]}, sum(counts.values()))


def lines_of(verdicts: Iterable[CheckVerdict]) -> tuple[Line, ...]:
    """Return a line for every package, those of systems one by one; the ones with most to say come first."""
    lines = [
        line
        for index, verdict in enumerate(verdicts)
        if not verdict.error
        for line in (_of_system if verdict.holdings else _of_package)(index, verdict)
    ]
    return tuple(sorted(lines, key=lambda one: (tuple(one.counts.values()), one.size), reverse=True))


def bars_of(lines: Sequence[Line]) -> tuple[Bars, ...]:
    """Return the bars of the first `MOST` lines."""
    most = max((sum(line.counts.values()) for line in lines), default=0)
    largest = max((line.size for line in lines), default=0)
    return tuple(
        Bars(
            findings=_segments({severity.value: number for severity, number in line.counts.items()}, most),
            bytes=_segments(line.sizes, largest),
        )
        for line in lines[:MOST]
    )


def _of_package(index: int, verdict: CheckVerdict) -> Iterator[Line]:
    sizes = {sort: total for sort, _, total in verdict.counts}
    yield Line(
        verdict=index,
        owner=visible(verdict.name or verdict.origin),
        label=label(verdict),
        counts=summarize([verdict]).findings,
        sizes=sizes,
    )


def _of_system(index: int, verdict: CheckVerdict) -> Iterator[Line]:
    """Yield a line for each package of a system, and for each owner of findings that has nothing else there."""
    found: dict[str, Counter[Severity]] = defaultdict(Counter)
    for finding in verdict.findings:
        found[finding.package][finding.severity] += 1
    held = {one.package: one.counts for one in verdict.holdings}
    for name in dict.fromkeys((*held, *found)):
        owner = visible(name or verdict.name or verdict.origin)
        yield Line(
            verdict=index,
            owner=owner,
            label=owner if name else f"no package ({owner})",
            counts={severity: found[name][severity] for severity in reversed(Severity)},
            sizes={sort: total for sort, _, total in held.get(name, ())},
        )


def size(number: int) -> str:
    """Say a number of bytes: `812 B`, `4.1 kB`, with units of 1000."""
    value = float(number)
    for unit in _UNITS:
        if value < 999.5 or unit == _UNITS[-1]:
            break
        value /= 1000
    return f"{number:,} B" if unit == "B" else f"{value:.1f} {unit}" if value < 99.95 else f"{value:,.0f} {unit}"


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
            segments.append(Segment(kind=kind, start=round(start, 2), width=width, number=parts[kind], text=text))
        start += width
    return tuple(segments)
