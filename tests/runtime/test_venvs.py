# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules of a virtual environment are its version's: its own base compiles them, or none does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.places import trusted_directory
from tests.runtime.own_pythons import NAME, PREFIX, PROGRAM, give_tag, system_with_own_python
from tests.runtime.records import know
from tests.runtime.sandbox import HOST_PYTHON, TAG, Sandbox, pyc_of
from tests.runtime.test_unserved import found_in

OWN_TAG = "cpython-398"


@pytest.fixture
def system(tmp_path: Path) -> Sandbox:
    """Return a system whose only Python of the version is one below PREFIX."""
    sandbox = system_with_own_python(tmp_path / "root")
    give_tag(sandbox, OWN_TAG)
    os.unlink(sandbox.path(f"/usr/bin/{NAME}"))
    found_in(sandbox, python3_9="cpython 3 9 cpython-39 610d0d0a 030902f000000000")
    return sandbox


def _venv(sandbox: Sandbox, prefix: str, home: str = f"{PREFIX}/bin") -> str:
    """Make what `python -m venv` makes, and a module in it."""
    sandbox.write(f"{prefix}/pyvenv.cfg", f"home = {home}\ninclude-system-site-packages = false\nversion = 3.11.2\n")
    sandbox.directory(f"{prefix}/bin")
    os.symlink(f"{home}/{NAME}", sandbox.path(f"{prefix}/bin/python"))
    return sandbox.write(f"{prefix}/lib/{NAME}/site-packages/m.py")


@pytest.mark.parametrize("prefix", ["/opt/app/venv", "/app", "/srv/www/app"])
def test_a_packaged_base_compiles_and_no_other(system: Sandbox, prefix: str) -> None:
    module = _venv(system, prefix)
    know(system, [PREFIX, PROGRAM], "acme-python")
    ran = system.compile(prefix)
    assert system.pycs(prefix) == {pyc_of(module, tag=OWN_TAG)}
    assert {one.interpreter for one in ran.told if one.status == "compiled"} == {PROGRAM}


def test_a_base_that_no_package_has_is_not_run(system: Sandbox) -> None:
    module = _venv(system, "/opt/app")
    ran = system.compile("/opt/app")
    assert ran.of(module) == ("skipped", "not-served")
    assert f"{PROGRAM}: no package has it: register the directory with compile-for" in ran.talk
    assert system.pycs("/opt/app") == set()


def test_a_base_that_others_can_change_is_not_run(system: Sandbox) -> None:
    module = _venv(system, "/opt/app")
    know(system, [PREFIX, PROGRAM], "acme-python")
    os.chmod(system.path(PROGRAM), 0o777)
    ran = system.compile("/opt/app")
    assert ran.of(module) == ("skipped", "not-served")
    assert len(ran.talk.splitlines()) == 1
    assert f"need {PROGRAM}, which isn't run: {PROGRAM}: mode 0777" in ran.talk


def test_a_declared_one_needs_no_package(system: Sandbox) -> None:
    module = _venv(system, "/opt/app")
    assert system.compile("--python", "/opt/app/bin/python", "/opt/app").of(pyc_of(module, tag=OWN_TAG)) == (
        "compiled",
        "missing",
    )


def test_a_library_without_a_venv_is_not_served(system: Sandbox) -> None:
    module = system.write(f"/opt/app/lib/{NAME}/site-packages/m.py")
    ran = system.compile("/opt/app")
    assert ran.of(module) == ("skipped", "not-served")
    assert "need Python 3.11, which is not installed" in ran.talk


def test_the_distribution_s_own_version_serves_a_venv(sandbox: Sandbox) -> None:
    module = _venv(sandbox, "/opt/app", "/usr/bin")
    assert sandbox.compile("/opt/app").of(pyc_of(module)) == ("compiled", "missing")


def test_a_real_venv_is_compiled_by_its_base() -> None:
    with trusted_directory() as directory:
        directory.chmod(0o755)
        made = Sandbox(directory / "root")
        prefix = made.path("/opt/app")
        subprocess.run([HOST_PYTHON, "-m", "venv", "--without-pip", prefix], check=True, capture_output=True)
        module = made.write(f"/opt/app/lib/{NAME}/site-packages/m.py")
        ran = made.compile("--python", f"/opt/app/bin/{NAME}", "/opt/app")
    assert ran.of(pyc_of(module)) == ("compiled", "missing")
    assert {one.interpreter for one in ran.told} == {f"/usr/bin/{NAME}"}
    assert "cpython-{}{}".format(*sys.version_info[:2]) == TAG
