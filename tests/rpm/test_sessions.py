# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The session matrix: hook and modules come, change and go in every order, on four versions of rpm.

After each transaction there is exactly the bytecode that the installed sources ask for, and nothing at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST, caches, pyc_of
from tests.lab.rpm_machine import RpmMachine
from tests.rpm.conftest import GONE, OurRpms

RUNTIME = "pkgtools-runtime"
OWN = "/usr/share/pkgtools/pkgtools"

_FIRST = {
    f"{DIST}/shop/__init__.py": "",
    f"{DIST}/shop/till.py": "print('till', 1)\n",
    f"{DIST}/shop/cellar/__init__.py": "",
    f"{DIST}/shop/cellar/wine.py": "AGE = 3\n",
    f"{DIST}/shopkeeper.py": "import shop.till\n",
    "SITE/counter.py": "N = 1\n",
}
_SECOND = {
    f"{DIST}/shop/__init__.py": "",
    f"{DIST}/shop/till.py": "print('till', 2)\n",  # the same size and modification time
    f"{DIST}/shop/attic/__init__.py": "",
    f"{DIST}/shopkeeper.py": "import shop.till, shop.attic\n",
}
_NEIGHBOUR = {f"{DIST}/shop/cellar/beer.py": "COLD = True\n", f"{DIST}/neighbour.py": ""}

SHOP = SamplePackage(name="shop", files=_FIRST)
SHOP_2 = SamplePackage(name="shop", version="2", files=_SECOND)
NEIGHBOUR = SamplePackage(name="neighbour", files=_NEIGHBOUR)
NEEDY = SamplePackage(name="shop", files=_FIRST, fields={"Requires": RUNTIME})
"""Needs the hook, so that rpm installs it after the hook and erases it before."""

HOOK = "hook"
OLD_HOOK = "old hook"
Item = SamplePackage | str


@dataclass(frozen=True, slots=True)
class Put:
    """One transaction that installs, upgrades, downgrades or reinstalls."""

    items: tuple[Item, ...]
    options: tuple[str, ...] = ("-U",)


@dataclass(frozen=True, slots=True)
class Take:
    """One transaction that erases."""

    names: tuple[str, ...]
    options: tuple[str, ...] = ("-e",)


class Repair:
    """pkgtools-trigger, run by hand."""


Step = Put | Take | Repair


def put(*items: Item) -> Put:
    return Put(items)


def back(*items: Item) -> Put:
    return Put(items, ("-U", "--oldpackage"))


def again(*items: Item) -> Put:
    return Put(items, ("-U", "--replacepkgs"))


def take(*names: str) -> Take:
    return Take(names)


SESSIONS: dict[str, tuple[Step, ...]] = {
    "hook, module; module, hook": (put(HOOK), put(SHOP), take("shop"), take(RUNTIME)),
    "module, hook; hook, module": (put(SHOP), put(HOOK), take(RUNTIME), take("shop")),
    "module, hook; module, hook": (put(SHOP), put(HOOK), take("shop"), take(RUNTIME)),
    "both at once, hook named first": (put(HOOK, SHOP), take(RUNTIME, "shop")),
    "both at once, module named first": (put(SHOP, HOOK), take("shop", RUNTIME)),
    "both at once, module needs hook": (put(NEEDY, HOOK), take(RUNTIME, "shop")),
    "upgrade": (put(HOOK), put(SHOP), put(SHOP_2), take("shop"), take(RUNTIME)),
    "upgrade of a module older than the hook": (put(SHOP), put(HOOK), put(SHOP_2), take(RUNTIME, "shop")),
    "downgrade": (put(HOOK), put(SHOP_2), back(SHOP), take("shop"), take(RUNTIME)),
    "reinstall": (put(HOOK), put(SHOP), again(SHOP), take("shop"), take(RUNTIME)),
    "upgrade of the hook": (put(OLD_HOOK), put(SHOP), put(HOOK), take("shop"), take(RUNTIME)),
    "downgrade of the hook": (put(HOOK), put(SHOP), back(OLD_HOOK), take("shop"), take(RUNTIME)),
    "reinstall of the hook": (put(HOOK), put(SHOP), again(HOOK), take(RUNTIME), take("shop")),
    "upgrade of both, hook named first": (put(OLD_HOOK, SHOP), put(HOOK, SHOP_2), take("shop"), take(RUNTIME)),
    "upgrade of both, module named first": (put(OLD_HOOK, SHOP), put(SHOP_2, HOOK), take("shop", RUNTIME)),
    "hook upgraded, module arrives": (put(OLD_HOOK), put(HOOK, SHOP), take(RUNTIME, "shop")),
    "neighbours in one directory": (
        put(HOOK),
        put(SHOP, NEIGHBOUR),
        put(SHOP_2),
        take("neighbour"),
        put(NEIGHBOUR),
        take("shop"),
        take("neighbour", RUNTIME),
    ),
    "hook goes, comes back": (put(HOOK, SHOP), take(RUNTIME), put(HOOK), take("shop", RUNTIME)),
    "--noscripts, then repair": (
        put(HOOK),
        Put((SHOP,), ("-U", "--noscripts")),
        Repair(),
        Put((SHOP_2,), ("-U", "--noscripts")),
        Repair(),
        Take(("shop",), ("-e", "--noscripts")),
        Repair(),
        take(RUNTIME),
    ),
}


