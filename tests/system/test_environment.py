# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Nothing that root's environment says reaches the bytecode, its modes, or the code that makes it."""

from __future__ import annotations

import pytest

from tests.lab.debs import downstream
from tests.lab.machine import DIST, Machine, caches, pyc_of

SHOP = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "def f():\n    'doc'\n    assert f\n"}
TILL = pyc_of(f"{DIST}/shop/till.py", "3.11")
TRAP = "open('/srv/trap', 'a').write(__name__)\n"

HOSTILE = {
    "PYTHONPATH": "/srv/evil",
    "PYTHONHOME": "/srv/evil",
    "PYTHONSTARTUP": "/srv/evil/startup.py",
    "PYTHONUSERBASE": "/srv/evil",
    "HOME": "/srv/evil",
    "SOURCE_DATE_EPOCH": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONPYCACHEPREFIX": "/srv/prefix",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNODEBUGRANGES": "1",
    "PYTHONWARNINGS": "error",
    "PYTHONHASHSEED": "7",
    "PYTHONIOENCODING": "utf-16",
    "PYTHONUTF8": "0",
    "PYTHONPLATLIBDIR": "evil",
    "LC_ALL": "POSIX",
    "TMPDIR": "/srv/nowhere",
    "LD_LIBRARY_PATH": "/srv/evil",
    "IFS": "x/",
    "ENV": "/srv/evil/profile",
    "CDPATH": "/srv/evil",
}
"""A setting of each kind that changes what a Python or a shell does."""

_PLAIN = "import py_compile; py_compile.compile({!r}, cfile='/srv/plain.pyc', doraise=True)"


def bytes_of(machine: Machine, path: str) -> str:
    return machine.system.run("sha256sum", path).stdout.split()[0]


def bytes_of_plain_compilation(machine: Machine, source: str) -> str:
    machine.system.run("python3", "-IBSc", _PLAIN.format(source))
    return bytes_of(machine, "/srv/plain.pyc")


def set_traps(machine: Machine) -> None:
    names = ("sitecustomize", "usercustomize", "argparse", "enum", "marshal", "os", "subprocess", "startup", "pkgtools")
    for name in names:
        machine.system.write(f"/srv/evil/{name}.py", TRAP)
        machine.system.write(f"/srv/evil/lib/python3.11/{name}.py", TRAP)
    machine.system.write("/srv/evil/profile", ": >/srv/trap\n")


def assert_as_if_alone(machine: Machine) -> None:
    assert machine.cached() == caches(SHOP, "3.11")
    assert bytes_of(machine, TILL) == bytes_of_plain_compilation(machine, f"{DIST}/shop/till.py")
    assert not machine.system.exists("/srv/trap")
    assert not machine.system.exists("/srv/prefix")


@pytest.mark.parametrize("variable", HOSTILE)
def test_setting_of_the_caller_has_no_effect(machine: Machine, variable: str) -> None:
    """T12, T20, T21: prefix, level and invalidation mode are never taken from the environment."""
    set_traps(machine)
    machine.install(downstream("shop", SHOP), env={variable: HOSTILE[variable]})
    assert_as_if_alone(machine)
    machine.dpkg("--purge", "shop", env={variable: HOSTILE[variable]})
    assert machine.cached() == {}


def test_all_hostile_settings_together_have_no_effect(each_machine: Machine) -> None:
    set_traps(each_machine)
    each_machine.remember()
    env = {name: value for name, value in HOSTILE.items() if name not in {"LD_LIBRARY_PATH", "IFS"}}
    each_machine.install(downstream("shop", SHOP), env=env)
    assert each_machine.cached() == caches(SHOP, each_machine.python[0])
    assert not each_machine.system.exists("/srv/trap")
    each_machine.dpkg("--purge", "shop", env=env)
    each_machine.assert_nothing_left()
    assert not each_machine.system.exists("/srv/trap")


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o027, 0o077, 0o777], ids="{:03o}".format)
def test_umask_of_the_caller_has_no_effect(machine: Machine, umask: int) -> None:
    """T1, T9: through dpkg, and by the commands themselves, which dpkg does not shield."""
    machine.install(downstream("shop", SHOP), umask=umask)
    assert machine.cached() == caches(SHOP, "3.11")
    machine.system.run("pkgtools-clean", "-p", "shop", umask=umask)
    assert machine.cached() == {}
    machine.system.run("pkgtools-compile", "-p", "shop", umask=umask)
    assert machine.cached() == caches(SHOP, "3.11")
    machine.system.run("/usr/share/pkgtools/triggers/pkgtools-trigger", umask=umask)
    assert str(machine.system.entry("/var/lib/pkgtools/trigger.json")) == "file 0600 0:0"


def test_working_directory_of_the_caller_has_no_effect(machine: Machine) -> None:
    set_traps(machine)
    machine.install(downstream("shop", SHOP))
    for command in ("pkgtools-compile --force", "pkgtools-clean", "pkgtools-compile"):
        machine.system.run("sh", "-c", f"cd /srv/evil && {command} -p shop")
    assert_as_if_alone(machine)


def test_setgid_directory_does_not_reach_the_cache(machine: Machine) -> None:
    """T4: neither the group nor the bit of a setgid parent is inherited."""
    machine.system.run("mkdir", "-p", f"{DIST}/shop")
    machine.system.run("chown", "root:games", f"{DIST}/shop")
    machine.system.run("chmod", "2755", f"{DIST}/shop")
    machine.install(downstream("shop", SHOP))
    assert machine.cached() == caches(SHOP, "3.11")


def test_cache_in_a_group_only_directory_is_for_that_group_only(machine: Machine) -> None:
    """T3: the cache directory is as open as its parent, no more."""
    machine.system.run("mkdir", "-p", f"{DIST}/shop")
    machine.system.run("chown", "root:games", f"{DIST}/shop")
    machine.system.run("chmod", "0750", f"{DIST}/shop")
    machine.install(downstream("shop", SHOP))
    cache = machine.system.entry(f"{DIST}/shop/__pycache__")
    assert str(cache) == "directory 0750 0:60"
