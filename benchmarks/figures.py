# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What was measured, kept as JSON from which `benchmarks.document` writes docs/performance.md."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from benchmarks.corpus import cache_directory
from benchmarks.timing import Cost, Ratio, compare

_KEPT = cache_directory() / "figures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity beside what it should be."""

    scenario: str
    """What was done, to what, where."""
    quantity: str
    """As in 'py3compile / ours, wall'."""
    value: float
    """The median over the rounds."""
    low: float | None = None
    high: float | None = None
    """The range of the rounds; None for a difference of medians."""
    unit: str = ""
    """None for a ratio."""
    at_least: float | None = None
    at_most: float | None = None

    def is_met(self) -> bool | None:
        """Whether it is as it should be; None if nothing was aimed at."""
        if self.at_least is None and self.at_most is None:
            return None
        return self.value >= (self.at_least or 0) and self.value <= (self.at_most or float("inf"))

    def aim(self) -> str:
        """Return it as text, empty if there is none."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points of one line of a plot, or bars of one kind."""

    plot: str
    name: str
    points: tuple[tuple[float | str, float], ...]


def of_ratio(
    scenario: str, quantity: str, ratio: Ratio, *, at_least: float | None = None, at_most: float | None = None
) -> Figure:
    """Return the figure of a ratio."""
    return Figure(
        scenario=scenario,
        quantity=quantity,
        value=ratio.median,
        low=ratio.low,
        high=ratio.high,
        at_least=at_least,
        at_most=at_most,
    )


def of_costs(
    scenario: str, peer: str, costs: Sequence[Cost], ours: Sequence[Cost], *, aim: float | None
) -> tuple[Figure, Figure]:
    """Return how many times what we take a peer took, by wall and by processor time; the aim is wall's."""
    wall, cpu = (compare([one[index] for one in costs], [one[index] for one in ours]) for index in (0, 1))
    return (
        of_ratio(scenario, f"{peer} / ours, wall", wall, at_least=aim),
        of_ratio(scenario, f"{peer} / ours, CPU", cpu),
    )


def keep(source: str, figures: Sequence[Figure], series: Sequence[Series] = ()) -> None:
    """Replace what a benchmark found before."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    found = {"figures": [asdict(one) for one in figures], "series": [asdict(one) for one in series]}
    (_KEPT / f"{source}.json").write_text(json.dumps(found, indent=1))


def kept(source: str) -> tuple[list[Figure], list[Series]]:
    """Return what a benchmark found last. Raises FileNotFoundError."""
    found = json.loads((_KEPT / f"{source}.json").read_text())
    series = [
        Series(plot=one["plot"], name=one["name"], points=tuple((x, y) for x, y in one["points"]))
        for one in found["series"]
    ]
    return [Figure(**one) for one in found["figures"]], series