@pytest.mark.parametrize("steps", SESSIONS.values(), ids=SESSIONS)
def test_session_leaves_exactly_what_the_installed_sources_ask_for(
    each_bare_machine: RpmMachine, ours: OurRpms, steps: tuple[Step, ...]
) -> None:
    """T1, T4, T11: exact files, modes and owners after each transaction; no file and no directory at the end."""
    installed: dict[str, frozenset[str]] = {}
    for step in steps:
        exact = _carry_out(step, each_bare_machine, ours, installed)
        if exact:
            _assert_exact(each_bare_machine, installed)
    assert not installed
    each_bare_machine.assert_nothing_left()


def _carry_out(step: Step, machine: RpmMachine, ours: OurRpms, installed: dict[str, frozenset[str]]) -> bool:
    """Do it, take it down in `installed` (name -> sources), and tell whether the bytecode shall be exact now."""
    if isinstance(step, Repair):
        machine.system.run("/usr/share/pkgtools/triggers/pkgtools-trigger", "--all")
        return True
    if isinstance(step, Take):
        machine.erase(*step.names, options=step.options)
        for name in step.names:
            del installed[name]
        return "--noscripts" not in step.options
    packages = [_package(item, machine, ours) for item in step.items]
    machine.install(*packages, options=step.options)
    for package in packages:
        if isinstance(package, Path):
            own = set(machine.system.run("rpm", "-ql", RUNTIME).stdout.split())
            installed[RUNTIME] = frozenset(path for path in own if path.startswith(f"{OWN}/") and path.endswith(".py"))
        else:
            installed[package.name] = frozenset(package.files)
    return "--noscripts" not in step.options


def _package(item: Item, machine: RpmMachine, ours: OurRpms) -> SamplePackage | Path:
    if isinstance(item, str):
        return ours.runtime if item == HOOK else ours.older
    files = {path.replace("SITE", _site(machine)): content for path, content in item.files.items()}
    return SamplePackage(name=item.name, version=item.version, files=files, fields=item.fields)


def _site(machine: RpmMachine) -> str:
    return f"/usr/lib/python{machine.python[0]}/site-packages"


def _assert_exact(machine: RpmMachine, installed: dict[str, frozenset[str]]) -> None:
    expected: dict[str, str] = {}
    for source in frozenset().union(*installed.values()) if RUNTIME in installed else ():
        versions = machine.python if source.startswith(DIST) else machine.python[:1]
        expected.update(caches([source], *versions))
    assert machine.cached(DIST, _site(machine), OWN) == dict(sorted(expected.items()))
    if "shop" in installed and RUNTIME in installed:
        shop_2 = f"{DIST}/shop/attic/__init__.py" in installed["shop"]
        assert machine.imports("shop.till") == ("till 2\n" if shop_2 else "till 1\n")


def test_upgrade_of_the_hook_rebuilds_nothing(each_bare_machine: RpmMachine, ours: OurRpms) -> None:
    machine = each_bare_machine
    machine.install(ours.older, SHOP_2)
    pycs = [pyc_of(source, version) for source in _SECOND for version in machine.python]
    before = machine.system.run("stat", "--format=%n %i %z", *pycs).stdout
    machine.install(ours.runtime)
    assert machine.system.run("stat", "--format=%n %i %z", *pycs).stdout == before
    assert machine.system.run("rpm", "-q", RUNTIME).stdout.count("\n") == 1
    assert not machine.system.exists(f"/usr/share/pkgtools/{GONE}")


def test_one_run_for_many_packages(machine: RpmMachine) -> None:
    boxes = [SamplePackage(name=f"box{n}", files={f"{DIST}/box{n}.py": f"N = {n}\n"}) for n in range(5)]
    machine.system.run("mkdir", "/run/real")
    machine.system.run("mv", "/usr/share/pkgtools/triggers/pkgtools-trigger", "/run/real")
    machine.system.run("ln", "-sf", "/usr/share/pkgtools/triggers/launch", "/run/real/pkgtools-trigger")
    counting = '#!/bin/sh\necho once >> /run/runs\nexec /run/real/pkgtools-trigger "$@"\n'
    machine.system.write("/usr/share/pkgtools/triggers/pkgtools-trigger", counting, mode=0o755)
    machine.install(*boxes)
    assert machine.system.read("/run/runs") == "once\n"
    assert machine.cached() == caches([f"{DIST}/box{n}.py" for n in range(5)], "3.11")
