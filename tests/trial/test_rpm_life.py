# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The life of an RPM package that compiles in its scriptlets, in a Debian system with rpm."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.debs import SamplePackage
from tests.lab.needs import need_tools
from tests.lab.rpms import build_rpm
from tests.trial.trials import DIST, Document, faults, play, pyc

pytestmark = pytest.mark.system
COMPILE = f"python3 -m compileall -qf {DIST}/acme\n"
CLEAN = f"[ $1 -gt 0 ] || rm -rf {DIST}/acme/__pycache__\n"


def life(base: str, workshop: Path, preun: str) -> dict[str, Document]:
    """Play all steps of a package with this scriptlet."""
    need_tools(["rpmbuild"])
    old, new = (
        build_rpm(
            SamplePackage(
                name="acme",
                version=version,
                files={f"{DIST}/acme/__init__.py": f"x = {version}\n"},
                scripts={"post": COMPILE, "preun": preun},
            ),
            workshop,
        )
        for version in ("1", "22")
    )
    (trial,) = play("--with", old, new, base=base)["packages"]
    assert trial["error"] is None
    return {step["step"]: step for step in trial["steps"]}


def test_life_of_a_good_package(tmp_path: Path) -> None:
    steps = life("rpm-trixie", tmp_path, CLEAN)
    assert {name for name, step in steps.items() if step["status"] == "failed"} == set()
    skipped = {name for name, step in steps.items() if step["status"] == "skipped"}
    assert {"interpreter-added", "runtime-added", "purge"} <= skipped
    assert skipped.isdisjoint({"install", "reinstall", "downgrade", "upgrade", "failed-upgrade", "killed", "remove"})
    assert [step["pycs"] for name, step in steps.items() if name in {"install", "upgrade", "killed"}] == [1, 1, 1]
    assert "No space left on device" in steps["full-disk"]["output"]


def test_bytecode_that_stays_is_seen(tmp_path: Path) -> None:
    steps = life("rpm-trixie", tmp_path, "")
    assert ("remove", "left-behind") in faults(steps.values())
    (change,) = steps["install"]["changes"]
    assert (change["path"], change["change"]) == (pyc("acme").replace("311", "313"), "new")
