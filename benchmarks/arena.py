# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where the contenders meet: each has its own copy of the files, kept from one scenario to the next."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.contenders import Contender, Job, Site, copy_modules
from benchmarks.corpus import Corpus, Modules, python_files
from benchmarks.scenarios import Place, Scenario, State
from benchmarks.timing import Cost, clean_environment, measure

_Key = tuple[Contender, Corpus, Place, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What was measured in one scenario."""

    scenario: Scenario
    modules: int
    """How many files there were."""
    costs: dict[Contender, list[Cost]]
    """By contender, one for each round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """Runs scenarios; what one leaves behind is what the next one of the same files begins with."""

    places: Mapping[Place, Path]
    """An empty directory for each place."""
    rounds: int
    _stands: dict[_Key, tuple[Site, Job]] = field(default_factory=dict)

    def run(self, scenario: Scenario, modules: Modules) -> Results:
        """Measure all contenders of a scenario, interleaved; which one begins changes from round to round.

        Raises CalledProcessError if a contender fails, and RuntimeError if it leaves modules uncompiled.
        """
        order = [contender for contender in scenario.contenders if os.access(contender.program, os.X_OK)]
        stands = {contender: self._stand(scenario, contender, modules) for contender in order}
        costs: dict[Contender, list[Cost]] = {contender: [] for contender in order}
        for _ in range(self.rounds):
            for contender in order:
                site, job = stands[contender]
                costs[contender].append(_run_once(scenario, contender, site, job))
            order.append(order.pop(0))
        return Results(scenario=scenario, modules=modules.count(), costs=costs)

    def _stand(self, scenario: Scenario, contender: Contender, modules: Modules) -> tuple[Site, Job]:
        """Return the contender's copy of the files, compiled already unless the scenario is to begin without."""
        key = (contender, scenario.corpus, scenario.place, scenario.levels)
        if key not in self._stands:
            own = self.places[scenario.place] / str(len(self._stands))
            own.mkdir()
            site = copy_modules(modules, own, scenario.levels, clean_environment(own))
            job = contender.job(site)
            self._stands[key] = site, job
            if contender.compiles and scenario.state is not State.COLD:
                measure(job.commands, site.environment)
                _expect_all(site, contender)
        return self._stands[key]


def _run_once(scenario: Scenario, contender: Contender, site: Site, job: Job) -> Cost:
    if scenario.state is State.COLD:
        _drop_caches(site)
    elif scenario.state is State.ONE_CHANGED:
        _change_one(site)
    if scenario.place is Place.DISK:
        os.sync()  # nobody is to pay for what another one left to the kernel
    baseline = measure(job.baseline, site.environment)
    cost = measure(job.commands, site.environment)
    if contender.compiles:
        _expect_all(site, contender)
    return cost.minus(baseline) if job.baseline else cost


def _drop_caches(site: Site) -> None:
    for cache in list(site.tree.rglob("__pycache__")):
        shutil.rmtree(cache)


def _change_one(site: Site) -> None:
    paths = list(python_files(site.tree))
    with paths[len(paths) // 2].open("a") as stream:
        stream.write("# changed\n")


def _expect_all(site: Site, contender: Contender) -> None:
    expected = sum(1 for _ in python_files(site.tree)) * len(site.levels)
    found = sum(1 for _ in site.tree.rglob("*.pyc"))
    if found != expected:
        raise RuntimeError(f"{contender.name} left {found} pycs where {expected} were expected: {site.tree}")
