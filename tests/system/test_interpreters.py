# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Interpreters come, go and change places: on a system that has three of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lab.archive import fetch
from tests.lab.debs import downstream, rebuild_deb
from tests.lab.machine import DIST, Machine, caches
from tests.lab.system import Bind
from tests.system.conftest import StartMachine

SHOP = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "print('till')\n"}
APP = "/usr/share/app"
MODULES = {f"{APP}/main.py": "print('main')\n"}
NEWEST = ("python3.15", "python3.15-minimal", "libpython3.15-stdlib", "libpython3.15-minimal")
DEFAULTS = ("python3", "python3-minimal")


def private(ranges: str = "3.9-") -> dict[str, str]:
    return {**MODULES, "/usr/share/pkgtools/private.d/app.conf": f"compile|{ranges}|{APP}\n"}


@pytest.fixture
def forky(start: StartMachine) -> Iterator[Machine]:
    """Return a system with CPython 3.14 (the default), 3.13 and 3.15, and the packages of some of them at hand."""
    binds = tuple(
        Bind(source=fetch("forky", *names)[0].parent, target=target)
        for names, target in ((NEWEST, "/srv/newest"), (DEFAULTS, "/srv/defaults"))
    )
    with start("forky", binds=binds) as machine:
        yield machine


def name_all(machine: Machine) -> None:
    """Let the administrator name the interpreters that Debian doesn't support (any more, or yet)."""
    machine.system.write("/etc/pkgtools/bytecode.conf", "interpreters = python3.13, python3.15\n")


def install_newest(machine: Machine) -> None:
    debs = [f"/srv/newest/{deb.name}" for deb in fetch("forky", *NEWEST)]
    machine.dpkg("--install", *debs)


def make_default(machine: Machine, version: str) -> None:
    """Upgrade python3-minimal to one whose default interpreter is `version`."""
    (deb,) = (deb for deb in fetch("forky", *DEFAULTS) if deb.name.startswith("python3-minimal_"))
    path = "/usr/share/python3/debian_defaults"
    edits = {path: machine.system.read(path).replace("default-version = python3.14", f"default-version = {version}")}
    other = rebuild_deb(deb, machine.workshop, "3.99", edits=edits, symlinks={"/usr/bin/python3": version})
    machine.dpkg("--force-depends", "--install", f"/srv/debs/{other.name}")
    assert machine.system.run("readlink", "/usr/bin/python3").stdout == f"{version}\n"


def test_public_modules_are_cached_for_every_interpreter_that_is_named(forky: Machine) -> None:
    """T19: a tag per interpreter."""
    name_all(forky)
    forky.install(downstream("shop", SHOP))
    assert forky.cached() == caches(SHOP, *forky.python)
    for version in forky.python:
        assert forky.imports("shop.till", python=f"python{version}") == "till\n"
    forky.dpkg("--purge", "shop")
    forky.assert_nothing_left()


def test_public_modules_are_cached_for_the_interpreters_that_debian_supports(forky: Machine) -> None:
    forky.install(downstream("shop", SHOP))
    assert forky.cached() == caches(SHOP, "3.14")
    before = forky.system.tree(DIST)
    forky.dpkg("--purge", *NEWEST)
    assert forky.system.tree(DIST) == before
    install_newest(forky)
    assert forky.system.tree(DIST) == before


def test_directory_of_one_version_is_cached_for_that_version(forky: Machine) -> None:
    files = {"/usr/lib/python3.13/dist-packages/only.py": ""}
    forky.install(downstream("only", files))
    assert forky.cached("/usr/lib/python3.13/dist-packages") == caches(files, "3.13")
    forky.dpkg("--purge", "only")
    forky.assert_nothing_left()


def test_private_modules_are_cached_for_the_default_alone(forky: Machine) -> None:
    forky.install(downstream("app", private()))
    assert forky.cached(APP) == caches(MODULES, "3.14")


