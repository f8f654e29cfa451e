# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Specs with our macros are read where nothing of ours is, or pkgtools-srpm-macros alone."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.lab.commands import clean_environment
from tests.lab.ours import CHECKOUT
from tests.lab.rpm_machine import RPM_ROOTS, RpmMachine
from tests.rpm.conftest import OurRpms, Start

REFERENCE = CHECKOUT / "docs/reference/rpm-macros.md"
REST = "Version: 1\nRelease: 1\nSummary: a sample\nLicense: MIT\nBuildArch: noarch"
UNGUARDED = f"""%{{pkgtools_use STRATEGY}}
Name: sample
{REST}
%pkgtools_requires
%description
A sample.
%install
mkdir -p %{{buildroot}}/usr/share/sample
%files
/usr/share/sample
"""


def documented() -> str:
    """Return the spec of the reference, whole."""
    found = re.search(r"```spec\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1].replace("...", REST).replace("%post", "%description\nA sample.\n\n%post", 1)


def rpmbuild(machine: RpmMachine, spec: str, what: str) -> tuple[int, str]:
    machine.system.write("/srv/build/sample.spec", spec)
    argv = ("rpmbuild", "--nodeps", "--define=_topdir /srv/build", what, "/srv/build/sample.spec")
    done = machine.system.run(*argv, check=False)
    return done.exit, done.output


@pytest.mark.parametrize("root", RPM_ROOTS, ids=RPM_ROOTS.values())
def test_documented_spec_is_read_without_our_macros_and_with_those_for_reading(
    root: str, ours: OurRpms, start: Start
) -> None:
    only = next(path for path in ours.current if path.name.startswith("pkgtools-srpm-macros-"))
    with start(root, runtime=False) as machine:
        assert rpmbuild(machine, documented(), "-bs")[0] == 0
        machine.install(only, options=("-U", "--nodeps"))
        assert rpmbuild(machine, documented(), "-bs")[0] == 0
        for strategy in ("trigger", "shipped"):
            spec = UNGUARDED.replace("STRATEGY", strategy)
            assert rpmbuild(machine, spec, "-bs")[0] == 0
            status, output = rpmbuild(machine, spec, "-bb")
            assert status == 1
            assert "pkgtools_use: this package is built with pkgtools-rpm-macros" in output
        status, output = rpmbuild(machine, UNGUARDED.replace("STRATEGY", "native"), "-bb")
        assert status == 0, output


def test_macros_without_the_runtime_name_the_packages(tmp_path: Path) -> None:
    program = tmp_path / "triggers/rpm/pkgtools-rpmbuild"
    program.parent.mkdir(parents=True)
    program.write_bytes((CHECKOUT / "triggers/rpm/pkgtools-rpmbuild").read_bytes())
    command = ("/usr/bin/python3", "-IB", str(program), "distdeps", "--provides")
    ran = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1
    assert "No module named 'pkgtools': install pkgtools-runtime and python3-packaging" in ran.stderr
