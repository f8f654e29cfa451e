# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The pkgtools command as our RPMs install it, by dnf5, in a system that has no other Python library."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.commands import require_tools, run_on_host
from tests.lab.debs import SamplePackage
from tests.lab.rpm_libraries import build_rpm_libraries, read_libraries
from tests.lab.rpm_machine import RpmMachine
from tests.lab.rpms import build_rpm
from tests.lab.system import Bind
from tests.rpm.conftest import OurRpms, Start
from tests.rpm.test_front_ends import FRONT_ENDS, REPOSITORY, ask
from tests.rules.bytecode import PRIVATE, cached, pair, pyc
from tests.rules.bytecode import SOURCE as TEXT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("rpm-command-line")]
FRONT_END = FRONT_ENDS["dnf5"]
M = f"{PRIVATE}/m.py"
MANIFEST = '[packages.acme]\nstrategy = "direct"\n[[packages.acme.private]]\ndirectory = "/usr/share/acme"\n'
SYSTEM = ("/bin/sh", "/usr/bin/sh", "/usr/bin/python3", "/usr/bin/env", "rpm", "python(abi) = 3.14")


def _system_libraries(rpms: tuple[Path, ...]) -> set[str]:
    """Return the shared libraries that packages require, which Debian's packages bring."""
    said = run_on_host(["rpm", "-qp", "--requires", *map(str, rpms)]).splitlines()
    return {line for line in said if line.startswith(("lib", "rtld"))}


def _keep_one_python(machine: RpmMachine) -> None:
    """Remove the others, and their bytecode: whole systems are compared in a third of the time."""
    for version in machine.python[1:]:
        machine.system.run("rm", "-r", f"/usr/bin/python{version}", f"/usr/lib/python{version}")
        pycs = f"*.cpython-{version.replace('.', '')}.*"
        machine.system.run("find", "/usr", "-name", pycs, "-delete")


@pytest.fixture(scope="module")
def machine(
    start: Start, ours: OurRpms, workshop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RpmMachine]:
    """Return a system in which dnf5 has installed pkgtools, and what it needs, from a repository of ours."""
    require_tools(("createrepo_c",))
    libraries = build_rpm_libraries(ours.current)
    provided = ", ".join((*SYSTEM, *sorted(_system_libraries(libraries))))
    base = SamplePackage(name="base", files={"/usr/share/base": ""}, fields={"Provides": provided})
    repository = tmp_path_factory.mktemp("repository")
    repository.chmod(0o755)
    for rpm in (*ours.current, *libraries, build_rpm(base, workshop)):
        shutil.copyfile(rpm, repository / rpm.name)
        os.chmod(repository / rpm.name, 0o644)
    run_on_host(["createrepo_c", "--quiet", str(repository)])
    broken = SamplePackage(name="broken", files={M: TEXT, cached(M): pyc(M)[:16]})
    for package in (broken, SamplePackage(name="acme", files=pair(M))):
        shutil.copyfile(build_rpm(package, workshop), workshop / f"{package.name}.rpm")
    with start(FRONT_END.root, runtime=False, binds=(Bind(source=repository, target="/srv/repository"),)) as machine:
        machine.system.write(FRONT_END.repository, REPOSITORY)
        _keep_one_python(machine)
        ask(machine, FRONT_END, "install", "base")
        machine.remember()
        ask(machine, FRONT_END, "install", "pkgtools")
        yield machine


def test_dependencies_come_along(machine: RpmMachine) -> None:
    installed = set(machine.system.run("rpm", "-qa", "--qf", "%{NAME}\\n").stdout.split())
    libraries = {f"python3-{name}" for name in read_libraries()}
    assert installed == {"base", "pkgtools", "pkgtools-runtime", "python3-pkgtools", *libraries}
    assert machine.system.run("pkgtools", "--version").stdout.startswith("pkgtools")


def test_packages_are_checked_and_inspected(machine: RpmMachine) -> None:
    done = machine.system.run("pkgtools", "check", "/srv/debs/broken.rpm", check=False)
    assert (done.exit, done.stderr) == (1, "")
    assert "broken-pyc" in done.stdout
    read = json.loads(machine.system.run("pkgtools", "inspect", "--json", "/srv/debs/acme.rpm").stdout)
    assert (read["kind"], read["strategy"]) == ("rpm", "shipped")


def test_own_packages_are_as_they_should_be(machine: RpmMachine) -> None:
    """But for where they lie: Debian's Python, for which they were built, looks elsewhere than Fedora's."""
    done = machine.system.run("sh", "-c", "pkgtools check --json /srv/repository/p*.rpm", check=False)
    verdicts = json.loads(done.stdout)["verdicts"]
    assert len(verdicts) == len(read_libraries()) + 5
    found = {finding["rule"] for one in verdicts for finding in one["findings"] if finding["severity"] != "info"}
    assert found == {"unserved-directory"}


def test_system_verifies_and_audits_itself(machine: RpmMachine) -> None:
    counts = json.loads(machine.system.run("pkgtools", "verify", "--json").stdout)["counts"]
    assert counts["different"] == 0
    assert counts["identical"] > 100
    done = machine.system.run("pkgtools", "audit", "--fail-on", "warning", check=False)
    assert done.exit == 0, done.output


def test_scriptlets_are_generated(machine: RpmMachine) -> None:
    machine.system.write("/srv/work/pkgtools.toml", MANIFEST)
    argv = ("pkgtools", "generate", "--target", "rpm", "--output", "out")
    machine.system.run("env", "--chdir=/srv/work", *argv)
    assert "pkgtools-compile" in machine.system.read("/srv/work/out/acme.scriptlets.inc")
    machine.system.run("rm", "-r", "/srv/work")


def test_manual_and_completions_are_where_programs_look(machine: RpmMachine) -> None:
    files = machine.system.run("rpm", "-ql", "pkgtools").stdout.split()
    assert {
        "/usr/share/man/man1/pkgtools.1.gz",
        "/usr/share/bash-completion/completions/pkgtools",
        "/usr/share/fish/vendor_completions.d/pkgtools.fish",
        "/usr/share/zsh/site-functions/_pkgtools",
    } <= set(files)


def test_removal_leaves_nothing(machine: RpmMachine) -> None:
    """The last test: all that came is gone, bytecode too."""
    ask(machine, FRONT_END, "remove", "pkgtools")
    machine.assert_nothing_left()
