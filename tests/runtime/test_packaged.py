# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode that a package ships is the package manager's: it is not replaced, whatever it is like."""

from __future__ import annotations

import pytest

from pkgtools.runtime.facts import CompilePlan, InstalledPath, InvalidationMode, Outcome, Policy, Reason, Status
from pkgtools.runtime.observe import Look, Wanted, observe
from pkgtools.runtime.packages import Owned
from pkgtools.runtime.plan import plan_compile, questionable, spare
from pkgtools.runtime.record import Record
from tests.runtime.sandbox import APP, HERE, Sandbox, pyc_of

SHIPPED, OURS, NEW = (InstalledPath(f"{APP}/{name}.py") for name in ("shipped", "ours", "new"))


@pytest.fixture
def plan(sandbox: Sandbox) -> CompilePlan:
    """Return a plan for a pyc that another tool made, one of ours that is stale, and one that isn't there yet."""
    for source in (SHIPPED, OURS, NEW):
        sandbox.write(source)
    sandbox.compile(OURS)
    sandbox.write(OURS, "changed = True\n")
    sandbox.write(pyc_of(SHIPPED), "no bytecode")
    names = tuple(sorted(path.rpartition("/")[2] for path in (SHIPPED, OURS, NEW)))
    tree = sandbox.tree()
    look = Look(Record(tree), InvalidationMode.TIMESTAMP)
    observation = observe(tree, [Wanted(InstalledPath(APP), InstalledPath(APP), names, (HERE,), (0,))], look)
    tree.close()
    return plan_compile(observation, Policy(), 0, 0)


def test_only_pycs_that_are_there_are_asked_for(plan: CompilePlan) -> None:
    assert sorted(questionable(plan)) == sorted([pyc_of(SHIPPED), pyc_of(OURS)])


def test_what_is_packaged_is_kept_and_the_others_are_compiled(plan: CompilePlan) -> None:
    spared = spare(plan, Owned({InstalledPath(pyc_of(SHIPPED)): "acme"}))
    assert sorted(job.source.path for job in spared.jobs) == sorted([OURS, NEW])
    assert [_brief(outcome) for outcome in spared.settled] == [(Status.KEPT, Reason.PACKAGED, pyc_of(SHIPPED), None)]


def test_nothing_packaged_changes_nothing(plan: CompilePlan) -> None:
    assert spare(plan, Owned()) == plan


def _brief(outcome: Outcome) -> tuple[Status, Reason, str, int | None]:
    return outcome.status, outcome.reason, outcome.path, outcome.mode
