# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What fails around a package: our own code, the disk for its copy, the mirror in the middle of a run."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pkgtools.archive.archive_run import ArchiveOrder, go_on
from pkgtools.archive.listed import ListedPackage, MirrorFile
from pkgtools.archive.package_done import Done, PackageOutcome
from pkgtools.archive.store import RunKey, Store
from pkgtools.archive.work import PackageWork, do, judge_of
from pkgtools.check.one_package import CheckTask
from pkgtools.model.package import Kind
from pkgtools.runtime.errors import EnvironmentFault

_TASK = CheckTask()


def _listed(number: int, content: bytes = b"") -> ListedPackage:
    file = MirrorFile(name=f"p{number}", size=len(content), digest=hashlib.sha256(content).hexdigest())
    return ListedPackage(name=f"p{number:03}", version="1", architecture="all", kind=Kind.DEB, file=file, matters=True)


def _work(top: Path) -> PackageWork:
    (top / "p1").write_bytes(b"x")
    return PackageWork(mirror=str(top), package=_listed(1, b"x"), task=_TASK, judge=judge_of(_TASK))


@pytest.mark.parametrize("error", [KeyError("\x1bx"), MemoryError(), RecursionError("deep"), OSError(errno.EIO, "x")])
def test_a_bug_that_a_package_brings_out_is_a_row(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr("pkgtools.archive.work.check_package", fail)
    done = do(_work(tmp_path))
    assert done.outcome is PackageOutcome.UNREADABLE
    assert done.reason.startswith(f"p1: pkgtools failed, please report it: {type(error).__name__}")
    assert done.reason.isprintable()


def test_a_disk_that_is_full_is_not_the_packages_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pkgtools.archive.work.copy", fail)
    with pytest.raises(EnvironmentFault, match=r"p1 can't be copied to .*: no space left on device"):
        do(_work(tmp_path))


@pytest.mark.parametrize(("is_away", "tried"), [(True, 20), (False, 30)])
def test_a_mirror_that_went_away_ends_the_run(is_away: bool, tried: int, tmp_path: Path) -> None:
    def spread(
        _do: Callable[[PackageWork], Done], works: Iterable[PackageWork]
    ) -> Iterator[tuple[PackageWork, Done | None]]:
        for work in works:
            yield work, Done(outcome=PackageOutcome.UNFETCHED, reason="p: gone", is_away=is_away)

    key = RunKey(mirror="/m", suite="s", components="", architectures="", job="check", judge="j", indexed="i")
    order = ArchiveOrder(mirror="/m", suite="s", components=(), architectures=(), keyring=None, task=_TASK, job="check")
    found: list[Done] = []
    with closing(Store(tmp_path / "store.sqlite")) as store:
        run = store.begin(key, date="", signed_by="", notes=())
        store.plan(run, map(_listed, range(30)))
        try:
            found.extend(go_on(store, run, order, spread))
        except EnvironmentFault as error:
            assert "20 packages in a row" in str(error)  # noqa: PT017 - the other row has no error
        assert store.run(run.number).is_ended is not is_away
    assert len(found) == tried
