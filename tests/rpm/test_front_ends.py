# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Install, upgrade and remove through the front ends, from a repository."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.commands import require_tools, run_on_host
from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, assert_no_complaint, caches
from tests.lab.rpm_machine import RpmMachine
from tests.lab.rpms import build_rpm
from tests.lab.system import Bind
from tests.rpm.conftest import OurRpms, Start

REPOSITORY = "[lab]\nname=lab\nbaseurl=file:///srv/repository\nenabled=1\ngpgcheck=0\nmetadata_expire=0\n"
FIRST = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "print(1)\n", f"{DIST}/shop/old/wine.py": ""}
SECOND = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "print(2)\n", f"{DIST}/shop/new/beer.py": ""}
PROVIDED = ("/bin/sh", "/usr/bin/sh", "/usr/bin/python3", "/usr/bin/env", "glibc", "python(abi) = 3.11")
DNF = ("-qy", "--releasever=1", "--refresh")
NEEDS = {"Requires": "pkgtools-runtime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """How a front end is asked."""

    root: str
    """The base system that has it."""
    command: tuple[str, ...]
    """What each call begins with."""
    upgrade: str = "upgrade"
    repository: str = "/etc/yum.repos.d/lab.repo"
    """Where it looks for repositories."""


FRONT_ENDS = {
    "dnf": FrontEnd(root="rpm-dnf", command=("dnf", *DNF)),
    "dnf5": FrontEnd(root="rpm-forky", command=("dnf5", *DNF, "--disable-plugin=local")),
    "zypper": FrontEnd(
        root="rpm-zypper",
        command=("zypper", "-q", "--non-interactive", "--no-gpg-checks"),
        upgrade="update",
        repository="/etc/zypp/repos.d/lab.repo",
    ),
}


@pytest.fixture
def publish(tmp_path: Path, workshop: Path, ours: OurRpms) -> Callable[..., None]:
    """Return a function that puts sample packages, our runtime and the base system into the repository."""
    require_tools(("createrepo_c",))
    tmp_path.chmod(0o755)
    base = SamplePackage(name="base", files={"/usr/share/base": ""}, fields={"Provides": ", ".join(PROVIDED)})

    def publish(*packages: SamplePackage) -> None:
        for rpm in (ours.runtime, *(build_rpm(package, workshop) for package in (base, *packages))):
            if not (tmp_path / rpm.name).exists():
                shutil.copyfile(rpm, tmp_path / rpm.name)
                os.chmod(tmp_path / rpm.name, 0o644)
        run_on_host(["createrepo_c", "--quiet", str(tmp_path)])

    return publish


@pytest.mark.parametrize("front_end", FRONT_ENDS.values(), ids=FRONT_ENDS)
def test_install_upgrade_remove(
    start: Start, front_end: FrontEnd, publish: Callable[..., None], tmp_path: Path
) -> None:
    publish(SamplePackage(name="shop", files=FIRST, fields=NEEDS))
    bind = Bind(source=tmp_path, target="/srv/repository")
    with start(front_end.root, runtime=False, binds=(bind,)) as machine:
        machine.system.write(front_end.repository, REPOSITORY)
        ask(machine, front_end, "install", "base")
        machine.remember()
        ask(machine, front_end, "install", "shop")
        assert machine.cached() == caches(FIRST, *machine.python)
        publish(SamplePackage(name="shop", version="2", files=SECOND, fields=NEEDS))
        if front_end.upgrade == "update":
            machine.system.run(*front_end.command, "refresh", "--force")
        ask(machine, front_end, front_end.upgrade, "shop")
        assert machine.cached() == caches(SECOND, *machine.python)
        assert machine.imports("shop.till") == "2\n"
        ask(machine, front_end, "remove", "shop")
        if not machine.system.run("rpm", "-q", "pkgtools-runtime", check=False).exit:
            ask(machine, front_end, "remove", "pkgtools-runtime")
        machine.assert_nothing_left()


def ask(machine: RpmMachine, front_end: FrontEnd, *arguments: str) -> None:
    """Run the front end, which shall not complain."""
    assert_no_complaint(machine.system.run(*front_end.command, *arguments))
