# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Cache directories: how often they and the record of them are looked at, and no way to them through a link."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.compile.cache_directories import CacheDirectories
from pkgtools.runtime.compile.job import CompileRun, compile_wanted
from pkgtools.runtime.compile.observe import ObservationOptions, Wanted, observe
from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import (
    CacheState,
    InstalledPath,
    InvalidationMode,
    Outcome,
    Ownership,
    Policy,
    Reason,
    Status,
)
from pkgtools.runtime.record import RECORD, Proof, Record
from pkgtools.runtime.report import Report
from tests.runtime.sandbox import APP, HERE, Sandbox, permissions, pyc_of
from tests.runtime.test_store import Watched, unowned


def test_record_of_a_directory_is_read_once_for_all_its_sources(sandbox: Sandbox) -> None:
    few, many = (_readings(sandbox, f"{APP}/{number}", number) for number in (2, 9))
    assert few == many


def _readings(sandbox: Sandbox, directory: str, number: int) -> int:
    """Compile one level of so many changed sources that have two; return how often the record was opened."""
    names = tuple(f"m{one}.py" for one in range(number))
    for name in names:
        sandbox.write(f"{directory}/{name}", "value = 1\n")
    sandbox.compile("-O", "0,1", directory)
    for name in names:
        sandbox.write(f"{directory}/{name}", "value = 'another'\n")
    tree, report = Watched(str(sandbox.root)), Report("compile")
    wanted = [Wanted(InstalledPath(APP), InstalledPath(directory), names, (HERE,), (0,))]
    compile_wanted(tree, wanted, CompileRun(Policy()), report)
    tree.close()
    assert sandbox.pycs(directory) == {pyc_of(f"{directory}/{name}") for name in names}  # those of level 1 are stale
    return tree.settings.count(RECORD)


@pytest.mark.parametrize("at_a_glance", [None, Proof.MADE])
def test_what_is_right_is_only_counted_at_a_glance(at_a_glance: Proof | None, sandbox: Sandbox) -> None:
    names = ("m.py", "n.py")
    for name in names:
        sandbox.write(f"{APP}/{name}")
    sandbox.compile(APP)
    sandbox.write(f"{APP}/n.py", "value = 'another'\n")
    tree = sandbox.tree()
    wanted = [Wanted(InstalledPath(APP), InstalledPath(APP), names, (HERE,), (0,))]
    found = observe(tree, wanted, ObservationOptions(Record(tree), InvalidationMode.TIMESTAMP, None, at_a_glance))
    tree.close()
    assert (found.fresh, [one.source.name for one in found.sources]) == (
        (0, [*names]) if at_a_glance is None else (1, ["n.py"])
    )


@pytest.mark.parametrize("place", ["below", "at"])
def test_cache_directory_is_claimed_on_no_way_through_a_link(place: str, sandbox: Sandbox) -> None:
    cache = sandbox.directory("/srv/victim/__pycache__", 0o777)
    sandbox.directory(f"{APP}/__pycache__", 0o777)
    os.symlink("/srv/victim", sandbox.path(f"{APP}/sub"))
    os.lchown(sandbox.path(f"{APP}/sub"), 1000, 1000)
    told: list[Outcome] = []
    tree = sandbox.tree()
    directory = InstalledPath(f"{APP}/sub/__pycache__" if place == "below" else f"{APP}/__pycache__")
    base = InstalledPath(APP) if place == "below" else directory
    state = CacheState(base, directory, True, Ownership(0o755, 0, 0), Reason.WRONG_MODE, False)
    CacheDirectories(tree, told.append, unowned).claim(state)
    tree.close()
    assert permissions(sandbox.path(cache)) == 0o777
    assert [one.status for one in told] == [Status.REFUSED if place == "below" else Status.REPAIRED]


def test_central_cache_is_made_on_no_way_through_a_link_that_came_meanwhile(sandbox: Sandbox) -> None:
    base, victim = sandbox.directory("/var/cache/pycs"), sandbox.directory("/srv/victim")
    sandbox.directory("/opt/app/deep")
    tree = Watched(str(sandbox.root))

    def link(path: str, times: int) -> None:
        if path == f"{base}{APP}" and times == 1:
            sandbox.directory(f"{base}/opt")
            os.symlink(victim, sandbox.path(path))
            os.lchown(sandbox.path(path), 1000, 1000)

    tree.happens = link
    directory = InstalledPath(f"{base}{APP}/deep")
    state = CacheState(InstalledPath(base), directory, False, Ownership(0o755, 0, 0), None, False)
    with pytest.raises(Refused):
        CacheDirectories(tree, lambda _: None, unowned).ensure(state)
    tree.close()
    assert sandbox.below(victim) == {}
