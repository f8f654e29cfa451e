# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""How the numbers of findings went from run to run over the same part of the same archive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pkgtools.model.finding import Severity

if TYPE_CHECKING:
    from .store import Run, Store

_MOST_RUNS = 60
WIDTH, HEIGHT = 600, 160
"""Of the picture, in units of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One run."""

    run: Run
    """The run as it stands in the store."""
    findings: tuple[tuple[Severity, int], ...]
    """How many findings of each severity, the worst first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Runs in the order of their indexes, and a picture of them."""

    points: tuple[TrendPoint, ...]
    """The runs."""
    lines: tuple[tuple[Severity, str], ...]
    """A line of each severity that has findings, as `points` of an SVG polyline; empty where there is one run."""


def trend_of(store: Store, run: Run) -> Trend:
    """Return the runs up to one that looked at the same part of the same archive."""
    alike = [one for one in store.runs() if one.number <= run.number and _series(one) == _series(run)]
    points = tuple(
        TrendPoint(
            run=one, findings=tuple((severity, counts.get(severity.value, 0)) for severity in reversed(Severity))
        )
        for one in alike[-_MOST_RUNS:]
        for counts in [store.severities(one)]
    )
    return Trend(points=points, lines=tuple(_lines(points)) if len(points) > 1 else ())


def _series(run: Run) -> object:
    """Return what the runs of one series have in common."""
    return replace(run.key, judge="", indexed="")


def _lines(points: tuple[TrendPoint, ...]) -> list[tuple[Severity, str]]:
    most = max((number for point in points for _, number in point.findings), default=0)
    lines = []
    for at, severity in enumerate(reversed(Severity)):
        numbers = [point.findings[at][1] for point in points]
        if any(numbers):
            places = (
                f"{WIDTH * x / (len(points) - 1):.1f},{HEIGHT - HEIGHT * y / most:.1f}" for x, y in enumerate(numbers)
            )
            lines.append((severity, " ".join(places)))
    return lines
