# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A name isn't a text for rpm: no path, root or package makes it run a macro or take one file for another."""

from __future__ import annotations

import pytest

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, pyc_of
from tests.lab.rpm_machine import RpmMachine

COMMAND = "touch${IFS}ran"
"""Runs in whatever directory rpm is in."""
NAMES = [
    f"%({COMMAND})",
    f"a%({COMMAND})b",
    "%{lua:io.open('ran','w')}",
    "t%%n",
    "%{nope",
    "%",
    "%%",
    "[a]",
    "*",
    "a b",
]
APP = "/opt/app"


def _ran(machine: RpmMachine) -> str:
    return machine.system.run("find", "/", "-xdev", "-name", "ran", "-not", "-path", "/proc/*").stdout


WAYS = {
    "orphans": ("pkgtools-clean", "--orphans", APP),
    "list": ("pkgtools-clean", "--from0", "/srv/list"),
    "dry run": ("pkgtools-clean", "--dry-run", "--orphans", APP),
    "compile": ("pkgtools-compile", APP),
    "trigger": ("/usr/share/pkgtools/triggers/pkgtools-trigger",),
    "another root": ("pkgtools-clean", "--root", "/srv/image", "--orphans", APP),
}


@pytest.mark.parametrize("way", WAYS)
def test_names_that_no_package_owns_run_nothing(each_machine: RpmMachine, way: str) -> None:
    """rpm 4.20 expands the macros of a path that it's asked for with --file and that no package owns."""
    system, root = each_machine.system, "/srv/image" if way == "another root" else ""
    sources = [f"{APP}/{name}/{name}.py" for name in NAMES]
    pycs = [pyc_of(source, each_machine.python[0]) for source in sources]
    for path in (*pycs, *(sources if way in {"compile", "trigger"} else ())):
        system.write(root + path, "N = 1\n")
    if root:
        system.run("cp", "-a", "--parents", "/var/lib/rpm", root)
    system.write("/srv/list", "\0".join(sources))
    system.write("/usr/share/pkgtools/private.d/app.conf", f"compile||{APP}\n")
    assert (system.run(*WAYS[way], check=False).exit, _ran(each_machine)) == (0, "")
    left = [path for path in pycs if system.exists(root + path)]
    assert left == (pycs if way in {"dry run", "compile", "trigger"} else [])
    assert [path for path in left if system.read(path) == "N = 1\n"] == (left if way == "dry run" else [])


def test_honest_percent_sign_costs_nothing_else(each_machine: RpmMachine) -> None:
    """`t%%n.py`, as in templates of paste: what the package ships stays, all else is compiled, and goes with it."""
    machine = each_machine
    odd, plain, keeps = (f"{DIST}/paste/{name}.py" for name in ("t%%n", "plain", "keeps"))
    shipped = pyc_of(keeps, machine.python[0])
    machine.install(SamplePackage(name="paste", files={plain: "N = 1\n", keeps: "N = 2\n", shipped: "shipped"}))
    ours = [pyc_of(source, machine.python[0]) for source in (odd, plain)]
    machine.system.write(odd, "N = 3\n")
    for pyc in ours:
        machine.system.write(pyc, "no bytecode")
    assert machine.system.run("pkgtools-compile", f"{DIST}/paste", check=False).exit == 0
    assert [machine.system.read(pyc)[:11] == "no bytecode" for pyc in ours] == [False, False]
    assert machine.system.read(shipped) == "shipped"
    machine.system.run("pkgtools-clean", plain, odd, keeps)
    assert [machine.system.exists(pyc) for pyc in (*ours, shipped)] == [False, False, True]


