# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Machines for the packages of the sample project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.lab.machine import Machine, start_machine
from tests.lab.needs import need_tools
from tests.lab.ours import Build, build_ours
from tests.lab.project import ASK_RUNTIME, Sample
from tests.lab.rpm_machine import RpmMachine, prepare, start_rpm_machine
from tests.lab.rpm_ours import build_our_rpms
from tests.lab.system import Bind, Snapshot

Start = Callable[..., AbstractContextManager[Machine]]
"""start(sample, root="bookworm", binds=()) -> a machine that has what the sample's strategy asks for."""

StartRpm = Callable[..., AbstractContextManager[RpmMachine]]
"""start_rpm(sample, root="rpm-bookworm") -> the same with rpm."""


@pytest.fixture(scope="session")
def laboratory() -> None:
    """Skip where the machine cannot run the lab; fail there when a CI says that it should."""
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "nsenter"))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory where packages are generated and built."""
    path = tmp_path_factory.mktemp("generated")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def ours(laboratory: None) -> Build:
    """Return this project's own packages."""
    return build_ours()


@pytest.fixture(scope="session")
def start(workshop: Path, ours: Build) -> Start:
    """Return the function that starts machines."""
    made: dict[str, Snapshot] = {}

    def with_runtime(root: str) -> Snapshot:
        if root not in made:
            with start_machine(root, None, workshop, ours) as machine:
                machine.dpkg("--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
                made[root] = machine.system.freeze()
        return made[root]

    @contextmanager
    def start(sample: Sample, root: str = "bookworm", *, binds: tuple[Bind, ...] = ()) -> Iterator[Machine]:
        base = with_runtime(root) if sample.strategy in ASK_RUNTIME else None
        with start_machine(root, base, workshop, ours, binds) as machine:
            yield machine

    return start


@pytest.fixture(scope="session")
def start_rpm(workshop: Path, laboratory: None) -> StartRpm:
    """Return the function that starts machines with rpm."""
    need_tools(("rpmbuild", "rst2man"))
    made: dict[tuple[str, bool], Snapshot] = {}
    ours = workshop / "ours"

    def base(root: str, runtime: bool) -> Snapshot:
        if (root, runtime) not in made:
            made[root, runtime] = with_runtime(root) if runtime else prepare(root)
        return made[root, runtime]

    def with_runtime(root: str) -> Snapshot:
        if not ours.is_dir():
            ours.mkdir(mode=0o755)
            build_our_rpms(ours)
        with start_rpm_machine(root, base(root, False), workshop, ours) as machine:
            machine.install(*ours.glob("pkgtools-runtime-*.rpm"))
            return machine.system.freeze()

    @contextmanager
    def start(sample: Sample, root: str = "rpm-bookworm") -> Iterator[RpmMachine]:
        snapshot = base(root, sample.strategy in ASK_RUNTIME)
        with start_rpm_machine(root, snapshot, workshop, ours if ours.is_dir() else workshop) as machine:
            yield machine

    return start
