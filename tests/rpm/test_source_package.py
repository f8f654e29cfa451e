# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The source RPM as build services make it, and what the spec builds where the default Python is too old."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from pkgtools import __version__
from pkgtools.rpmbuild.versions import rpm_dependency
from tests.lab.commands import run_on_host
from tests.lab.ours import CHECKOUT, copy_source
from tests.lab.rpm_ours import build_our_rpms
from tests.rpm.conftest import OurRpms
from tests.rpm.test_package import digests, query

SPEC = CHECKOUT / "rpm/pkgtools.spec"
RHEL_9 = {"rhel": "9"}
OTHER_PYTHON = {"__python3": "/usr/bin/python3.11", "python3_pkgversion": "3.11", "_with_cli": "1"}
RUNTIME = {"pkgtools-runtime", "pkgtools-rpm-macros", "pkgtools-srpm-macros"}


def make_source_rpm(top: Path, target: Path) -> Path:
    """Call what COPR calls, with its arguments."""
    run_on_host(["make", "-f", f"{top}/.copr/Makefile", "srpm", f"outdir={target}", "spec=-"], cwd=Path("/"))
    (found,) = target.iterdir()
    return found


def ask_spec(defines: dict[str, str], form: str) -> list[str]:
    options = [f"--define={name} {value}" for name, value in defines.items()]
    return run_on_host(["rpmspec", *options, "--query", "--builtrpms", "--qf", form, str(SPEC)]).splitlines()


def test_second_build_is_identical(ours: OurRpms, tmp_path: Path) -> None:
    """Of the checkout's source package, at another time and place, with another umask and time zone."""
    source = make_source_rpm(CHECKOUT, tmp_path / "source")
    options = {"_topdir": f"{tmp_path}/top", "_rpmdir": f"{tmp_path}/rpms"}
    options["_build_name_fmt"] = "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm"
    defines = [f"--define={name} {value}" for name, value in options.items()]
    other = {"TZ": "Pacific/Kiritimati", "HOME": "/nonexistent"}
    run_on_host(["rpm", *defines, "--nodeps", "--install", str(source)])
    spec = f"{tmp_path}/top/SPECS/pkgtools.spec"
    run_on_host(["rpmbuild", "--quiet", "--nodeps", *defines, "-bb", spec], env=other, umask=0o077)
    assert digests(tuple((tmp_path / "rpms").glob("*.rpm"))) == digests(ours.current)


def test_source_package_of_the_same_files_is_the_same(tmp_path: Path) -> None:
    archives = []
    for name in ("one", "two"):
        copy_source(tmp_path / name)
        (tmp_path / name / "build").mkdir()
        (tmp_path / name / "build/left").touch()
        source = make_source_rpm(tmp_path / name, tmp_path / f"source-{name}")
        run_on_host(["sh", "-c", f"rpm2cpio {source} | cpio -id --quiet"], cwd=source.parent)
        assert (source.parent / "pkgtools.spec").read_bytes() == SPEC.read_bytes()
        archives.append((source.parent / f"pkgtools-{__version__}.tar.gz").read_bytes())
    assert archives[0] == archives[1]


def test_command_is_left_out_where_python_is_too_old() -> None:
    """RHEL 9 has Python 3.9 by default, and 3.11 beside it."""
    names = "%{NAME}\\n"
    assert set(ask_spec({}, names)) == RUNTIME | {"pkgtools", "python3-pkgtools"}
    assert set(ask_spec({"rhel": "10"}, names)) == RUNTIME | {"pkgtools", "python3-pkgtools"}
    assert set(ask_spec(RHEL_9, names)) == RUNTIME
    assert set(ask_spec({**RHEL_9, **OTHER_PYTHON}, names)) == RUNTIME | {"pkgtools", "python3.11-pkgtools"}


@pytest.mark.parametrize(("version", "defines"), [("3", {}), ("3.11", {**RHEL_9, **OTHER_PYTHON})])
def test_library_requires_what_the_project_does(version: str, defines: dict[str, str]) -> None:
    """In the words of our generator."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {f"python(abi) {project['requires-python'].replace('=', '= ')}", f"pkgtools-runtime = {__version__}"}
    for requirement in map(Requirement, project["dependencies"]):
        wanted.add(rpm_dependency(f"python{version}dist({requirement.name})", requirement.specifier))
    library = f"python{version}-pkgtools "
    lines = ask_spec(defines, "[%{=NAME} %{REQUIRENEVRS}\\n]")
    found = {line.removeprefix(library) for line in lines if line.startswith(library)}
    assert {one for one in found if not one.startswith("rpmlib(")} == wanted


@pytest.mark.slow
def test_command_for_another_python_is_started_by_that_one(tmp_path: Path) -> None:
    """As on RHEL 9; here it's the only one."""
    if shutil.which("python3.11", path="/usr/bin") is None:
        pytest.skip("no python3.11")
    found = {query(path, "%{NAME}")[0]: path for path in build_our_rpms(tmp_path, defines={**RHEL_9, **OTHER_PYTHON})}
    assert set(found) == RUNTIME | {"pkgtools", "python3.11-pkgtools"}
    script = run_on_host(["sh", "-c", f"rpm2cpio {found['pkgtools']} | cpio -i --quiet --to-stdout ./usr/bin/pkgtools"])
    assert script.startswith("#!/usr/bin/python3.11 -sPB\n")
