# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The report: tables of ratios, and targets met or missed."""

import os
from collections.abc import Iterator
from statistics import median

from benchmarks.arena import Results
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


def targets(results: Results) -> Iterator[str]:
    """Yield one line for each target of a scenario."""
    for target in results.scenario.targets:
        if target.dividend not in results.costs or target.divisor not in results.costs:
            yield f"  not measured  {target.text}: {target.dividend.name} or {target.divisor.name} is missing"
        else:
            yield _target(target, results)


def _target(target: Target, results: Results) -> str:
    share = len(os.sched_getaffinity(0)) if target.divide_by_processors else 1
    divisors = [cost.wall / share for cost in results.costs[target.divisor]]
    ratio = compare([cost.wall for cost in results.costs[target.dividend]], divisors).median
    met = ratio >= (target.at_least or 0) and ratio <= (target.at_most or float("inf"))
    wanted = f">= {target.at_least:.2f}" if target.at_least else f"<= {target.at_most:.2f}"
    divisor = f"{target.divisor.name} / {share}" if share > 1 else target.divisor.name
    return (
        f"  {'met' if met else 'MISSED':6} {results.scenario.name:12} {target.dividend.name} / ({divisor}): "
        f"{ratio:.2f}, wanted {wanted}: {target.text}"
    )
