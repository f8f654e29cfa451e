# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""dpkg's special cases: other roots, held-back triggers, excluded and diverted files, foreign architectures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.debs import SamplePackage, clean_snippet, downstream
from tests.lab.machine import DIST, Machine, caches
from tests.lab.ours import Build
from tests.lab.roots import root_directory
from tests.lab.system import Bind
from tests.lab.tree import bytecode, differences
from tests.system.conftest import StartMachine

SHOP = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "print('till')\n"}
TARGET = "/srv/target"


def test_held_back_triggers_run_later(machine: Machine) -> None:
    machine.install(downstream("shop", SHOP), options=["--no-triggers"])
    assert machine.cached() == {}
    machine.dpkg("--triggers-only", "--pending")
    assert machine.cached() == caches(SHOP, "3.11")
    machine.dpkg("--no-triggers", "--purge", "shop")
    machine.assert_nothing_left()


def test_unpack_then_configure(machine: Machine) -> None:
    machine.dpkg("--unpack", machine.stage(downstream("shop", SHOP)))
    machine.dpkg("--configure", "--pending")
    assert machine.cached() == caches(SHOP, "3.11")
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


@pytest.mark.parametrize("hidden", ["/usr/bin/python3", "/usr/lib/python3.11/encodings", "/usr/lib/python3.11"])
def test_removal_cleans_when_python_is_unusable(machine: Machine, hidden: str) -> None:
    """A prerm may run when python3 is unpacked but not configured, or is broken."""
    odd = {f"{DIST}/shop/[x].py": "", f"{DIST}/shop/a b.py": "", f"{DIST}/shop/$(touch x).py": ""}
    machine.install(downstream("shop", {**SHOP, **odd}))
    assert machine.cached() == caches([*SHOP, *odd], "3.11")
    machine.system.run("mv", hidden, f"{hidden}.away")
    result = machine.system.run("dpkg", "--purge", "shop")  # which may well say that python3 does not run
    assert "not empty" not in result.output
    assert machine.cached() == {}
    machine.system.run("mv", f"{hidden}.away", hidden)
    machine.assert_nothing_left()


def test_removal_without_python_spares_foreign_files(machine: Machine) -> None:
    """T18: the way without Python goes by exact names too."""
    machine.install(downstream("shop", SHOP), downstream("xshop", {f"{DIST}/shop/xtill.py": ""}))
    machine.system.run("mv", "/usr/bin/python3", "/usr/bin/python3.away")
    machine.dpkg("--purge", "shop")
    assert machine.cached() == caches([f"{DIST}/shop/xtill.py"], "3.11")


def test_name_that_is_not_utf8(machine: Machine) -> None:
    source = f"{DIST}/shop/caf\udce9.py"
    machine.install(downstream("shop", {**SHOP, source: "print('latin')\n"}))
    assert machine.cached() == caches([*SHOP, source], "3.11")
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_excluded_paths_harm_nothing(machine: Machine) -> None:
    """dpkg lists files that a path-exclude kept out."""
    machine.system.write("/etc/dpkg/dpkg.cfg.d/lean", f"path-exclude={DIST}/*/tests/*\n")
    machine.install(downstream("shop", {**SHOP, f"{DIST}/shop/tests/test_till.py": ""}))
    assert machine.cached() == caches(SHOP, "3.11")
    machine.system.run("pkgtools-compile", "-p", "shop")
    assert machine.cached() == caches(SHOP, "3.11")
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_diverted_module_belongs_to_the_diverting_package(machine: Machine) -> None:
    till, aside = f"{DIST}/shop/till.py", f"{DIST}/shop/till.py.distrib"
    divert = f"--package fork --rename --divert {aside} {till}"
    scripts = {
        "preinst": f'[ "$1" = upgrade ] || dpkg-divert --quiet --add {divert}\n',
        "prerm": clean_snippet("fork"),
        "postrm": f'[ "$1" != remove ] || dpkg-divert --quiet --remove {divert}\n',
    }
    machine.install(downstream("shop", SHOP))
    machine.install(SamplePackage(name="fork", files={till: "print('fork')\n"}, scripts=scripts))
    assert machine.imports("shop.till") == "fork\n"
    assert machine.cached() == caches(SHOP, "3.11")
    machine.dpkg("--purge", "fork")
    machine.system.run("/usr/share/pkgtools/triggers/pkgtools-trigger")
    assert machine.imports("shop.till") == "till\n"
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


