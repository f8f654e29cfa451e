# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""No code and no setting of the caller's reaches what rpm runs as root for us."""

from __future__ import annotations

from pathlib import Path

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, caches
from tests.lab.rpm_machine import RpmMachine

TRAP = "open('/srv/trap', 'a').write(__file__ + chr(10))\n"
MODULES = ("py_compile", "compileall", "sitecustomize", "usercustomize", "argparse", "os", "marshal", "re", "pkgtools")
HOSTILE = {
    "HOME": "/srv/evil",
    "PYTHONPATH": "/srv/evil",
    "PYTHONHOME": "/srv/evil",
    "PYTHONSTARTUP": "/srv/evil/startup.py",
    "PYTHONUSERBASE": "/srv/evil/.local",
    "PYTHONOPTIMIZE": "2",
    "PYTHONPYCACHEPREFIX": "/srv/prefix",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONUTF8": "0",
    "SOURCE_DATE_EPOCH": "1",
    "LC_ALL": "POSIX",
    "IFS": "x/",
    "ENV": "/srv/evil/profile",
    "BASH_ENV": "/srv/evil/profile",
    "CDPATH": "/srv/evil",
    "PATH": "/srv/evil/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}
SHOP = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "def f():\n    'doc'\n    assert f\n"}
PROGRAMS = ("python3", "cat", "sed", "sort", "readlink", "pkgtools-compile", "pkgtools-clean", "restorecon")


def test_planted_modules_programs_and_settings_never_run(each_bare_machine: RpmMachine, ours_runtime: Path) -> None:
    """In /var/tmp, where rpm puts the bodies of scriptlets, in the working directory, in HOME and in PATH."""
    machine = each_bare_machine
    _set_traps(machine)
    machine.remember()
    machine.rpm("-U", machine.stage(ours_runtime), env=HOSTILE, cwd="/srv/evil")
    for directory in ("/var/tmp", "/srv/evil"):
        machine.rpm("-U", machine.stage(SamplePackage(name="shop", files=SHOP)), env=HOSTILE, cwd=directory)
        assert machine.cached() == caches(SHOP, *machine.python)
        machine.rpm("-e", "shop", env=HOSTILE, cwd=directory)
        assert machine.cached() == {}
    machine.rpm("-e", "pkgtools-runtime", env=HOSTILE, cwd="/var/tmp")
    machine.assert_nothing_left()
    assert not machine.system.exists("/srv/trap"), machine.system.read("/srv/trap")
    assert not machine.system.exists("/srv/prefix")


def _set_traps(machine: RpmMachine) -> None:
    site = f"/srv/evil/.local/lib/python{machine.python[0]}/site-packages"
    for directory in ("/var/tmp", "/srv/evil", f"/srv/evil/lib/python{machine.python[0]}", site):
        for name in MODULES:
            machine.system.write(f"{directory}/{name}.py", TRAP)
    machine.system.write(f"{site}/trap.pth", f"import sys; exec({TRAP!r})\n")
    machine.system.write("/srv/evil/startup.py", TRAP)
    machine.system.write("/srv/evil/profile", "echo profile >> /srv/trap\n")
    for program in PROGRAMS:
        machine.system.write(f"/srv/evil/bin/{program}", f"#!/bin/sh\necho {program} >> /srv/trap\n", mode=0o755)


def test_administrator_can_switch_compiling_off(machine: RpmMachine) -> None:
    machine.system.write("/etc/pkgtools/bytecode.conf", "compile = no\n")
    machine.install(SamplePackage(name="shop", files={f"{DIST}/shop/__init__.py": ""}))
    assert machine.cached() == {}
