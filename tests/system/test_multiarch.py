# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages that are installed for two architectures at once and share their modules."""

from __future__ import annotations

from dataclasses import replace

from tests.lab.debs import SamplePackage, clean_snippet
from tests.lab.machine import DIST, Machine, caches

NAME = "python3-shared"
MODULES = [f"{DIST}/shared/__init__.py", f"{DIST}/shared/half.py"]


def test_packages_of_two_architectures_are_compiled_and_cleaned_by_their_name(machine: Machine) -> None:
    machine.system.run("dpkg", "--add-architecture", "i386")
    one = SamplePackage(
        name=NAME,
        files=dict.fromkeys(MODULES, "VALUE = 1\n"),
        scripts={"postinst": f"pkgtools-compile -p {NAME}\n", "prerm": clean_snippet(NAME)},
        fields={"Architecture": "amd64", "Multi-Arch": "same"},
    )
    other = replace(one, fields={"Architecture": "i386", "Multi-Arch": "same"})

    machine.install(one)
    machine.install(other)

    assert machine.cached(f"{DIST}/shared") == caches(MODULES, "3.11")
    machine.dpkg("--purge", f"{NAME}:amd64")
    # dpkg keeps the files that the other one has, too, and what the first one's prerm removed came back at once
    assert machine.cached(f"{DIST}/shared") == caches(MODULES, "3.11")
    machine.dpkg("--purge", f"{NAME}:i386")
    machine.assert_nothing_left()
