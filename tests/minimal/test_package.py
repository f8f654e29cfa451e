# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The package pkgtools-runtime installs, works and goes where python3-minimal is all there is."""

from __future__ import annotations

import subprocess

from tests.lab.commands import clean_environment
from tests.lab.ours import build_ours
from tests.lab.system import System
from tests.lab.tree import bytecode, differences


def test_runtime_depends_on_python3_minimal_alone() -> None:
    argv = ["dpkg-deb", "--field", str(build_ours().deb("pkgtools-runtime")), "Depends"]
    depends = subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=True).stdout
    assert [name.split()[0] for name in depends.split(",")] == ["python3-minimal"]


def test_runtime_package_works_with_python3_minimal(minimal: System) -> None:
    deb = build_ours().deb("pkgtools-runtime")
    minimal.write("/srv/pkgtools-runtime.deb", deb.read_bytes())
    minimal.write("/usr/lib/python3/dist-packages/lone.py", "X = 1\n")
    before = minimal.tree("/usr")
    minimal.run("dpkg", "--install", "/srv/pkgtools-runtime.deb")
    assert len(bytecode(minimal.tree("/usr/lib/python3/dist-packages"))) == 2
    minimal.run("dpkg", "--purge", "pkgtools-runtime")
    assert differences(before, minimal.tree("/usr")) == []
