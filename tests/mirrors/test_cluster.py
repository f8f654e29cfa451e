# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""On the workers of a Dask cluster a run comes out as on one process, also when workers die."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast

import pytest

from pkgtools.archive.cluster import cluster_at
from pkgtools.archive.package_done import Done
from pkgtools.archive.work import PackageWork
from pkgtools.runtime.errors import EnvironmentFault, UsageError
from tests.lab.clusters import Cluster, cluster
from tests.mirrors.cluster_tasks import POISON, twice, wait
from tests.mirrors.made_mirrors import Key, check, make_mirror

Do = Callable[[PackageWork], Done]


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Yield a cluster of two workers."""
    with cluster(tmp_path_factory.mktemp("cluster"), 2) as one:
        yield one


def test_the_report_is_that_of_one_process(two_workers: Cluster, tmp_path: Path, key: Key) -> None:
    mirror = make_mirror(tmp_path / "mirror", {f"p{number}": number % 2 == 0 for number in range(5)}, key)
    alone = check(mirror, tmp_path / "a.sqlite", "--keyring", key.keyring, "--json")
    spread = check(
        mirror, tmp_path / "b.sqlite", "--keyring", key.keyring, "--json", "--scheduler", two_workers.address
    )
    assert spread.stderr == ""
    assert spread.stdout == alone.stdout
    assert json.loads(alone.stdout)["packages"]["checked"] == 3


def test_a_work_that_kills_its_workers_is_marked_and_the_others_are_done(two_workers: Cluster) -> None:
    with cluster_at(two_workers.address) as spread:
        found = list(spread(cast("Do", twice), cast("Iterable[PackageWork]", range(12))))
    assert cast("object", found) == [(number, None if number == POISON else number * 2) for number in range(12)]


def test_a_scheduler_that_goes_away_is_the_environments_fault(tmp_path: Path) -> None:
    with (
        cluster(tmp_path, 1) as one,
        pytest.raises(EnvironmentFault, match="the scheduler went away"),
        cluster_at(one.address) as spread,
    ):
        found = spread(cast("Do", wait), cast("Iterable[PackageWork]", range(2)))
        threading.Timer(0.5, one.close).start()
        list(found)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("tcp://192.0.2.1:8786", "set up TLS"),
        ("tcp://0.0.0.0:8786", "set up TLS"),
        ("127.0.0.1:8786", "tcp://HOST:PORT"),
        ("tcp://127.0.0.1", "tcp://HOST:PORT"),
        ("inproc://x", "tcp://HOST:PORT"),
        ("tcp://127.0.0.1:99999", "ort"),
    ],
)
def test_only_the_loopback_is_reached_without_tls(address: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=wrong), cluster_at(address):
        pass


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgtools.archive.cluster._PATIENCE", 0.5)
    with pytest.raises(EnvironmentFault, match="doesn't answer"), cluster_at("tcp://127.0.0.1:9"):
        pass


def test_jobs_and_scheduler_exclude_each_other(mirror: Path, store: Path, key: Key) -> None:
    done = check(mirror, store, "--keyring", key.keyring, "-j2", "--scheduler", "tcp://127.0.0.1:9")
    assert done.returncode == 2
    assert "contradict each other" in done.stderr
