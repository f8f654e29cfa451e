# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Interpreters come and go as packages; and sources that belong to one of several."""

from __future__ import annotations

from pathlib import Path

from tests.lab.debs import SampleFile, SamplePackage
from tests.lab.machine import DIST, caches
from tests.lab.roots import root_directory
from tests.lab.rpm_machine import RPM_ROOTS
from tests.rpm.conftest import Start

ROOT = next(root for root, version in RPM_ROOTS.items() if version == "6.1")
SHOP = SamplePackage(name="shop", files={f"{DIST}/shop.py": "print('shop')\n"})


def test_interpreter_that_comes_gets_bytecode_and_loses_it_when_it_goes(start: Start, ours_runtime: Path) -> None:
    program = Path(f"{root_directory(ROOT)}/usr/bin/python3.15").read_bytes()
    python = SamplePackage(name="python3.15", files={"/usr/bin/python3.15": SampleFile(program, mode=0o755)})
    with start(ROOT, runtime=False) as machine:
        machine.system.run("rm", "/usr/bin/python3.15")
        machine.remember()
        machine.install(SHOP)
        machine.install(ours_runtime)
        assert machine.cached() == caches(SHOP.files, "3.14", "3.13")
        machine.install(python)
        assert machine.cached() == caches(SHOP.files, "3.14", "3.13", "3.15")
        assert machine.imports("shop", python="python3.15") == "shop\n"
        machine.erase("python3.15")
        assert machine.cached() == caches(SHOP.files, "3.14", "3.13")
        machine.erase("shop", "pkgtools-runtime")
        machine.assert_nothing_left()


def test_site_packages_of_one_interpreter_is_compiled_for_it_alone(start: Start) -> None:
    with start(ROOT) as machine:
        files = {f"/usr/lib/python{version}/site-packages/lone.py": "" for version in machine.python}
        sites = {version: f"/usr/lib/python{version}/site-packages" for version in machine.python}
        machine.install(SamplePackage(name="lone", files=files))
        for version, site in sites.items():
            assert machine.cached(site) == caches([f"{site}/lone.py"], version)
        machine.erase("lone")
        machine.assert_nothing_left()
