# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode that a package ships is the package manager's: it is not replaced, whatever it is like."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.compile.observe import ObservationOptions, Wanted, observe
from pkgtools.runtime.compile.plan import plan_compile, questionable, spare
from pkgtools.runtime.compile.steps import CompilePlan
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Policy, Reason, Status
from pkgtools.runtime.record import Record
from pkgtools.runtime.system.packages import Owned
from tests.lab.needs import need_tools
from tests.runtime.records import know, know_by_rpm
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
    look = ObservationOptions(Record(tree), InvalidationMode.TIMESTAMP)
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


FRED = 65531
CACHE = f"{APP}/__pycache__"
PYC = pyc_of(SHIPPED)
RECORDS = {"dpkg": know, "rpm": lambda sandbox, files: know_by_rpm(sandbox, APP, files)}


def _ship(sandbox: Sandbox, manager: str, *more: str) -> bytes:
    """Install a package with a right pyc, and return that pyc's bytes."""
    need_tools((manager,))
    sandbox.write(SHIPPED)
    sandbox.compile(SHIPPED)
    RECORDS[manager](sandbox, [SHIPPED, PYC, *more])
    return sandbox.read(PYC)


def _owner(sandbox: Sandbox, path: str) -> tuple[int, int]:
    found = os.lstat(sandbox.path(path))
    return found.st_uid, found.st_mode & 0o777


@pytest.mark.parametrize("harm", ["foreign", "writable"])
@pytest.mark.parametrize("leftover", [False, True], ids=["wanted", "of-another-level"])
def test_dpkg_keeps_the_bytes_of_a_packaged_pyc_that_others_own(leftover: bool, harm: str, sandbox: Sandbox) -> None:
    """dpkg records neither owner nor mode: `dpkg --verify` reported four files as missing."""
    shipped = _ship(sandbox, "dpkg", pyc_of(SHIPPED, 1))
    if leftover:
        os.link(sandbox.path(PYC), sandbox.path(pyc_of(SHIPPED, 1)))
    path = pyc_of(SHIPPED, 1) if leftover else PYC
    os.chown(sandbox.path(path), FRED if harm == "foreign" else 0, 0)
    os.chmod(sandbox.path(path), 0o644 if harm == "foreign" else 0o666)
    ran = sandbox.compile(APP)
    assert (ran.status, _owner(sandbox, path), sandbox.read(path)) == (0, (0, 0o644), shipped)
    assert ran.of(path)[0] == "repaired"


@pytest.mark.parametrize("leftover", [False, True], ids=["wanted", "of-another-level"])
def test_nothing_of_rpms_is_changed_and_that_is_said(leftover: bool, sandbox: Sandbox) -> None:
    shipped = _ship(sandbox, "rpm", pyc_of(SHIPPED, 1))
    path = pyc_of(SHIPPED, 1) if leftover else PYC
    if leftover:
        sandbox.write(path, shipped)
    os.chown(sandbox.path(path), FRED, FRED)
    ran = sandbox.compile(APP)
    assert (ran.status, _owner(sandbox, path), sandbox.read(path)) == (2, (FRED, 0o644), shipped)
    assert ("refused", "untrusted-cache") in ran.all_of(path)


def test_cache_directory_of_dpkgs_is_taken_from_others_and_its_packaged_pycs_stay(sandbox: Sandbox) -> None:
    shipped = _ship(sandbox, "dpkg", CACHE)
    planted = sandbox.write(f"{CACHE}/planted.cpython-311.pyc", "planted", owner=(FRED, FRED))
    os.chown(sandbox.path(CACHE), FRED, FRED)
    assert sandbox.compile(APP).status == 0
    assert (_owner(sandbox, CACHE), sandbox.read(PYC), sandbox.exists(planted)) == ((0, 0o755), shipped, False)


def test_file_linked_to_where_dpkg_has_a_pyc_keeps_its_owner_and_mode(sandbox: Sandbox) -> None:
    """Where the kernel lets users link to files of others (fs.protected_hardlinks=0) they chose what became 0644."""
    shipped = _ship(sandbox, "dpkg", CACHE)
    secret = sandbox.write("/root/secret", "secret", mode=0o600, owner=(FRED, FRED))
    os.chown(sandbox.path(CACHE), FRED, FRED)
    os.unlink(sandbox.path(PYC))
    os.link(sandbox.path(secret), sandbox.path(PYC))
    ran = sandbox.compile(APP)
    assert (ran.status, _owner(sandbox, secret), sandbox.read(PYC)) == (0, (FRED, 0o600), shipped)
    assert ran.all_of(PYC) == {("removed", "untrusted-cache"), ("compiled", "untrusted-cache")}


def test_nothing_new_is_written_into_an_untrusted_directory_of_rpms(sandbox: Sandbox) -> None:
    _ship(sandbox, "rpm")  # its directories are the package's too
    new = sandbox.write(NEW)
    os.chown(sandbox.path(CACHE), FRED, FRED)
    ran = sandbox.compile(APP)
    assert (ran.status, _owner(sandbox, CACHE), sandbox.exists(pyc_of(new))) == (2, (FRED, 0o755), False)
    assert ran.of(pyc_of(new)) == ("refused", "untrusted-cache")


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
def test_cut_packaged_pyc_is_said_by_verify_and_kept(manager: str, sandbox: Sandbox) -> None:
    _ship(sandbox, manager)
    os.truncate(sandbox.path(PYC), 40)
    ran = sandbox.compile("--verify", APP)
    assert (ran.status, ran.of(PYC), os.path.getsize(sandbox.path(PYC))) == (2, ("refused", "differs"), 40)
    assert "reinstall" in ran.talk


@pytest.mark.parametrize("manager", ["dpkg", "rpm"])
def test_empty_cache_directory_of_a_package_stays(manager: str, sandbox: Sandbox) -> None:
    need_tools((manager,))
    sandbox.write(f"{APP}/m.py")
    sandbox.directory(f"{APP}/sub/__pycache__")
    RECORDS[manager](sandbox, [f"{APP}/sub/__pycache__{'/x.pyc' if manager == 'rpm' else ''}"])
    sandbox.compile(APP)
    assert sandbox.exists(f"{APP}/sub/__pycache__")


def test_levels_of_a_replaced_source_that_a_package_ships_stay(sandbox: Sandbox) -> None:
    _ship(sandbox, "dpkg")
    sandbox.write(OURS, "a = 1\n", mtime=1)
    sandbox.compile("-O", "0,1", OURS)
    know(sandbox, [pyc_of(OURS, 1)])
    sandbox.write(f"{OURS}.new", "a = 2\n", mtime=1)
    os.rename(sandbox.path(f"{OURS}.new"), sandbox.path(OURS))
    assert sandbox.compile(OURS).of(pyc_of(OURS)) == ("compiled", "unrecorded")
    assert sandbox.exists(pyc_of(OURS, 1))
