# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`rpm --verify` has nothing to say about what the runtime does, whoever else makes bytecode."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.debs import SampleFile, SamplePackage
from tests.lab.machine import DIST, caches, pyc_of
from tests.lab.rpm_machine import RpmMachine

SHOP = SamplePackage(
    name="shop",
    files={
        f"{DIST}/shop/__init__.py": "'doc'\n",
        f"{DIST}/shop/till.py": "assert True\n",
        f"{DIST}/secret.py": SampleFile("KEY = 1\n", mode=0o600),
    },
)
SOURCE = f"{DIST}/fedora/__init__.py"


def test_rpm_verifies_after_imports_at_every_level_and_all_levels_go(each_machine: RpmMachine) -> None:
    """T20: root's own imports leave bytecode of levels that nobody packaged, which goes with the source."""
    machine = each_machine
    machine.install(SHOP)
    for options in ((), ("-O",), ("-OO",)):
        for version in machine.python:
            machine.system.run(f"python{version}", *options, "-c", "import shop.till, secret")
        assert machine.verify("shop") + machine.verify("pkgtools-runtime") == ""
    assert f"{DIST}/shop/__pycache__/till.cpython-{machine.python[0].replace('.', '')}.opt-2.pyc" in machine.cached()
    machine.erase("shop")
    assert machine.cached() == {}
    assert not machine.system.exists(f"{DIST}/shop")


def test_bytecode_of_a_private_source_is_private(each_machine: RpmMachine) -> None:
    """T3: who can read the source can read its pyc, nobody else."""
    each_machine.install(SHOP)
    for version in each_machine.python:
        assert each_machine.cached()[pyc_of(f"{DIST}/secret.py", version)] == "file 0600 0:0"


def test_bytecode_that_a_package_claims_as_ghosts_is_compiled_and_verifies(each_machine: RpmMachine) -> None:
    machine = each_machine
    source = f"{DIST}/haunted.py"
    ghosts = tuple(pyc_of(source, version) for version in machine.python)
    machine.rpm("-U", machine.stage(SamplePackage(name="haunted", files={source: "BOO = 1\n"}), ghosts=ghosts))
    assert machine.cached() == caches([source], *machine.python)
    assert machine.verify("haunted") == ""
    machine.erase("haunted")
    machine.assert_nothing_left()


@pytest.mark.parametrize("runtime_first", [True, False], ids=["runtime first", "module first"])
def test_bytecode_that_a_package_ships_is_left_alone(
    each_bare_machine: RpmMachine, ours_runtime: Path, runtime_first: bool
) -> None:
    """T17b: RPM distributions ship bytecode; its file belongs to the package, down to the time."""
    machine = each_bare_machine
    pycs = tuple(pyc_of(SOURCE, version) for version in machine.python)
    shipping = _package_with_bytecode(machine, pycs[0])
    for each in (ours_runtime, shipping) if runtime_first else (shipping, ours_runtime):
        machine.install(each)
    assert machine.verify("fedora") == ""
    assert machine.cached() == caches([SOURCE], *machine.python)
    machine.install(shipping, options=("-U", "--replacepkgs"))
    machine.system.run("/usr/share/pkgtools/triggers/pkgtools-trigger", "--all")
    assert machine.verify("fedora") == ""
    machine.erase("pkgtools-runtime")
    assert machine.verify("fedora") == ""
    machine.erase("fedora")
    machine.assert_nothing_left()


def _package_with_bytecode(machine: RpmMachine, pyc: str) -> SamplePackage:
    """Return a package that ships the bytecode of the default interpreter, as rpmbuild's scripts make it."""
    text = "print('fedora')\n"
    machine.system.write("/srv/fedora.py", text)
    machine.system.run("touch", "--date=@1700000000", "/srv/fedora.py")
    program = f"import py_compile; py_compile.compile('/srv/fedora.py', '/srv/fedora.pyc', {SOURCE!r}, doraise=True)"
    machine.system.run("python3", "-IBSc", program)
    code = bytes.fromhex(machine.system.run("od", "-An", "-v", "-tx1", "/srv/fedora.pyc").stdout)
    return SamplePackage(name="fedora", files={SOURCE: text, pyc: code})
