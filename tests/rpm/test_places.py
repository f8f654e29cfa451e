# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Other roots, unprivileged users, and file systems that cannot be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, NOBODY, caches
from tests.lab.roots import root_directory
from tests.lab.rpm_machine import RPM_ROOTS, RpmMachine
from tests.lab.system import Bind
from tests.lab.tree import bytecode
from tests.rpm.conftest import Start

SHOP = SamplePackage(name="shop", files={f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "N = 1\n"})
INNER = "/srv/root"


devices = pytest.mark.parametrize("devices", [True, False], ids=["with /dev", "without /dev"])


@contextmanager
def machine_with_root(start: Start, root: str, devices: bool) -> Iterator[RpmMachine]:
    """Start a machine that has a second system in /srv/root, writable, with nothing mounted but, at most, /dev."""
    lower = Bind(source=root_directory(root), target="/srv/lower")
    with start(root, runtime=False, binds=(lower,)) as machine:
        machine.system.run("mkdir", "-p", "/run/upper", "/run/work", INNER)
        layers = "lowerdir=/srv/lower,upperdir=/run/upper,workdir=/run/work"
        machine.system.run("mount", "-t", "overlay", "overlay", "-o", layers, INNER)
        gone = ("dev", DIST, "usr/share/python3/debian_defaults")
        machine.system.run("rm", "-rf", *(f"{INNER}/{path}" for path in gone))
        machine.system.run("mkdir", f"{INNER}/dev")
        if devices:
            machine.system.run("mount", "--rbind", "/dev", f"{INNER}/dev")
        machine.system.run("mkdir", "-p", f"{INNER}/var/lib/rpm", f"{INNER}/etc/rpm")
        machine.system.run("cp", "/etc/rpm/macros", f"{INNER}/etc/rpm/macros")
        machine.system.run("rm", "-f", f"{INNER}/usr/share/python3/debian_defaults")  # as in the machine itself
        yield machine


def cached_in(machine: RpmMachine, root: str) -> dict[str, str]:
    """Return what is cached in the public directory below another root."""
    found = bytecode(machine.system.tree(f"{root}{DIST}"))
    return {path.removeprefix(root): str(entry) for path, entry in found.items()}


@devices
@pytest.mark.parametrize("root", RPM_ROOTS, ids=RPM_ROOTS.values())
def test_root_option_works_in_that_root_alone(start: Start, ours_runtime: Path, root: str, devices: bool) -> None:
    with machine_with_root(start, root, devices) as machine:
        for package in (ours_runtime, SHOP):
            machine.rpm("--root", INNER, "-U", machine.stage(package))
        assert cached_in(machine, INNER) == caches(SHOP.files, *machine.python)
        assert cached_in(machine, "") == {}
        machine.rpm("--root", INNER, "-e", "shop")
        machine.rpm("--root", INNER, "-e", "pkgtools-runtime")
        assert cached_in(machine, INNER) == {}
        assert devices or not machine.system.tree(f"{INNER}/dev"), "a regular file in the place of a device"
        for path in ("/usr/share/pkgtools", "/var/lib/pkgtools", "/var/cache/pkgtools", f"{DIST}/shop"):
            assert not machine.system.exists(f"{INNER}{path}")


@devices
@pytest.mark.parametrize("root", ["rpm-bookworm", "rpm-forky"], ids=["4.18", "6.1"])
def test_unprivileged_user_in_a_namespace_of_his_own(
    start: Start, ours_runtime: Path, root: str, devices: bool
) -> None:
    with machine_with_root(start, root, devices) as machine:
        machine.system.run("find", INNER, "-xdev", "-exec", "chown", "-h", f"{NOBODY}:{NOBODY}", "{}", "+")
        for step in (("-U", machine.stage(ours_runtime)), ("-U", machine.stage(SHOP)), ("-e", "shop")):
            argv = ("unshare", "-Urm", "rpm", *machine.options, "--root", INNER, "--nodeps", *step)
            result = machine.system.run(*argv, env={"HOME": "/tmp"}, uid=NOBODY)
            assert "pkgtools" not in result.output, result.output  # rpm 6.1 itself has something to say
            expected = caches(SHOP.files, *machine.python) if "shop" in " ".join(step) and "-U" in step else {}
            theirs = {path: what.replace("0:0", f"{NOBODY}:{NOBODY}") for path, what in expected.items()}
            assert cached_in(machine, INNER) == theirs


def test_read_only_directory_costs_its_bytecode_only(each_machine: RpmMachine) -> None:
    """T5: said, and no half-made file; the transaction goes on, and the next batch makes up for it."""
    machine = each_machine
    machine.install(SHOP, options=("-U", "--noscripts"))
    with read_only(machine, DIST):
        drop_in = {"/usr/share/pkgtools/private.d/app.conf": "compile||/opt/app\n", "/opt/app/a.py": ""}
        result = machine.rpm("-U", machine.stage(SamplePackage(name="app", files=drop_in)))
        complaints = result.stderr.splitlines()
        assert complaints
        for line in complaints:
            assert re.fullmatch(rf"pkgtools-trigger: (?:{DIST}/\S+: read-only: .+|and \d more: see .+)", line)
        assert machine.cached() == {}
        assert machine.cached("/opt") == caches(["/opt/app/a.py"], machine.python[0])
    machine.install(SamplePackage(name="other", files={f"{DIST}/other.py": ""}))
    machine.erase("app", "other")
    assert machine.cached() == caches(SHOP.files, *machine.python)
    machine.erase("shop")
    machine.assert_nothing_left()


@contextmanager
def read_only(machine: RpmMachine, directory: str) -> Iterator[None]:
    machine.system.run("mount", "--bind", directory, directory)
    machine.system.run("mount", "-o", "remount,bind,ro", directory)
    yield
    machine.system.run("umount", directory)


def test_module_that_does_not_compile_harms_nobody(each_machine: RpmMachine) -> None:
    machine = each_machine
    files = {f"{DIST}/good.py": "", f"{DIST}/bad.py": "def (:\n", f"{DIST}/ugly.py": "N = 1\n"}
    result = machine.rpm("-U", machine.stage(SamplePackage(name="mixed", files=files)))
    (line,) = set(result.stderr.splitlines())
    assert line.startswith(f"pkgtools-trigger: {DIST}/bad.py: syntax-error: ")
    assert machine.cached() == caches([f"{DIST}/good.py", f"{DIST}/ugly.py"], *machine.python)
    machine.erase("mixed")
    machine.assert_nothing_left()
