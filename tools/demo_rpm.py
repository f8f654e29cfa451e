# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The part of the demonstration that goes through rpm: install, look, use, verify, erase, nothing left."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.debs import SamplePackage
from tests.lab.machine import DIST
from tests.lab.places import workspace
from tests.lab.rpm_machine import RpmMachine, prepare, start_rpm_machine
from tests.lab.rpm_ours import build_our_rpms

if TYPE_CHECKING:
    from tools.demo import Story

ROOT = "rpm-bookworm"
MODULES = Path("/usr/lib/python3.11/email")
"""Sources that become the modules of a package: what an ordinary package looks like."""
NAME = "mailparts"


def demonstrate_rpm(story: Story) -> None:
    """Do with rpm what was done with apt. Raises AssertionError if a step doesn't hold."""
    story.heading("\nThe same by rpm\n")
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        ours, workshop = Path(work, "ours"), Path(work, "workshop")
        ours.mkdir()
        workshop.mkdir()
        with story.step("build our packages (rpmbuild)") as found:
            built = build_our_rpms(ours)
            found += [f"{len(built)} packages"]
        with story.step("make a throw-away system with rpm 4.18 (mmdebstrap, cached)") as found:
            base = prepare(ROOT)
            found += ["Python 3.11"]
        with start_rpm_machine(ROOT, base, workshop, ours) as machine:
            runtime = next(path for path in built if path.name.startswith("pkgtools-runtime-"))
            _come_and_go(story, machine, runtime)


def _come_and_go(story: Story, machine: RpmMachine, runtime: Path) -> None:
    sources = {f"{DIST}/{NAME}/{path.name}": path.read_text("utf-8") for path in MODULES.glob("*.py")}
    with story.step("rpm -U pkgtools-runtime"):
        machine.install(runtime)
    with story.step(f"rpm -U {NAME}") as found:
        machine.install(SamplePackage(name=NAME, files=sources))
        cached = machine.cached()
        compiled = sum(path.endswith(".pyc") for path in cached)
        found += [f"{len(sources)} modules, {compiled} compiled"]
        assert compiled == len(sources), "not every module is compiled"
    story.rows((looks, f"{count:6}") for looks, count in Counter(cached.values()).most_common())
    with story.step(f"python3 -v -c 'import {NAME}.message', as nobody") as found:
        machine.imports(f"{NAME}.message")
        found += ["from the cache"]
    with story.step(f"rpm -V {NAME}") as found:
        assert machine.verify(NAME) == "", "rpm finds its package changed"
        found += ["clean"]
    with story.step(f"rpm -e {NAME} pkgtools-runtime") as found:
        machine.erase(NAME)
        machine.erase("pkgtools-runtime")
        machine.assert_nothing_left()
        found += ["as if never installed"]
