# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Pycs on their way to their names: a source that changes on the way, files that others put in the way, full mounts."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pkgtools.runtime.compile.cache_directories import CacheDirectories
from pkgtools.runtime.compile.job import CompileSettings
from pkgtools.runtime.compile.observe import ObservationOptions, Wanted, observe
from pkgtools.runtime.compile.perform import Performer
from pkgtools.runtime.compile.plan import plan_compile
from pkgtools.runtime.compile.publish import PycStore
from pkgtools.runtime.compile.pyc import recipe_of
from pkgtools.runtime.compile.resolve import Ticket
from pkgtools.runtime.compile.steps import CompilePlan, Work
from pkgtools.runtime.compile.writing import PycWriter, Written
from pkgtools.runtime.errors import Refused
from pkgtools.runtime.facts import InstalledPath, InvalidationMode, Outcome, Policy, Reason, Removal
from pkgtools.runtime.record import Record, digest
from pkgtools.runtime.system.packages import Owned
from pkgtools.runtime.system.trust import Tree
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
        self.settings: list[str] = []
        self.happens: Callable[[str, int], None] = lambda _path, _times: None

    def open(self, base: InstalledPath, path: InstalledPath) -> int:
        self.opened.append(path)
        self.happens(path, self.opened.count(path))
        return super().open(base, path)

    def open_settings(self, directory: InstalledPath) -> int:
        self.settings.append(directory)
        return super().open_settings(directory)


@dataclass(slots=True)
class Bench:
    """A store, and tickets for the sources of a sandbox."""

    sandbox: Sandbox
    tree: Watched
    durable: bool = False
    told: list[Outcome] = field(default_factory=list)
    store: PycStore = field(init=False)
    writer: PycWriter = field(init=False)

    def __post_init__(self) -> None:
        directories = CacheDirectories(self.tree, self.told.append, unowned)
        record = Record(self.tree)
        self.writer = PycWriter(self.tree, directories)
        self.store = PycStore(self.tree, record, self.writer, self.told.append, durable=self.durable)

    def tickets(self, *sources: str, levels: tuple[int, ...] = (0,)) -> list[Ticket]:
        places: dict[str, list[str]] = {}
        for source in sources:
            directory, _, name = source.rpartition("/")
            places.setdefault(directory, []).append(name)
        wanted = [
            Wanted(InstalledPath(APP), InstalledPath(directory), tuple(sorted(names)), (HERE,), levels)
            for directory, names in places.items()
        ]
        observation = observe(self.tree, wanted, ObservationOptions(Record(self.tree), InvalidationMode.TIMESTAMP))
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
                assert isinstance(self.write_one(ticket, work), Written)
        return tickets

    def write_one(self, ticket: Ticket, work: Work) -> Written | Outcome:
        """Write one pyc under a temporary name."""
        made = self.writer.write(ticket, work, DATA)
        self.store.take(made)
        return made

    @contextmanager
    def failing(self, error: Exception) -> Iterator[None]:
        """Let one opening of a cache directory fail, the first."""

        def fail(path: str, _times: int) -> None:
            if path.endswith("/__pycache__"):
                self.tree.happens = lambda _path, _times: None
                raise error

        self.tree.happens = fail
        yield

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


def test_pycs_are_durable_unless_asked_otherwise() -> None:
    assert CompileSettings().durable


ERRORS = {"refused": Refused(InstalledPath(APP), Reason.SYMLINK, "a link"), "no permission": PermissionError()}


@pytest.mark.parametrize(("what", "status"), [("refused", "refused"), ("no permission", "error")])
def test_pyc_that_can_not_be_written_is_told(what: str, status: str, bench: Bench) -> None:
    (ticket,) = bench.tickets(SOURCE)
    with bench.failing(ERRORS[what]):
        assert isinstance(bench.write_one(ticket, ticket.job.works[0]), Outcome)
    assert [one.status.value for one in bench.told] == [status]
    assert bench.store.publish() == []
    assert bench.sandbox.pycs() == set()


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_pyc_that_can_not_be_linked_is_written(error: Exception, bench: Bench) -> None:
    (ticket,) = bench.tickets(SOURCE, levels=(0, 1))
    one, other = ticket.job.works
    twin = bench.write_one(ticket, one)
    assert isinstance(twin, Written)
    with bench.failing(error):
        bench.store.take(bench.writer.link(other, twin, DATA))
    assert bench.store.publish() == []
    assert {said[::2] for said in bench.said()} == {("compiled", work.target.path) for work in (one, other)}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_directory_that_cannot_be_opened_keeps_no_other_from_being_synced(error: Exception, sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/{name}/m.py") for name in "abc"]
    bench = Bench(sandbox, Watched(str(sandbox.root)), durable=True)
    bench.write(*sources)
    caches = [f"{APP}/{name}/__pycache__" for name in "abc"]

    before = len(bench.tree.opened)
    with bench.failing(error):
        assert bench.store.publish() == []
    bench.tree.close()
    assert bench.tree.opened[before : before + 3] == caches  # to be synced, before any name is given
    assert sandbox.pycs() == {pyc_of(source) for source in sources}


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
        bench.write_one(ticket, ticket.job.works[0])
        full.append(bench.writer.is_full())
    assert full == [False] * 199 + [True]
    assert bench.store.publish() == []
    assert not bench.writer.is_full()


@pytest.mark.parametrize(("error", "elsewhere"), [(errno.EROFS, True), (errno.ENOSPC, False), (errno.EIO, None)])
def test_place_that_takes_no_more_is_remembered(error: int, elsewhere: bool | None, bench: Bench) -> None:
    other = bench.sandbox.write(f"{APP}/sub/n.py")
    one, two = bench.tickets(SOURCE, other)
    assert bench.writer.halted(one.job) is None
    bench.writer.failure(one.job, one.job.works[0], OSError(error, os.strerror(error)))
    assert (bench.writer.halted(one.job) is None) == (elsewhere is None)
    assert (bench.writer.halted(two.job) is None) == (elsewhere is not True)


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


@pytest.mark.parametrize("error", [FileNotFoundError(), *ERRORS.values()], ids=["gone", *ERRORS])
def test_file_to_be_removed_that_is_gone_is_no_fault(error: Exception, bench: Bench) -> None:
    bench.sandbox.write(pyc_of(SOURCE))
    removal = Removal(InstalledPath(APP), InstalledPath(CACHE), pyc_of(SOURCE).rpartition("/")[2], Reason.NO_SOURCE)
    with bench.failing(error):
        CacheDirectories(bench.tree, bench.told.append, unowned).sweep(removal)
    assert len(bench.told) == (0 if isinstance(error, FileNotFoundError) else 1)