@pytest.mark.parametrize("name", NAMES)
def test_root_of_any_name(machine: RpmMachine, name: str) -> None:
    """Every rpm expands macros in the value of --root."""
    root = f"/srv/{name}"
    kept, gone = (pyc_of(f"{APP}/{stem}.py", machine.python[0]) for stem in ("kept", "gone"))
    machine.install(SamplePackage(name="keeps", files={kept: "shipped"}))
    machine.system.write(root + gone, "no bytecode")
    machine.system.run("cp", "-a", "--parents", "/var/lib/rpm", kept, root)
    result = machine.system.run("pkgtools-clean", "--root", root, "--orphans", APP, check=False)
    assert (result.exit, _ran(machine)) == (0, "")
    assert machine.system.exists(root + kept)
    assert not machine.system.exists(root + gone)


def test_cache_directory_that_a_package_owns_stays_and_verifies(each_machine: RpmMachine) -> None:
    """Fedora's python3-libs owns site-packages/__pycache__."""
    machine = each_machine
    cache = f"{DIST}/__pycache__"
    machine.system.run("rm", "-rf", cache)
    owner = SamplePackage(name="libs", files={f"{cache}/README": "kept empty but for this\n"})
    machine.install(owner)
    machine.system.run("rm", f"{cache}/README")
    machine.install(SamplePackage(name="six", files={f"{DIST}/six.py": "N = 1\n"}))
    machine.erase("six")
    assert machine.verify("libs").split() == ["missing", f"{cache}/README"]


@pytest.mark.parametrize("python", [True, False], ids=["python", "shell"])
def test_bytecode_that_a_package_was_installed_without_is_not_its_own(each_machine: RpmMachine, python: bool) -> None:
    """Images are made with --excludepath: rpm doesn't remove what it didn't install."""
    machine = each_machine
    source = f"{DIST}/shop/till.py"
    left_out = pyc_of(source, machine.python[0])
    package = SamplePackage(name="shop", files={source: "N = 1\n", left_out: "shipped"})
    machine.install(package, options=("-U", f"--excludepath={DIST}/shop/__pycache__"))
    assert machine.system.exists(left_out)
    assert machine.system.read(left_out) != "shipped"
    command = ("pkgtools-clean",) if python else ("sh", "/usr/share/pkgtools/triggers/clean-without-python")
    machine.system.run(*command, "-p", "shop")
    assert not machine.system.exists(f"{DIST}/shop/__pycache__")


def test_clean_without_python_keeps_what_packages_ship(each_machine: RpmMachine) -> None:
    machine = each_machine
    source, other = f"{DIST}/shop/till.py", f"{DIST}/shop/other.py"
    shipped = pyc_of(source, machine.python[0])
    machine.install(SamplePackage(name="shop", files={source: "N = 1\n", other: "N = 2\n", shipped: "shipped"}))
    ours = pyc_of(other, machine.python[0])
    assert machine.system.exists(ours)
    result = machine.system.run("sh", "/usr/share/pkgtools/triggers/clean-without-python", "-p", "shop", check=False)
    assert (result.exit, result.output) == (0, "")
    assert (machine.system.read(shipped), machine.system.exists(ours)) == ("shipped", False)


@pytest.mark.parametrize("command", ["clean-without-python", "pkgtools-clean"])
def test_macros_of_the_callers_home_and_environment_are_not_read(each_machine: RpmMachine, command: str) -> None:
    machine = each_machine
    source = f"{DIST}/shop/till.py"
    machine.install(SamplePackage(name="shop", files={source: "N = 1\n"}))
    for place in (".rpmmacros", ".config/rpm/macros", "rpm/macros", "~/.config/rpm/macros", "~/.rpmmacros"):
        machine.system.write(f"/srv/home/{place}", f"%_db_backend %({COMMAND})sqlite\n")
    environment = {"HOME": "/srv/home", "XDG_CONFIG_HOME": "/srv/home", "RPM_CONFIGDIR": "/srv/home/rpm"}
    program = f"/usr/share/pkgtools/triggers/{command}"
    for env in (environment, {"HOME": ""}):
        argv = ("env", "--chdir=/srv/home", "sh", program, "-p", "shop")
        assert machine.system.run(*argv, env=env, check=False).exit == 0
    assert _ran(machine) == ""
    assert not machine.system.exists(pyc_of(source, machine.python[0]))
