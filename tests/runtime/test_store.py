# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Pycs on their way to their names: a source that changes on the way, files that others put in the way, full mounts."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pkgtools.runtime.cachedirs import CacheDirectories
from pkgtools.runtime.compile_job import CompileSettings
from pkgtools.runtime.facts import CompilePlan, InstalledPath, InvalidationMode, Outcome, Policy
from pkgtools.runtime.observe import Look, Wanted, observe
from pkgtools.runtime.packages import Owned
from pkgtools.runtime.perform import Performer
from pkgtools.runtime.plan import plan_compile
from pkgtools.runtime.pyc import recipe_of
from pkgtools.runtime.record import Record, digest
from pkgtools.runtime.store import PycStore, Ticket
from pkgtools.runtime.trust import Tree
from tests.runtime.sandbox import APP, HERE, Sandbox, pyc_of

SOURCE = f"{APP}/m.py"
CACHE = f"{APP}/__pycache__"
DATA = b"bytes of a pyc"


def unowned(_paths: list[InstalledPath]) -> Owned:
    """Say that no package owns anything."""
    return Owned({}, {})


class Watched(Tree):
    """A system of which something happens whenever a directory is opened."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.opened: list[str] = []
        self.happens: Callable[[str, int], None] = lambda _path, _times: None

    def open(self, base: InstalledPath, path: InstalledPath) -> int:
        self.opened.append(path)
        self.happens(path, self.opened.count(path))
        return super().open(base, path)


@dataclass(slots=True)
class Bench:
    """A store, and tickets for the sources of a sandbox."""

    sandbox: Sandbox
    tree: Watched
    durable: bool = False
    told: list[Outcome] = field(default_factory=list)
    store: PycStore = field(init=False)

    def __post_init__(self) -> None:
        directories = CacheDirectories(self.tree, self.told.append, unowned)
        record = Record(self.tree)
        self.store = PycStore(self.tree, record, directories, self.told.append, durable=self.durable)

    def tickets(self, *sources: str, levels: tuple[int, ...] = (0,)) -> list[Ticket]:
        places: dict[str, list[str]] = {}
        for source in sources:
            directory, _, name = source.rpartition("/")
            places.setdefault(directory, []).append(name)
        wanted = [
            Wanted(InstalledPath(APP), InstalledPath(directory), tuple(sorted(names)), (HERE,), levels)
            for directory, names in places.items()
        ]
        observation = observe(self.tree, wanted, Look(Record(self.tree), InvalidationMode.TIMESTAMP))
        recipe = recipe_of(HERE, InvalidationMode.TIMESTAMP)
        return [
            Ticket(job, job.state, digest(self.sandbox.read(job.source.path)), time.time_ns(), recipe)
            for job in plan_compile(observation, Policy(), 0, 0).jobs
        ]

    def write(self, *sources: str, levels: tuple[int, ...] = (0,)) -> list[Ticket]:
        """Write a pyc of each source and level; none has its name yet."""
        tickets = self.tickets(*sources, levels=levels)
        for ticket in tickets:
            for work in ticket.job.works:
                assert self.store.write(ticket, work, DATA) is not None
        return tickets

    def said(self) -> list[tuple[str, str, str]]:
        return [(one.status.value, one.reason.value, one.path) for one in self.told]


@pytest.fixture(params=[False, True], ids=["fast", "durable"])
def bench(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[Bench]:
    sandbox.write(SOURCE)
    tree = Watched(str(sandbox.root))
    yield Bench(sandbox, tree, durable=request.param)
    tree.close()


def test_pyc_gets_its_name_and_nothing_else_stays(bench: Bench) -> None:
    bench.write(SOURCE)
    assert not bench.sandbox.exists(pyc_of(SOURCE))
    assert bench.store.publish() == []
    assert set(bench.sandbox.below(CACHE)) == {pyc_of(SOURCE)}
    assert bench.sandbox.read(pyc_of(SOURCE)) == DATA
    assert bench.said() == [("compiled", "missing", pyc_of(SOURCE))]
    assert bench.store.publish() == []


@pytest.mark.parametrize("how", ["written", "gone", "a link"])
def test_source_that_changed_gets_no_pyc_and_its_job_comes_back_once(how: str, bench: Bench) -> None:
    tickets = bench.write(SOURCE, levels=(0, 1))
    os.unlink(bench.sandbox.path(SOURCE))
    if how == "written":
        bench.sandbox.write(SOURCE, "value = 2\n")
    elif how == "a link":
        os.symlink("elsewhere", bench.sandbox.path(SOURCE))
    assert bench.store.publish() == [tickets[0].job]
    assert (bench.sandbox.below(CACHE), bench.told) == ({}, [])


@pytest.mark.parametrize("replaced", [False, True], ids=["ours", "anothers"])
def test_source_that_changes_while_the_name_is_given_keeps_no_pyc_of_ours(replaced: bool, bench: Bench) -> None:
    tickets = bench.write(SOURCE)
    seen = bench.tree.opened.count(APP)

    def change(path: str, times: int) -> None:
        if path == APP and times == seen + 2:  # the second look at the source
            bench.sandbox.write(SOURCE, "value = 2\n")
            if replaced:
                os.unlink(bench.sandbox.path(pyc_of(SOURCE)))
                bench.sandbox.write(pyc_of(SOURCE), b"another run's")

    bench.tree.happens = change
    assert bench.store.publish() == [tickets[0].job]
    assert set(bench.sandbox.below(CACHE)) == ({pyc_of(SOURCE)} if replaced else set())


def test_file_that_took_the_place_of_a_temporary_gets_no_name(bench: Bench) -> None:
    bench.write(SOURCE)
    (temporary,) = (path for path in bench.sandbox.below(CACHE) if path.endswith(".tmp"))
    os.rename(bench.sandbox.path(temporary), bench.sandbox.path(f"{CACHE}/away"))
    bench.sandbox.write(temporary, b"planted")
    assert bench.store.publish() == []
    assert [(status, path) for status, _, path in bench.said()] == [("error", pyc_of(SOURCE))]
    assert not bench.sandbox.exists(pyc_of(SOURCE))


def test_directory_that_became_a_link_is_told_for_each_pyc(bench: Bench) -> None:
    bench.write(SOURCE, levels=(0, 1))
    os.rename(bench.sandbox.path(CACHE), bench.sandbox.path(f"{APP}/away"))
    os.symlink("away", bench.sandbox.path(CACHE))
    bench.tree.forget(InstalledPath(APP), InstalledPath(CACHE))
    assert bench.store.publish() == []
    assert {path for _, _, path in bench.said()} == {pyc_of(SOURCE, level) for level in (0, 1)}
    assert [path for path in bench.sandbox.below(APP) if path.endswith(".pyc")] == []


def test_what_is_abandoned_leaves_nothing(bench: Bench) -> None:
    bench.write(SOURCE, levels=(0, 1, 2))
    bench.store.abandon()
    assert bench.sandbox.below(CACHE) == {}
    assert bench.store.publish() == []


def test_interruption_leaves_no_temporary(bench: Bench) -> None:
    bench.write(SOURCE, levels=(0, 1, 2))

    def interrupt(path: str, _times: int) -> None:
        if path == APP:
            bench.tree.happens = lambda _path, _times: None
            raise KeyboardInterrupt

    bench.tree.happens = interrupt
    with pytest.raises(KeyboardInterrupt):
        bench.store.publish()
    bench.store.abandon()
    left = [path for path in bench.sandbox.below(CACHE) if path.endswith((".tmp", ".lock"))]
    assert len(left) <= 1  # the one that was being published


def test_store_is_full_when_200_directories_hold_temporaries(bench: Bench) -> None:
    sources = [bench.sandbox.write(f"{APP}/d{number}/m.py") for number in range(200)]
    tickets = bench.tickets(*sources)
    full = []
    for ticket in tickets:
        bench.store.write(ticket, ticket.job.works[0], DATA)
        full.append(bench.store.is_full())
    assert full == [False] * 199 + [True]
    assert bench.store.publish() == []
    assert not bench.store.is_full()


@pytest.mark.parametrize(("error", "elsewhere"), [(errno.EROFS, True), (errno.ENOSPC, False), (errno.EIO, None)])
def test_place_that_takes_no_more_is_remembered(error: int, elsewhere: bool | None, bench: Bench) -> None:
    other = bench.sandbox.write(f"{APP}/sub/n.py")
    one, two = bench.tickets(SOURCE, other)
    assert bench.store.halted(one.job) is None
    bench.store.fail(one.job, one.job.works[0], OSError(error, os.strerror(error)))
    assert (bench.store.halted(one.job) is None) == (elsewhere is None)
    assert (bench.store.halted(two.job) is None) == (elsewhere is not True)
    assert len(bench.told) == 1


@pytest.mark.parametrize("kind", ["directory", "fifo"])
def test_source_that_is_no_file_when_it_is_read_is_a_changed_one(kind: str, bench: Bench) -> None:
    (ticket,) = bench.tickets(SOURCE)
    plan = CompilePlan((), (ticket.job,), (), (), 0, ())
    os.unlink(bench.sandbox.path(SOURCE))
    (os.mkdir if kind == "directory" else os.mkfifo)(bench.sandbox.path(SOURCE))
    settings = CompileSettings(InvalidationMode.TIMESTAMP, 1, 60.0, bench.durable, None)
    performer = Performer(bench.tree, Record(bench.tree), settings, bench.told.append, unowned)
    before = len(os.listdir("/proc/self/fd"))
    assert performer.perform(plan) == [ticket.job]
    assert (bench.told, len(os.listdir("/proc/self/fd"))) == ([], before)


@pytest.mark.parametrize("kind", ["missing", "directory", "link", "file"])
def test_pyc_is_read_if_it_is_a_file(kind: str, bench: Bench) -> None:
    (ticket,) = bench.tickets(SOURCE)
    name = pyc_of(SOURCE)
    bench.sandbox.directory(CACHE)
    if kind == "directory":
        bench.sandbox.directory(name)
    elif kind == "link":
        Path(bench.sandbox.path(name)).symlink_to(bench.sandbox.path(SOURCE))
    elif kind == "file":
        bench.sandbox.write(name, DATA)
    found = bench.store.read(ticket.job.cache, name.rpartition("/")[2])
    assert (found and found.data) == (DATA if kind == "file" else None)
