# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Machines for the rpm tests: four versions of rpm, with and without pkgtools-runtime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.needs import need_tools
from tests.lab.rpm_machine import RPM_ROOTS, RpmMachine, prepare, start_rpm_machine
from tests.lab.rpm_ours import build_our_rpms
from tests.lab.system import Bind, Snapshot

GONE = "pkgtools/runtime/gone_in_the_next_version.py"
"""A module that only the older of our packages has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OurRpms:
    """Our packages in two versions."""

    directory: Path
    """Where they are."""
    runtime: Path
    """pkgtools-runtime."""
    older: Path
    """The version before it, which had a module more."""
    current: tuple[Path, ...]
    """All packages of this version."""


Start = Callable[..., AbstractContextManager[RpmMachine]]
"""start(root="rpm-bookworm", runtime=True, binds=()) -> a machine as a context manager."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything beside this file."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session", autouse=True)
def laboratory() -> None:
    """Skip where the machine cannot run the lab; fail there when a CI says that it should."""
    need_tools(("mmdebstrap", "zstd", "rpmbuild", "rpm", "rst2man", "nsenter"))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory where sample packages are built."""
    path = tmp_path_factory.mktemp("rpms")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def ours(laboratory: None, tmp_path_factory: pytest.TempPathFactory) -> OurRpms:
    """Return this project's own packages."""
    directory = tmp_path_factory.mktemp("ours")
    directory.chmod(0o755)
    (older,) = _runtime_of(build_our_rpms(directory, dist="~before", command=False, extra={GONE: "BEFORE = True\n"}))
    for other in directory.glob("*.rpm"):
        if other != older:
            other.unlink()
    current = tuple(rpm for rpm in build_our_rpms(directory) if rpm != older)
    (runtime,) = _runtime_of(current)
    return OurRpms(directory=directory, runtime=runtime, older=older, current=current)


def _runtime_of(rpms: tuple[Path, ...]) -> list[Path]:
    return [rpm for rpm in rpms if rpm.name.startswith("pkgtools-runtime-")]


@pytest.fixture(scope="session")
def base(workshop: Path, ours: OurRpms) -> Callable[[str, bool], Snapshot]:
    """Return a function: base system, with our runtime or without -> a snapshot of it."""
    made: dict[tuple[str, bool], Snapshot] = {}

    def snapshot(root: str, runtime: bool) -> Snapshot:
        if (root, runtime) in made:
            return made[root, runtime]
        if not runtime:
            made[root, False] = prepare(root)
            return made[root, False]
        with start_rpm_machine(root, snapshot(root, False), workshop, ours.directory) as machine:
            machine.install(ours.runtime)
            made[root, True] = machine.system.freeze()
        return made[root, True]

    return snapshot


@pytest.fixture(scope="session")
def start(workshop: Path, ours: OurRpms, base: Callable[[str, bool], Snapshot]) -> Start:
    """Return the function that starts machines."""

    @contextmanager
    def start(
        root: str = "rpm-bookworm", *, runtime: bool = True, binds: tuple[Bind, ...] = ()
    ) -> Iterator[RpmMachine]:
        with start_rpm_machine(root, base(root, runtime), workshop, ours.directory, binds) as machine:
            yield machine

    return start


@pytest.fixture
def machine(start: Start) -> Iterator[RpmMachine]:
    """Return a system with rpm 4.18 and our runtime, new for each test."""
    with start() as machine:
        yield machine


@pytest.fixture(params=tuple(RPM_ROOTS), ids=tuple(RPM_ROOTS.values()))
def each_machine(request: pytest.FixtureRequest, start: Start) -> Iterator[RpmMachine]:
    """Return a system of each version of rpm, with our runtime, new for each test."""
    with start(request.param) as machine:
        yield machine


@pytest.fixture(params=tuple(RPM_ROOTS), ids=tuple(RPM_ROOTS.values()))
def each_bare_machine(request: pytest.FixtureRequest, start: Start) -> Iterator[RpmMachine]:
    """Return a system of each version of rpm, without our runtime, new for each test."""
    with start(request.param, runtime=False) as machine:
        yield machine


@pytest.fixture
def ours_runtime(ours: OurRpms) -> Path:
    """Return pkgtools-runtime."""
    return ours.runtime
