# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Stores that others made or write to at the same time, and sites that take the place of others."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pkgtools.archive.listed import ListedPackage, MirrorFile
from pkgtools.archive.mirror import mirror_at
from pkgtools.archive.package_done import Done, PackageOutcome
from pkgtools.archive.site import latest, write_site
from pkgtools.archive.store import Run, RunKey, Store
from pkgtools.archive.tally import tally_of
from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from pkgtools.runtime.errors import UsageError

_DIGEST = "ab" * 32
_FINDING = {
    "rule": "code-differs",
    "severity": "error",
    "text": "t",
    "path": None,
    "script": None,
    "line": None,
    "package": None,
    "repair": None,
}


def _package(name: str, path: str = "pool/x.deb", size: int = 5) -> ListedPackage:
    file = MirrorFile(name=path, size=size, digest=_DIGEST)
    return ListedPackage(name=name, version="1", architecture="all", kind=Kind.DEB, file=file, matters=True)


def _run(store: Store, mirror: str = "/m", packages: tuple[ListedPackage, ...] = ()) -> Run:
    key = RunKey(mirror=mirror, suite="s", components="", architectures="", job="check", judge="j", indexed="i")
    run = store.begin(key, date="", signed_by="", notes=())
    store.plan(run, packages)
    return store.run(run.number)


def _store_with(path: Path, finding: object) -> None:
    """Make a store of one package with one finding, whatever that is."""
    with closing(Store(path)) as store:
        run = _run(store, packages=(_package("x"),))
        (number,) = store.left(run)
        store.keep(run, number, Done(outcome=PackageOutcome.CHECKED, findings=(_FINDING,)))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE findings SET document = ?", (finding if isinstance(finding, str) else json.dumps(finding),))


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param({**_FINDING, "rule": "../../outside"}, id="rule-with-directories"),
        pytest.param({**_FINDING, "rule": 5}, id="rule-is-a-number"),
        pytest.param({**_FINDING, "severity": "x"}, id="severity"),
        pytest.param({**_FINDING, "text": ["x"]}, id="text-is-a-list"),
        pytest.param({**_FINDING, "line": "x"}, id="line"),
        pytest.param({"rule": "x"}, id="keys-missing"),
        pytest.param([1], id="list"),
        pytest.param("[" * 100_000, id="deep"),
        pytest.param("{", id="no-json"),
    ],
)
def test_findings_that_we_did_not_write_are_refused(finding: object, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    _store_with(path, finding)
    with closing(Store(path)) as store, pytest.raises(UsageError, match="the store was damaged"):
        write_site(store, latest(store, None), tmp_path / "site/site", Severity.ERROR)
    assert [one.name for one in tmp_path.rglob("*.html")] == []


@pytest.mark.parametrize("digest", ["../../../outside", "AB" * 32, ""])
def test_digests_that_we_did_not_write_are_refused(digest: str, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    _store_with(path, _FINDING)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE packages SET digest = ?", (digest,))
    with closing(Store(path)) as store, pytest.raises(UsageError, match="the store was damaged"):
        tally_of(store, latest(store, None), Severity.ERROR)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON results BEGIN DELETE FROM findings; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP INDEX findings_by_rule",
        "ALTER TABLE findings ADD COLUMN x TEXT",
    ],
)
def test_a_store_of_another_make_is_refused(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    Store(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)
    with pytest.raises(UsageError, match="isn't a store of this version"):
        Store(path)


def test_what_one_mirror_says_of_the_same_bytes_changes_nothing_of_another(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "store.sqlite")) as store:
        first = _run(store, "/first", (_package("x", "pool/first.deb"),))
        second = _run(store, "/second", (_package("y", "pool/second.deb", 6), _package("x", "pool/first.deb")))
        paths = [[store.package(one).file.name for one in store.left(run)] for run in (first, second)]
    assert paths == [["pool/first.deb"], ["pool/first.deb", "pool/second.deb"]]


def test_two_packages_of_the_same_bytes_have_a_page_each(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "store.sqlite")) as store:
        run = _run(store, packages=(_package("x"), _package("y", "pool/y.deb")))
        write_site(store, run, tmp_path / "site", Severity.ERROR)
    pages = sorted((tmp_path / "site/packages").rglob("*.html"))
    assert [page.name for page in pages] == [f"{_DIGEST}-2.html", f"{_DIGEST}.html"]


