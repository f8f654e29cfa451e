# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a batch is about under real dpkg: the packages of the run."""

from __future__ import annotations

import pytest

from tests.lab.debs import SamplePackage, downstream
from tests.lab.machine import DIST, Machine, caches

SHOP = {f"{DIST}/shop/__init__.py": "", f"{DIST}/shop/till.py": "print('till')\n"}
OTHER = {f"{DIST}/other.py": "print('other')\n"}
STATE = "/var/lib/pkgtools"


def _sources(machine: Machine) -> set[str | None]:
    return {one["source"] for one in machine.report()["outcomes"]}


def test_a_run_is_about_its_packages(each_machine: Machine) -> None:
    each_machine.install(downstream("shop", SHOP))
    before = each_machine.system.tree(f"{DIST}/shop")
    each_machine.install(downstream("other", OTHER))
    assert _sources(each_machine) == set(OTHER)
    assert each_machine.system.tree(f"{DIST}/shop") == before


def test_a_later_batch_has_nothing_left_to_do(machine: Machine) -> None:
    machine.install(downstream("shop", SHOP))
    machine.dpkg("--purge", "shop")
    machine.install(downstream("other", OTHER))
    machine.settle()
    machine.system.run("pkgtools-trigger")
    assert (machine.report()["outcomes"], machine.report()["summary"]) == ([], {})


def test_reinstalled_package_is_compared_by_content(machine: Machine) -> None:
    """The same version of another build: size and time of file list and module are the same."""
    machine.install(downstream("shop", SHOP))
    machine.install(downstream("shop", {**SHOP, f"{DIST}/shop/till.py": "print('tall')\n"}, version="2"))
    assert machine.imports("shop.till") == "tall\n"


@pytest.mark.parametrize("how", ["together", "apart"])
def test_module_that_a_postinst_edits_is_compiled_as_it_is_then(machine: Machine, how: str) -> None:
    source = f"{DIST}/shop/till.py"
    scripts = {"postinst": f"sed -i s/till/edit/ {source}\n"}
    path = machine.stage(downstream("shop", SHOP, scripts=scripts))
    if how == "together":
        machine.dpkg("--install", path)
    else:  # as apt does it; a batch runs in between
        machine.dpkg("--unpack", path)
        machine.system.run("pkgtools-trigger")
        machine.dpkg("--configure", "shop")
        machine.system.run("pkgtools-trigger")
    assert machine.imports("shop.till") == "edit\n"


def test_package_that_went_without_a_clean_is_tidied_up_after(machine: Machine) -> None:
    machine.install(downstream("other", OTHER))
    machine.install(SamplePackage(name="shop", files=SHOP))
    machine.system.run("dpkg", "--purge", "shop")
    assert not machine.system.exists(f"{DIST}/shop")
    assert machine.cached() == caches(OTHER, "3.11")


def test_lost_record_costs_one_look_at_everything_and_a_line(machine: Machine) -> None:
    machine.install(downstream("shop", SHOP))
    machine.system.run("sh", "-c", f"rm {STATE}/packages {DIST}/shop/__pycache__/*")
    result = machine.install(downstream("other", OTHER))
    assert result.output.count("lost-record") == 1
    assert machine.cached() == caches([*SHOP, *OTHER], "3.11")
    result = machine.install(downstream("other", OTHER, version="2"))
    assert "lost-record" not in result.output
    assert _sources(machine) <= set(OTHER)


def test_broken_off_removal_brings_the_bytecode_back(machine: Machine) -> None:
    package = downstream("shop", SHOP)
    prerm = package.scripts["prerm"] + '[ "$1" != remove ] || [ -e /run/may-go ]\n'
    machine.install(downstream("shop", SHOP, scripts={"prerm": prerm}))
    machine.dpkg("--remove", "shop", fails=True)
    machine.dpkg("--triggers-only", "--pending")
    assert machine.cached() == caches(SHOP, "3.11")
    assert not machine.system.exists(f"{STATE}/cleaned")


def test_the_runtime_that_comes_back_looks_at_everything(machine: Machine) -> None:
    machine.install(downstream("shop", SHOP))
    machine.dpkg("--remove", "pkgtools-runtime")
    assert machine.cached() == {}
    assert not machine.system.exists(STATE)


def test_packages_that_clean_themselves_keep_their_bytecode_when_the_runtime_goes(machine: Machine) -> None:
    scripts = {"postinst": "py3compile -p native\n", "prerm": "py3clean -p native\n"}
    machine.install(SamplePackage(name="native", files=OTHER, scripts=scripts), downstream("shop", SHOP))
    machine.system.run("sh", "-c", f"rm -r {DIST}/__pycache__; pkgtools-trigger --all")
    machine.dpkg("--purge", "pkgtools-runtime")
    assert machine.cached() == caches(OTHER, "3.11")
    machine.dpkg("--purge", "shop", "native")
    assert machine.cached() == {}
