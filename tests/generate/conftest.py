# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Machines for the packages of the sample project."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.generate.life import MADE, DebLife
from tests.lab.apk_machine import BUSYBOX
from tests.lab.deb_builds import build_generated_deb
from tests.lab.machine import Machine, start_machine
from tests.lab.needs import need_tools
from tests.lab.ours import Build, build_ours
from tests.lab.pacman_builds import CONFIGURATION
from tests.lab.places import once
from tests.lab.project import ASK_RUNTIME, Sample
from tests.lab.rpm_machine import RpmMachine, prepare, start_rpm_machine
from tests.lab.rpm_ours import build_our_rpms
from tests.lab.system import Bind, Snapshot

Start = Callable[..., AbstractContextManager[Machine]]
"""start(sample, root="bookworm", binds=()) -> a machine that has what the sample's strategy asks for."""

StartRpm = Callable[..., AbstractContextManager[RpmMachine]]
"""start_rpm(sample, root="rpm-bookworm") -> the same with rpm."""

Live = Callable[..., AbstractContextManager[DebLife]]
"""live(strategy, root="bookworm", traced=False, binds=(), **keywords of Sample) -> a machine with a package to be."""
StartPacman = Callable[[Sample], AbstractContextManager[Machine]]
"""start_pacman(sample) -> the same with pacman."""
StartApk = Callable[[Sample], AbstractContextManager[Machine]]
"""start_apk(sample) -> a machine with BusyBox, for the stand-in for apk."""


@pytest.fixture(scope="session")
def laboratory() -> None:
    """Skip where the machine cannot run the lab; fail there when a CI says that it should."""
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "nsenter"))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory where other sample packages are built."""
    path = tmp_path_factory.mktemp("generated")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory where packages are generated and built; the workers of one run share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    base = tmp_path_factory.getbasetemp()
    path = (base.parent / f"run-{run}" if run else base) / os.path.basename(MADE)
    path.mkdir(parents=True, exist_ok=True)
    for directory in (path.parent, path):
        directory.chmod(0o755)
    return path


@pytest.fixture(scope="session")
def ours(laboratory: None) -> Build:
    """Return this project's own packages."""
    return build_ours()


@pytest.fixture(scope="session")
def start(workshop: Path, made: Path, ours: Build) -> Start:
    """Return the function that starts machines."""
    snapshots: dict[str, Snapshot] = {}

    def with_runtime(root: str) -> Snapshot:
        if root not in snapshots:
            with start_machine(root, None, workshop, ours) as machine:
                machine.dpkg("--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
                snapshots[root] = machine.system.freeze()
        return snapshots[root]

    @contextmanager
    def start(sample: Sample, root: str = "bookworm", *, binds: tuple[Bind, ...] = ()) -> Iterator[Machine]:
        base = with_runtime(root) if sample.strategy in ASK_RUNTIME else None
        seen = Bind(source=made, target=MADE)
        with start_machine(root, base, workshop, ours, (seen, *binds)) as machine:
            yield machine

    return start


@pytest.fixture(scope="session")
def start_pacman(start: Start) -> StartPacman:
    """Return the function that starts machines with pacman."""

    @contextmanager
    def start_pacman(sample: Sample) -> Iterator[Machine]:
        with start(sample, "pacman") as machine:
            machine.system.run("ln", "-sf", "bash", "/bin/sh")  # as on Arch; nfpm's .INSTALL needs it
            machine.system.write("/etc/pacman.conf", CONFIGURATION)
            machine.system.run("mkdir", "-p", "/var/lib/pacman/local", "/var/lib/pacman/sync", "/etc/pacman.d/hooks")
            machine.remember()
            yield machine

    return start_pacman


@pytest.fixture(scope="session")
def start_apk(start: Start) -> StartApk:
    """Return the function that starts machines for the stand-in for apk."""
    need_tools(("busybox",))

    @contextmanager
    def start_apk(sample: Sample) -> Iterator[Machine]:
        with start(sample, binds=(BUSYBOX,)) as machine:
            machine.remember()
            yield machine

    return start_apk


@pytest.fixture(scope="session")
def start_rpm(workshop: Path, made: Path, laboratory: None) -> StartRpm:
    """Return the function that starts machines with rpm."""
    need_tools(("rpmbuild", "rst2man"))
    snapshots: dict[tuple[str, bool], Snapshot] = {}
    ours = made / "ours"

    def build(directory: Path) -> None:
        build_our_rpms(directory, command=False)

    def base(root: str, runtime: bool) -> Snapshot:
        if (root, runtime) not in snapshots:
            snapshots[root, runtime] = with_runtime(root) if runtime else prepare(root)
        return snapshots[root, runtime]

    def with_runtime(root: str) -> Snapshot:
        once(ours, build)
        with start_rpm_machine(root, base(root, False), workshop, ours) as machine:
            machine.install(*ours.glob("pkgtools-runtime-*.rpm"))
            return machine.system.freeze()

    @contextmanager
    def start(sample: Sample, root: str = "rpm-bookworm") -> Iterator[RpmMachine]:
        snapshot = base(root, sample.strategy in ASK_RUNTIME)
        seen = Bind(source=made, target=MADE)
        with start_rpm_machine(root, snapshot, workshop, workshop, (seen,)) as machine:
            yield machine

    return start


@pytest.fixture
def live(start: Start, made: Path) -> Live:
    @contextmanager
    def live(
        strategy: str, *, root: str = "bookworm", traced: bool = False, binds: tuple[Bind, ...] = (), **how: object
    ) -> Iterator[DebLife]:
        sample = Sample(strategy=strategy, **how)  # type: ignore[arg-type] # the keywords of Sample
        with start(sample, root, binds=binds) as machine:
            yield DebLife(
                machine=machine,
                sample=sample,
                build=lambda version: build_generated_deb(sample, version, made, traced=traced),
            )

    return live
