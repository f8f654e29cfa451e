# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The report: tables of ratios, and aims met or missed."""

import os
from collections.abc import Iterable, Iterator
from statistics import median

from benchmarks.arena import Results
from benchmarks.figures import Figure, of_costs, of_ratio
from benchmarks.scenarios import Target
from benchmarks.timing import compare


def table(results: Results) -> Iterator[str]:
    """Yield the lines of one scenario: times as medians, ratios to ours as medians over the rounds."""
    scenario = results.scenario
    levels = ",".join(str(level) for level in scenario.levels)
    rounds = len(next(iter(results.costs.values())))
    yield (
        f"{scenario.name}: {results.modules} modules, {scenario.state.value}, levels {levels}, "
        f"{scenario.place.value}, {rounds} rounds"
    )
    ours = results.costs[scenario.contenders[0]]
    for contender, costs in results.costs.items():
        wall = compare([cost.wall for cost in costs], [cost.wall for cost in ours])
        cpu = compare([cost.cpu for cost in costs], [cost.cpu for cost in ours])
        walls, cpus = median(cost.wall for cost in costs), median(cost.cpu for cost in costs)
        line = f"  {contender.name:28} {walls:8.3f} s {cpus:8.3f} s"
        if contender is scenario.contenders[0]:
            yield f"{line}   wall and processor time"
        else:
            spread = f"({wall.low:.2f}-{wall.high:.2f})"
            verdict = _verdict(wall.median) if contender.compiles else ""
            yield f"{line}   wall x {wall.median:5.2f} {spread:13} cpu x {cpu.median:5.2f}  {verdict}"
    yield ""


def _verdict(ratio: float) -> str:
    if 0.95 <= ratio <= 1.05:
        return "even"
    return "won" if ratio > 1 else "LOST"


def figures(results: Results) -> Iterator[Figure]:
    """Yield the ratios of one scenario, those that have an aim first."""
    scenario = results.scenario
    text = f"{scenario.name}: {results.modules:,} modules, {scenario.state.value}, {scenario.place.value}"
    ours = scenario.contenders[0]
    aims = {target.dividend: target.at_least for target in scenario.targets if target.divisor is ours}
    for target in scenario.targets:
        if target.divisor is not ours and {target.dividend, target.divisor} <= results.costs.keys():
            yield _of_floor(text, target, results)
    for contender, costs in results.costs.items():
        if contender is not ours and contender.compiles:
            yield from of_costs(text, contender.name, costs, results.costs[ours], aim=aims.get(contender))


def _of_floor(text: str, target: Target, results: Results) -> Figure:
    share = len(os.sched_getaffinity(0)) if target.divide_by_processors else 1
    divisors = [cost.wall / share for cost in results.costs[target.divisor]]
    ratio = compare([cost.wall for cost in results.costs[target.dividend]], divisors)
    divisor = f"({target.divisor.name} / {share})" if share > 1 else target.divisor.name
    quantity = f"{target.dividend.name} / {divisor}, wall"
    return of_ratio(text, quantity, ratio, at_least=target.at_least, at_most=target.at_most)


def aims(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield one line for each figure that has an aim."""
    for one in figures:
        if (met := one.is_met()) is not None:
            said = "met" if met else "MISSED"
            yield f"  {said:6} {one.quantity}: {one.value:.2f}, wanted {one.aim()}; {one.scenario}"
