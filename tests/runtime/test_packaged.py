# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode that a package ships is the package manager's: it is not replaced, whatever it is like."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.facts import CompilePlan, InstalledPath, InvalidationMode, Outcome, Policy, Reason, Status
from pkgtools.runtime.observe import Look, Wanted, observe
from pkgtools.runtime.packages import Owned
from pkgtools.runtime.plan import plan_compile, questionable, spare
from pkgtools.runtime.record import Record
from tests.lab.needs import need_tools
from tests.runtime.records import PACKAGE, know, know_by_rpm
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


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
@pytest.mark.parametrize("damage", ["cut", "planted"])
def test_verify_names_the_command_that_brings_packaged_bytecode_back(
    manager: str, damage: str, sandbox: Sandbox
) -> None:
    need_tools((manager,))
    pyc = pyc_of(sandbox.write(SHIPPED))
    sandbox.compile(APP)
    whole = sandbox.read(pyc)
    sandbox.write(pyc, whole[:-5] if damage == "cut" else whole.replace(b"value", b"eulav"))
    if manager == "dpkg":
        know(sandbox, [SHIPPED, pyc])
    else:
        know_by_rpm(sandbox, APP, [SHIPPED, pyc])
    before = sandbox.read(pyc)
    ran = sandbox.compile("--verify", APP)
    [told] = [one for one in ran.told if one.path == pyc]
    assert (ran.status, told.status, told.reason) == (2, "refused", "differs")
    command = "apt-get install --reinstall" if manager == "dpkg" else "dnf reinstall"
    assert told.detail.endswith(f": {command} {PACKAGE}")
    assert sandbox.read(pyc) == before


def test_what_others_can_write_under_rpm_is_told_with_the_command(sandbox: Sandbox) -> None:
    need_tools(("rpm",))
    pyc = pyc_of(sandbox.write(SHIPPED))
    sandbox.compile(APP)
    know_by_rpm(sandbox, APP, [SHIPPED, pyc])
    os.chmod(sandbox.path(pyc), 0o666)
    told = [one for one in sandbox.compile(APP).told if one.path == pyc]
    assert {(one.status, one.reason) for one in told} == {("refused", "untrusted-cache")}
    assert all(one.detail.endswith(f": dnf reinstall {PACKAGE}") for one in told)
