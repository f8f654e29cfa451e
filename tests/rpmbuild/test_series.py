# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Byte-compilation by several processes for Pythons whose output depends on what a process did before."""

from __future__ import annotations

import shutil

import pytest

from tests.lab.needs import need_tools
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import System
from tests.rpmbuild.builds import HOST_BINDS, install_macros

pytestmark = [pytest.mark.system, pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="no rpmbuild")]
ROOT = "rpm-forky"
MODULES = 600
SERIES = 3
FILL = """
import os, sys
site = f"/srv/root/usr/lib/python{sys.argv[1]}/site-packages"
os.makedirs(site)
for number in range(600):
    with open(f"{site}/n{number:03}.py", "w") as stream:
        stream.write(f"name_{number % 7} = 'name_{number % 11}', 'a b {number % 5}'\\n")
    os.utime(f"{site}/n{number:03}.py", (1700000000, 1700000000))
"""
COUNTING = """#!/bin/sh
echo "$$" >> /srv/starts
exec /usr/bin/the-python "$@"
"""
DIGEST = "cd /srv/root && find . -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum"


def test_each_process_does_the_same_for_any_number_at_once() -> None:
    """Which sources a process has compiled before, and so the bytes it makes, has nothing to do with the machine."""
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    version = RECIPES[ROOT].python[0]
    found, started = [], []
    with System(root_directory(ROOT), binds=HOST_BINDS) as system:
        install_macros(system)
        system.run("python3", "-c", FILL, version)
        system.run("mv", f"/usr/bin/python{version}", "/usr/bin/the-python")
        system.write(f"/usr/bin/python{version}", COUNTING, mode=0o755)
        for jobs in ("1", "2", "5"):
            system.write("/srv/starts", "")
            system.run("/usr/lib/rpm/pkgtools-rpmbuild", "bytecompile", "--root", "/srv/root", "--jobs", jobs)
            started.append(len(system.read("/srv/starts").split()))
            found.append(system.run("sh", "-c", DIGEST).stdout.splitlines())
    assert len(found[0]) == MODULES * 2
    assert found[0] == found[1] == found[2]
    assert started[0] == started[1] == started[2] > SERIES