def test_others_write_while_an_index_is_read(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with closing(Store(path)) as store, closing(Store(path)) as other:
        run = _run(store)
        mine = _run(other, "/other", (_package("x"),))

        def packages() -> Iterator[ListedPackage]:
            other.keep(mine, other.left(mine)[0], Done(outcome=PackageOutcome.CHECKED))
            yield _package("x")

        store.plan(run, packages())
        assert len(store.left(run)) == 0  # it is the same package, and was done meanwhile


def test_a_plan_that_breaks_off_leaves_what_was_before(tmp_path: Path) -> None:
    def broken() -> Iterator[ListedPackage]:
        yield _package("y")
        raise ValueError

    with closing(Store(tmp_path / "store.sqlite")) as store:
        run = _run(store, packages=(_package("x"),))
        with pytest.raises(ValueError, match=r"^$"):
            store.plan(run, broken())
        assert [store.package(one).name for one in store.left(run)] == ["x"]
        store.plan(run, (_package("z"),))
        assert [store.package(one).name for one in store.left(run)] == ["z"]


def test_many_begin_one_store_at_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    wrong: list[Exception] = []
    start = threading.Barrier(8)

    def begin() -> None:
        start.wait()
        try:
            Store(path).close()
        except Exception as error:  # noqa: BLE001 - whatever it is fails the test
            wrong.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_disk_that_is_full_is_said_as_such(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with closing(Store(path)) as store:
        run = _run(store, packages=(_package("x"),))
        store._db.execute("PRAGMA max_page_count = 1")
        done = Done(outcome=PackageOutcome.UNREADABLE, reason="x" * 100_000)
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            store.keep(run, store.left(run)[0], done)


def test_a_mirror_in_a_directory_whose_name_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    directory = tmp_path / "\udcff"
    directory.mkdir()
    with pytest.raises(UsageError, match="has to be UTF-8"):
        mirror_at(str(directory))


def test_a_site_that_cannot_be_put_into_its_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    with closing(Store(tmp_path / "store.sqlite")) as store:
        run = _run(store)
        write_site(store, run, site, Severity.ERROR)
        before = (site / "index.html").stat().st_ino
        real = Path.rename

        def rename(self: Path, target: Path) -> Path:
            if self.name == "site" and self != site:
                raise PermissionError
            return real(self, target)

        monkeypatch.setattr(Path, "rename", rename)
        with pytest.raises(PermissionError):
            write_site(store, run, site, Severity.ERROR)
    assert (site / "index.html").stat().st_ino == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["site", "store.sqlite"]


def test_a_site_in_the_working_directory_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path / "site")
    with closing(Store(tmp_path / "store.sqlite")) as store:
        write_site(store, _run(store), Path(), Severity.ERROR)
    assert (tmp_path / "site/index.html").is_file()


def test_what_a_killed_program_left_of_a_site_is_taken_up(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with closing(Store(tmp_path / "store.sqlite")) as store:
        run = _run(store)
        write_site(store, run, site, Severity.ERROR)
        left = tmp_path / f".pkgtools-site-{hashlib.sha256(b'site').hexdigest()[:16]}"
        (left / "site").mkdir(parents=True)
        site.rename(left / "old")
        with pytest.raises(UsageError, match="the store was damaged"):
            write_site(_Damaged(), run, site, Severity.ERROR)  # type: ignore[arg-type] # it fails before all
        assert (site / "index.html").is_file()
        assert not left.exists()


class _Damaged:
    """A store that can't be read."""

    def kept(self, _run: Run) -> Iterator[None]:
        raise UsageError("the store was damaged")


def test_one_site_is_not_written_by_two_programs(tmp_path: Path) -> None:
    left = tmp_path / f".pkgtools-site-{hashlib.sha256(b'site').hexdigest()[:16]}"
    left.mkdir()
    held = os.open(left, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            closing(Store(tmp_path / "store.sqlite")) as store,
            pytest.raises(UsageError, match="written by another program"),
        ):
            write_site(store, _run(store), tmp_path / "site", Severity.ERROR)
    finally:
        os.close(held)
    assert left.is_dir()


def test_a_store_in_no_directory_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="make it first"):
        Store(tmp_path / "none/store.sqlite")
