# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""pkgtools-runtime itself: arrival, upgrade, removal and purge, among packages that are there already."""

from __future__ import annotations

from tests.lab.debs import SamplePackage, downstream, rebuild_deb
from tests.lab.machine import DIST, Machine, caches
from tests.lab.ours import Build
from tests.system.conftest import StartMachine

SHOP = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "print('till')\n"}
NATIVE = {f"{DIST}/native/__init__.py": "", f"{DIST}/native/py.py": "print('native')\n"}
NATIVE_SCRIPTS = {"postinst": "py3compile -p native\n", "prerm": "py3clean -p native\n"}
OWN_PRIVATE = "/usr/share/pkgtools"
STATE = ("/var/lib/pkgtools", "/var/cache/pkgtools")


def install_runtime(machine: Machine, ours: Build) -> None:
    machine.dpkg("--install", f"/srv/ours/{ours.deb('pkgtools-runtime').name}")


def own_sources(machine: Machine) -> list[str]:
    return [path for path in machine.system.tree(f"{OWN_PRIVATE}/pkgtools") if path.endswith(".py")]


def test_arrival_caches_what_is_installed_already(start: StartMachine, ours: Build) -> None:
    with start(runtime=False) as machine:
        machine.install(downstream("shop", SHOP))
        assert machine.cached() == {}
        install_runtime(machine, ours)
        assert machine.cached() == caches(SHOP, "3.11")


def test_runtime_caches_itself_for_the_default_interpreter(each_machine: Machine) -> None:
    version = each_machine.python[0]
    assert each_machine.cached(OWN_PRIVATE) == caches(own_sources(each_machine), version)


def test_removal_takes_away_all_that_it_made(start: StartMachine, ours: Build) -> None:
    with start(runtime=False) as machine:
        machine.install(downstream("shop", SHOP))
        machine.remember()
        install_runtime(machine, ours)
        result = machine.dpkg("--remove", "pkgtools-runtime")
        assert result.stderr == ""
        machine.assert_nothing_left()


def test_removal_keeps_what_py3compile_made(start: StartMachine, ours: Build) -> None:
    with start(runtime=False) as machine:
        machine.install(SamplePackage(name="native", files=NATIVE, scripts=NATIVE_SCRIPTS))
        assert machine.cached() == caches(NATIVE, "3.11")
        machine.remember()
        install_runtime(machine, ours)
        machine.install(downstream("shop", SHOP))
        machine.dpkg("--purge", "shop")
        machine.dpkg("--purge", "pkgtools-runtime")
        assert machine.cached() == caches(NATIVE, "3.11")
        assert [line for line in machine.changes() if not line.startswith("!")] == []


def test_purge_takes_away_its_state(machine: Machine) -> None:
    assert machine.system.exists("/var/lib/pkgtools/trigger.json")
    machine.dpkg("--purge", "pkgtools-runtime")
    assert [path for path in STATE if machine.system.exists(path)] == []


def test_remove_then_purge_leaves_nothing(start: StartMachine, ours: Build) -> None:
    with start(runtime=False) as machine:
        before = machine.system.tree("/usr", "/etc", "/var/cache", "/var/lib/pkgtools", "/opt")
        install_runtime(machine, ours)
        machine.dpkg("--remove", "pkgtools-runtime")
        machine.dpkg("--purge", "pkgtools-runtime")
        after = machine.system.tree("/usr", "/etc", "/var/cache", "/var/lib/pkgtools", "/opt")
        assert after.keys() == before.keys()


def test_downstream_packages_can_go_after_the_runtime_went(machine: Machine) -> None:
    machine.install(downstream("shop", SHOP))
    machine.dpkg("--remove", "pkgtools-runtime")
    assert machine.cached() == {}
    machine.dpkg("--purge", "shop")
    assert not machine.system.exists(f"{DIST}/shop")


def test_upgrade_does_not_compile_the_world_again(machine: Machine, ours: Build) -> None:
    machine.install(downstream("shop", SHOP))
    before = machine.system.tree(f"{DIST}/shop")
    deb = rebuild_deb(ours.deb("pkgtools-runtime"), machine.workshop, "99")
    machine.dpkg("--install", f"/srv/debs/{deb.name}")
    assert machine.system.tree(f"{DIST}/shop") == before
    own = {("compiled", reason, path) for path in own_sources(machine) for reason in ("missing", "reused")}
    assert machine.outcomes("compiled") <= own
    assert machine.cached() == caches(SHOP, "3.11")
    assert machine.cached(OWN_PRIVATE) == caches(own_sources(machine), "3.11")
    machine.dpkg("--purge", "shop")
    machine.dpkg("--purge", "pkgtools-runtime")
    assert machine.cached(OWN_PRIVATE, DIST) == {}


def test_upgrade_that_fails_leaves_a_working_runtime(machine: Machine, ours: Build) -> None:
    edits = {"/DEBIAN/preinst": "#!/bin/sh\nexit 1\n"}
    deb = rebuild_deb(ours.deb("pkgtools-runtime"), machine.workshop, "99+broken", edits=edits)
    machine.dpkg("--install", f"/srv/debs/{deb.name}", fails=True)
    machine.install(downstream("shop", SHOP))
    assert machine.cached() == caches(SHOP, "3.11")
    assert machine.cached(OWN_PRIVATE) == caches(own_sources(machine), "3.11")


def test_same_dpkg_run_may_bring_the_runtime_and_its_users(start: StartMachine, ours: Build) -> None:
    with start(runtime=False) as machine:
        runtime = f"/srv/ours/{ours.deb('pkgtools-runtime').name}"
        machine.dpkg("--install", machine.stage(downstream("shop", SHOP)), runtime)
        assert machine.cached() == caches(SHOP, "3.11")
        machine.dpkg("--purge", "shop", "pkgtools-runtime")
        machine.assert_nothing_left()


def test_trigger_never_fails_the_dpkg_run(machine: Machine) -> None:
    """Whatever befalls the batch, no package is left half-configured; the report says what it was."""
    machine.system.run("chmod", "0777", DIST)
    machine.install(downstream("shop", SHOP))
    status = machine.system.run("dpkg-query", "-Wf${db:Status-Status}", "pkgtools-runtime", "shop").stdout
    assert status == "installedinstalled"
    assert machine.cached() == {}
    assert ("refused", "writable-by-others", DIST) in machine.outcomes("refused")
    machine.system.run("chmod", "0755", DIST)
    machine.system.run("dpkg-trigger", "--by-package=shop", "--no-await", "pkgtools-bytecode")
    machine.dpkg("--triggers-only", "--pending")
    assert machine.cached() == caches(SHOP, "3.11")


def test_batch_with_nothing_to_do_changes_nothing(machine: Machine) -> None:
    machine.install(downstream("shop", SHOP))
    before = machine.system.tree(DIST, OWN_PRIVATE)
    machine.system.run("/usr/share/pkgtools/triggers/pkgtools-trigger")
    assert machine.system.tree(DIST, OWN_PRIVATE) == before
    assert machine.outcomes("compiled", "removed", "repaired", "linked") == set()
