# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode that packages own is known by their numbers: those that came since the last batch are asked for."""

from __future__ import annotations

import pytest

from pkgtools.runtime.record import digest
from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST
from tests.lab.rpm_machine import RpmMachine

CACHE = f"{DIST}/shared/__pycache__"
SHOP = SamplePackage(name="shop", files={f"{DIST}/shared/shop.py": "", f"{DIST}/shared/till.py": ""})
SHIPS = SamplePackage(name="ships", files={f"{CACHE}/shop.cpython-39.pyc": "shipped", f"{CACHE}/other.nbi": "shipped"})
INDEX = "/var/lib/pkgtools/rpm-packaged"
OTHER = b"1\0what another version of ours has written"


def test_what_came_after_the_last_batch_is_left_alone(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(SHOP)
    before = machine.system.read(INDEX)
    machine.install(SHIPS, options=("-U", "--notriggers", "--replacefiles"))
    assert machine.system.read(INDEX) == before
    machine.erase("shop")
    assert set(machine.cached(f"{DIST}/shared")) == {CACHE, *SHIPS.files}
    machine.erase("ships")
    machine.assert_nothing_left()


def test_what_a_package_owned_that_is_gone_is_nobodys(each_machine: RpmMachine) -> None:
    machine = each_machine
    machine.install(SHIPS)
    machine.install(SHOP)
    machine.erase("ships", options=("-e", "--notriggers"))
    machine.system.run("pkgtools-compile", "--force", f"{DIST}/shared")
    machine.erase("shop")
    machine.assert_nothing_left()


@pytest.mark.parametrize("found", [b"nonsense", digest(OTHER) + OTHER], ids=["damaged", "another-format"])
def test_an_index_that_says_nothing_costs_time_only(found: bytes, machine: RpmMachine) -> None:
    machine.install(SHIPS, SHOP)
    machine.system.write(INDEX, found, mode=0o600)
    machine.erase("shop")
    assert set(machine.cached(f"{DIST}/shared")) == {CACHE, *SHIPS.files}
    machine.erase("ships")
    machine.assert_nothing_left()