@pytest.mark.parametrize(
    ("ranges", "version"), [("3.13", "3.13"), ("3.15-", "3.15"), ("-3.14", "3.13"), ("3.9-3.16", "3.14")]
)
def test_private_range_chooses_the_default_else_the_newest_in_it(forky: Machine, ranges: str, version: str) -> None:
    forky.install(downstream("app", private(ranges)))
    assert forky.cached(APP) == caches(MODULES, version)


def test_removed_interpreter_takes_its_bytecode_with_it(forky: Machine) -> None:
    name_all(forky)
    forky.install(downstream("shop", SHOP), downstream("app", private("3.15-")))
    forky.dpkg("--purge", *NEWEST)
    assert forky.cached() == caches(SHOP, "3.14", "3.13")
    assert forky.cached(APP) == {}
    forky.dpkg("--purge", "shop", "app")
    assert forky.cached(DIST, APP) == {}


def test_new_interpreter_gets_bytecode_of_all_that_is_registered(forky: Machine) -> None:
    name_all(forky)
    forky.dpkg("--purge", *NEWEST)
    forky.install(downstream("shop", SHOP), downstream("app", private("3.13-")))
    assert forky.cached(DIST, APP) == caches(SHOP, "3.14", "3.13") | caches(MODULES, "3.14")
    install_newest(forky)
    assert forky.cached() == caches(SHOP, *forky.python)
    assert forky.imports("shop.till", python="python3.15") == "till\n"
    forky.dpkg("--purge", "shop", "app")
    assert forky.cached(DIST, APP) == {}


def test_new_default_gets_the_private_modules_and_the_old_tag_goes(forky: Machine) -> None:
    name_all(forky)
    forky.install(downstream("shop", SHOP), downstream("app", private()))
    make_default(forky, "python3.15")
    assert forky.cached(APP) == caches(MODULES, "3.15")
    assert forky.cached() == caches(SHOP, *forky.python)
    forky.dpkg("--purge", "shop", "app")
    assert forky.cached(DIST, APP) == {}


def test_older_default_gets_the_private_modules_too(forky: Machine) -> None:
    forky.install(downstream("app", private()))
    make_default(forky, "python3.13")
    assert forky.cached(APP) == caches(MODULES, "3.13")
    forky.dpkg("--purge", "app")
    assert forky.cached(APP) == {}


def test_runtime_moves_its_own_bytecode_to_the_new_default(forky: Machine) -> None:
    make_default(forky, "python3.13")
    tags = {path.split(".")[-2] for path in forky.cached("/usr/share/pkgtools") if path.endswith(".pyc")}
    assert tags == {"cpython-313"}
    forky.dpkg("--purge", "pkgtools-runtime")
    assert forky.cached("/usr/share/pkgtools") == {}


def test_rtupdate_hook_asks_for_a_batch(forky: Machine) -> None:
    """python3's postinst runs the hooks whenever it is configured; no interpreter has changed."""
    forky.install(downstream("shop", SHOP))
    before = forky.system.tree(DIST)
    (deb,) = (deb for deb in fetch("forky", *DEFAULTS) if deb.name.startswith("python3_"))
    result = forky.dpkg("--install", f"/srv/defaults/{deb.name}")
    assert "Processing triggers for pkgtools-runtime" in result.output
    assert forky.system.tree(DIST) == before
    assert forky.outcomes("compiled", "removed", "repaired") == set()


def test_broken_interpreter_is_a_reported_skip(forky: Machine) -> None:
    name_all(forky)
    forky.system.write("/usr/bin/python3.13", "#!/bin/sh\nexit 1\n", mode=0o755)
    forky.install(downstream("shop", SHOP))
    assert forky.cached() == caches(SHOP, "3.14", "3.15")
    assert "broken-interpreter" in {reason for _, reason, _ in forky.outcomes("skipped", "failed", "error")}
