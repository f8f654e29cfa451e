# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Machines for the system tests: with and without pkgtools-runtime, started in hundredths of a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.lab.machine import Machine, start_machine
from tests.lab.needs import need_tools
from tests.lab.ours import Build, build_ours
from tests.lab.system import Bind, Snapshot

StartMachine = Callable[..., AbstractContextManager[Machine]]
"""start(root="bookworm", runtime=True, binds=()) -> a machine as a context manager."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything beside this file."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session", autouse=True)
def laboratory() -> None:
    """Skip where the machine cannot run the lab; fail there when a CI says that it should."""
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "apt-ftparchive", "nsenter"))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory where sample packages are built."""
    path = tmp_path_factory.mktemp("debs")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def ours(laboratory: None) -> Build:
    """Return this project's own packages."""
    return build_ours()


@pytest.fixture(scope="session")
def with_runtime(workshop: Path, ours: Build) -> Callable[[str], Snapshot]:
    """Return a function: name of a base system -> the same with pkgtools-runtime installed."""
    made: dict[str, Snapshot] = {}

    def snapshot(root: str) -> Snapshot:
        if root not in made:
            with start_machine(root, None, workshop, ours) as machine:
                machine.dpkg("--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
                made[root] = machine.system.freeze()
        return made[root]

    return snapshot


@pytest.fixture(scope="session")
def start(workshop: Path, ours: Build, with_runtime: Callable[[str], Snapshot]) -> StartMachine:
    """Return the function that starts machines."""

    @contextmanager
    def start(root: str = "bookworm", *, runtime: bool = True, binds: tuple[Bind, ...] = ()) -> Iterator[Machine]:
        base = with_runtime(root) if runtime else None
        with start_machine(root, base, workshop, ours, binds) as machine:
            yield machine

    return start


@pytest.fixture
def machine(start: StartMachine) -> Iterator[Machine]:
    """Return a Debian 12 with pkgtools-runtime, new for each test."""
    with ExitStack() as stack:
        yield stack.enter_context(start())


@pytest.fixture(params=["bookworm", "trixie"])
def each_machine(request: pytest.FixtureRequest, start: StartMachine) -> Iterator[Machine]:
    """Return a Debian 12, then a Debian 13, with pkgtools-runtime, new for each test."""
    with start(request.param) as machine:
        yield machine
