# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules that move between packages, and directories that another package registered, under real dpkg."""

from __future__ import annotations

import pytest

from tests.lab.debs import SamplePackage, downstream
from tests.lab.machine import Machine

APP = "/usr/share/app0"
MODULE = f"{APP}/y.py"
REGISTRATION = {"/usr/share/pkgtools/private.d/app.conf": f"compile||{APP}\n"}
OTHER = {"/usr/lib/python3/dist-packages/other.py": "print('other')\n"}


def _runs(machine: Machine) -> str:
    """Return what the module prints, with or without bytecode."""
    return machine.system.run("python3", "-Bc", f"import sys; sys.path.insert(0, {APP!r}); import y").stdout


@pytest.mark.parametrize("registered", [True, False], ids=["registered", "given-up"])
def test_module_that_moves_to_another_package_runs_its_new_text(machine: Machine, registered: bool) -> None:
    """Both texts have one size and one time."""
    machine.install(downstream("old", {MODULE: "print(1)\n", **REGISTRATION}))
    kept = {**OTHER, **(REGISTRATION if registered else {})}
    new = downstream("new", {MODULE: "print(2)\n"}, fields={"Replaces": "old (<< 2)"})
    machine.install(new, downstream("old", kept, version="2"))
    assert _runs(machine) == "2\n"
    assert bool(machine.cached(APP)) is registered


def test_plugin_that_registered_its_hosts_directory_leaves_nothing_stale(machine: Machine) -> None:
    """The host has no script that would clean."""
    machine.install(
        SamplePackage(name="host", files={MODULE: "print(1)\n"}), SamplePackage(name="plug", files=REGISTRATION)
    )
    assert machine.cached(APP)
    machine.dpkg("--purge", "plug")
    machine.install(SamplePackage(name="host", files={MODULE: "print(2)\n"}, version="2"))
    assert _runs(machine) == "2\n"
    machine.dpkg("--purge", "host")
    assert not machine.system.exists(APP)


def test_package_in_a_directory_that_another_registers_is_served_by_the_next_batch(machine: Machine) -> None:
    """No path of it wakes the trigger."""
    machine.install(SamplePackage(name="plug", files=REGISTRATION))
    machine.install(SamplePackage(name="host", files={MODULE: "print(1)\n"}))
    assert not machine.cached(APP)
    machine.install(downstream("other", OTHER))
    assert machine.cached(APP)
    machine.install(SamplePackage(name="host", files={MODULE: "print(2)\n"}, version="2"))
    machine.install(downstream("other", OTHER, version="2"))
    assert _runs(machine) == "2\n"
    machine.system.run("dpkg", "--purge", "host")  # which warns of the directory
    machine.dpkg("--purge", "other")
    assert not machine.system.exists(APP)


def test_package_in_a_directory_that_another_registers_is_served_at_once_if_it_activates_the_trigger(
    machine: Machine,
) -> None:
    triggers = "activate-noawait pkgtools-bytecode\n"
    machine.install(SamplePackage(name="plug", files=REGISTRATION))
    machine.install(SamplePackage(name="host", files={MODULE: "print(1)\n"}, triggers=triggers))
    machine.install(SamplePackage(name="host", files={MODULE: "print(2)\n"}, version="2", triggers=triggers))
    assert machine.cached(APP)
    assert _runs(machine) == "2\n"
    machine.system.run("dpkg", "--purge", "host")  # which warns of the directory
    assert not machine.system.exists(APP)
