# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A vendor's .rpm with a Python of its own comes, is upgraded and goes: the file triggers run that Python."""

from __future__ import annotations

import pytest

from tests.lab.debs import SamplePackage
from tests.lab.own_python import APP, PREFIX, TAG, own_python, program
from tests.lab.roots import root_directory
from tests.lab.rpm_machine import RpmMachine
from tests.rpm.conftest import Start

DROP_IN = "/usr/share/pkgtools/private.d/acme.conf"


def acme(root: str, python: str, version: str, *modules: str) -> SamplePackage:
    files = {f"{APP}/{name}.py": f"print({name!r}, {version})\n" for name in modules}
    drop_in = {DROP_IN: f"compile-for||{APP}|{program(python)}\n"}
    return SamplePackage(
        name="acme", version=version, files={**own_python(root_directory(root), python), **files, **drop_in}
    )


def pycs(machine: RpmMachine) -> set[str]:
    return {path for path in machine.cached(PREFIX) if path.endswith(".pyc")}


@pytest.mark.parametrize("root", ["rpm-bookworm", "rpm-forky"])
def test_a_package_with_a_python_of_its_own_lives(root: str, start: Start) -> None:
    with start(root) as machine:
        python = machine.python[0]
        for version, names in (("1", ("a", "b")), ("2", ("a", "c"))):
            machine.install(acme(root, python, version, *names))
            assert pycs(machine) == {f"{APP}/__pycache__/{name}.{TAG}.pyc" for name in names}
        code = f"import sys; sys.path.insert(0, {APP!r}); import a"
        said = machine.system.run(program(python), "-Bv", "-c", code, uid=65534)
        assert (said.stdout, f"a.{TAG}.pyc matches" in said.stderr) == ("a 2\n", True)
        machine.erase("acme")
        machine.assert_nothing_left()


def test_a_directory_that_another_package_has_too_is_compiled_by_none(machine: RpmMachine) -> None:
    """Else one package could name the program that compiles another's modules."""
    package = acme("rpm-bookworm", machine.python[0], "1", "a")
    machine.install(SamplePackage(name="other", files={f"{APP}/theirs.py": ""}))
    machine.rpm("-U", machine.stage(package))
    assert pycs(machine) == set()
    assert "it is of acme, other: a package names an interpreter for directories of its own alone" in (
        machine.system.read("/var/lib/pkgtools/trigger.json")
    )
