# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A vendor's .deb with a Python of its own comes, is upgraded and goes: under each strategy that compiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.debs import SampleFile, SamplePackage
from tests.lab.machine import Machine
from tests.lab.own_python import APP, PREFIX, TAG, own_python, program
from tests.lab.project import pkgtools
from tests.lab.roots import root_directory
from tests.system.conftest import StartMachine

VERSION = "3.11"
PYTHON = program(VERSION)
MANIFEST = f"""
[packages.acme]
strategy = "{{}}"
public = false
[[packages.acme.private]]
directory = "{APP}"
interpreter = "{PYTHON}"
"""


@pytest.fixture(scope="module")
def python() -> dict[str, str | bytes | SampleFile]:
    return own_python(root_directory("bookworm"), VERSION)


def acme(strategy: str, version: str, python: dict[str, str | bytes | SampleFile], work: Path) -> SamplePackage:
    """Return the package with what `pkgtools generate` makes for it."""
    (work / "pkgtools.toml").write_text(MANIFEST.format(strategy))
    pkgtools("generate", "--target", "deb", "--output", "out", "--force", cwd=work)
    scripts = {path.name: path.read_text() for path in (work / "out/acme/DEBIAN").iterdir() if path.name in SCRIPTS}
    shipped = {
        f"/{path.relative_to(work / 'out/acme/root')}": SampleFile(path.read_bytes(), path.stat().st_mode & 0o777)
        for path in (work / "out/acme/root").rglob("*")
        if path.is_file()
    }
    modules = {f"{APP}/main.py": f"print('main', {version})\n", f"{APP}/core/gear.py": ""}
    if version == "1":
        modules[f"{APP}/old/wheel.py"] = ""
    return SamplePackage(name="acme", version=version, files={**python, **shipped, **modules}, scripts=scripts)


SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def pycs(machine: Machine) -> set[str]:
    return {path for path in machine.cached(PREFIX) if path.endswith(".pyc")}


def pyc(path: str) -> str:
    directory, _, name = path.rpartition("/")
    return f"{directory}/__pycache__/{name}.{TAG}.pyc"


@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone"])
def test_a_package_with_a_python_of_its_own_lives(
    strategy: str, start: StartMachine, python: dict[str, str | bytes | SampleFile], tmp_path: Path
) -> None:
    with start(runtime=strategy != "standalone") as machine:
        machine.install(acme(strategy, "1", python, tmp_path))
        assert pycs(machine) == {pyc(f"{APP}/{name}") for name in ("main", "core/gear", "old/wheel")}
        assert set(machine.cached(APP).values()) == {"file 0644 0:0", "directory 0755 0:0"}
        said = machine.system.run(PYTHON, "-Bv", f"{APP}/../app/main.py", uid=65534)
        assert said.stdout == "main 1\n"
        machine.install(acme(strategy, "2", python, tmp_path))
        assert pycs(machine) == {pyc(f"{APP}/{name}") for name in ("main", "core/gear")}
        code = f"import sys; sys.path.insert(0, {APP!r}); import main"
        said = machine.system.run(PYTHON, "-Bv", "-c", code, uid=65534)
        assert (said.stdout, f"# {pyc(f'{APP}/main')} matches {APP}/main.py" in said.stderr) == ("main 2\n", True)
        machine.dpkg("--purge", "acme")
        machine.assert_nothing_left()


def test_one_that_others_can_change_is_not_run(
    machine: Machine, python: dict[str, str | bytes | SampleFile], tmp_path: Path
) -> None:
    package = acme("trigger", "1", python, tmp_path)
    machine.install(
        SamplePackage(
            name="acme", files=package.files, scripts=package.scripts, directory_modes={f"{PREFIX}/lib": 0o777}
        )
    )
    assert pycs(machine) == set()
    assert PYTHON in machine.system.run("cat", "/var/lib/pkgtools/trigger.json").stdout