@pytest.mark.parametrize("name", ["shop", "shop:amd64"])
def test_package_of_one_architecture_goes_by_either_name(machine: Machine, name: str) -> None:
    fields = {"Architecture": "amd64", "Multi-Arch": "same"}
    scripts = {"prerm": clean_snippet(name)}
    machine.install(downstream("shop", SHOP, scripts=scripts, fields=fields))
    assert machine.cached() == caches(SHOP, "3.11")
    machine.dpkg("--purge", "shop")
    machine.assert_nothing_left()


def test_second_architecture_keeps_shared_modules_cached(machine: Machine) -> None:
    machine.system.run("dpkg", "--add-architecture", "i386")
    packages = [
        downstream(
            "shop",
            SHOP,
            scripts={"prerm": clean_snippet(f"shop:{architecture}")},
            fields={"Architecture": architecture, "Multi-Arch": "same"},
        )
        for architecture in ("amd64", "i386")
    ]
    machine.install(*packages)
    machine.dpkg("--purge", "shop:i386")
    assert machine.system.exists(f"{DIST}/shop/till.py")
    assert machine.cached() == caches(SHOP, "3.11")
    machine.dpkg("--purge", "shop:amd64")
    machine.assert_nothing_left()


@pytest.fixture
def other_root(start: StartMachine) -> Iterator[Machine]:
    """Return a machine with a Debian of its own below /srv/target, to be served from outside."""
    with start(binds=(Bind(source=root_directory("bookworm-minimal"), target="/srv/minimal"),)) as machine:
        machine.install(downstream("host-shop", {f"{DIST}/host.py": ""}))
        machine.system.run("cp", "-a", "/srv/minimal", TARGET)
        machine.remember()
        yield machine


def chrootless(machine: Machine, *arguments: str) -> None:
    machine.dpkg(f"--root={TARGET}", "--force-script-chrootless", *arguments)


def below_target(paths: dict[str, str]) -> dict[str, str]:
    return {f"{TARGET}{path}": entry for path, entry in paths.items()}


def test_other_root_is_served_and_the_host_untouched(other_root: Machine, ours: Build) -> None:
    """Chrootless bootstraps rewrote the pycs of the host they ran on."""
    machine = other_root
    state = machine.system.tree("/var/lib/pkgtools", "/var/cache/pkgtools")
    chrootless(machine, "--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
    chrootless(machine, "--install", machine.stage(downstream("shop", SHOP)))
    assert machine.cached(f"{TARGET}{DIST}") == below_target(caches(SHOP, "3.11"))
    chrootless(machine, "--purge", "shop")
    assert machine.cached(f"{TARGET}{DIST}") == {}
    chrootless(machine, "--purge", "pkgtools-runtime")
    assert not bytecode(machine.system.tree(f"{TARGET}/usr/share/pkgtools"))
    assert not machine.system.exists(f"{TARGET}/var/lib/pkgtools")
    machine.assert_nothing_left()
    assert differences(state, machine.system.tree("/var/lib/pkgtools", "/var/cache/pkgtools")) == []


def test_other_root_is_the_only_one_that_a_purge_touches(other_root: Machine, ours: Build) -> None:
    machine = other_root
    machine.install(downstream("shop", SHOP))
    machine.remember()
    chrootless(machine, "--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")
    chrootless(machine, "--install", machine.stage(downstream("shop", SHOP)))
    chrootless(machine, "--purge", "shop")
    machine.assert_nothing_left()
    assert machine.cached() == caches([*SHOP, f"{DIST}/host.py"], "3.11")
