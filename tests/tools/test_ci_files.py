# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What we offer to the CI of others: each file's steps are run here, as its reader would run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.debs import SamplePackage, build_deb
from tests.lab.needs import need_tools
from tests.lab.ours import CHECKOUT, copy_source
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

BAD = SamplePackage(name="acme", files={"/usr/lib/python3/dist-packages/acme.pyc": b"no bytecode"})
GOOD = SamplePackage(name="fine", files={"/usr/share/doc/fine/README": "fine\n"})
NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}


def load(name: str) -> Any:
    return yaml.safe_load((CHECKOUT / name).read_text())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout's files, as somebody gets them who fetches them."""
    directory = tmp_path_factory.mktemp("source")
    directory.chmod(0o755)
    copy_source(directory)
    return directory


def filled(text: str, values: dict[str, str]) -> str:
    """Put values in the place of an action's expressions, each of which has to be known."""
    return re.sub(r"\$\{\{ *([a-z._-]+) *\}\}", lambda found: values[found[1]], text)


class Action:
    """The steps of action.yml, as a runner runs them."""

    def __init__(self, source: Path, work: Path) -> None:
        self._work = work
        self._values = {"github.action_path": str(source)}
        (work / "runner").mkdir()

    def run(self, packages: str, *, cwd: Path, fail_on: str = "error") -> tuple[int, dict[str, str]]:
        """Run the steps up to the first one that fails; return its status, and the outputs."""
        action = load("action.yml")
        given = {"packages": packages, "fail-on": fail_on}
        inputs = {name: given.get(name, one.get("default")) for name, one in action["inputs"].items()}
        self._values |= {f"inputs.{name}": value for name, value in inputs.items()}
        output = self._work / "output"
        output.write_text("")
        status = 0
        for step in action["runs"]["steps"]:
            own = {name: filled(value, self._values) for name, value in step["env"].items()}
            environment = {
                "PATH": os.environ["PATH"],
                "RUNNER_TEMP": str(self._work / "runner"),
                "GITHUB_OUTPUT": str(output),
                **own,
            }
            assert "${{" not in step["run"]
            argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            status = subprocess.run(argv, cwd=cwd, env=environment, check=False).returncode
            if status:
                break
        return status, dict(line.split("=", 1) for line in output.read_text().splitlines())


@pytest.mark.slow
def test_the_action_writes_its_report_whether_something_is_found_or_not(source: Path, tmp_path: Path) -> None:
    work = tmp_path / "a b"
    work.mkdir()
    for package in (BAD, GOOD):
        build_deb(package, work)
    action = Action(source, tmp_path)
    status, outputs = action.run("*.deb\n", cwd=work, fail_on="warning")
    (run,) = json.loads((work / outputs["report"]).read_text())["runs"]
    assert (status, bool(run["results"])) == (1, True)
    status, outputs = action.run(f"{work}/fine*.deb", cwd=work)
    (run,) = json.loads((work / outputs["report"]).read_text())["runs"]
    assert (status, run["results"]) == (0, [])
    status, _ = action.run("$(touch owned)\n`touch owned`.deb\n--help\n", cwd=work)
    assert (status, (work / "owned").exists()) == (2, False)


@pytest.fixture(scope="module")
def wheels(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with all that pip needs to build and install a copy, for systems without an index."""
    directory = tmp_path_factory.mktemp("wheels")
    directory.chmod(0o755)
    build = tomllib.loads((source / "pyproject.toml").read_text())["build-system"]["requires"]
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(directory)]
    subprocess.run([*argv, str(source), *build], check=True)
    return directory


@pytest.mark.slow
@pytest.mark.system
def test_gitlabs_job_and_the_container_install_and_check(source: Path, wheels: Path, tmp_path: Path) -> None:
    """In a Debian 12 without Python: the commands of both files, one after the other."""
    need_tools(("mmdebstrap", "zstd", "nsenter"))
    tmp_path.chmod(0o755)
    deb = build_deb(BAD, tmp_path)
    job = load("ci/gitlab.yml")[".pkgtools-check"]
    assert job["artifacts"]["when"] == "always"
    environment = {**job["variables"], "PKGTOOLS": "/src", "PACKAGES": "/srv/*.deb", **NO_INDEX}
    binds = (
        Bind(source=source, target="/src", writable=True),
        Bind(source=deb, target="/srv/a.deb"),
        Bind(source=wheels, target="/wheels"),
    )
    with System(root_directory("bookworm"), binds=binds, network=True) as system:
        for line in job["before_script"]:
            system.run("sh", "-ec", line, env=environment)
        (check,) = job["script"]
        done = system.run("sh", "-ec", f"cd /srv; {check}", env=environment, check=False)
        assert (done.exit, "<failure" in system.read("/srv/pkgtools.xml")) == (1, True)
    with System(root_directory("bookworm"), binds=binds, network=True) as system:
        entry = build_container(system)
        assert system.run(*entry, "check", "/srv/a.deb", uid=65534, check=False).exit == 1
        assert system.run(*entry, "--version", uid=65534).stdout


def build_container(system: System) -> list[str]:
    """Carry out the instructions of the Containerfile, in one system where it has two stages; return what it starts."""
    entry: list[str] = []
    for line in (CHECKOUT / "ci/Containerfile").read_text().splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "RUN":
            system.run("sh", "-ec", rest, env=NO_INDEX)
        elif instruction == "ENTRYPOINT":
            entry = json.loads(rest)
        else:
            assert instruction in {"#", "", "FROM", "COPY", "USER"}, line
    return entry


def test_hooks_run_commands_that_there_are() -> None:
    for hook in load(".pre-commit-hooks.yaml"):
        command = shlex.split(hook["entry"])
        assert (command[0], hook["language"]) == ("pkgtools", "python")
        done = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
        assert all(option in done.stdout for option in command[2:])


def test_the_hook_fails_where_generated_files_are_not_what_the_manifest_says(tmp_path: Path) -> None:
    (tmp_path / "pkgtools.toml").write_text("[packages.acme]\n")
    (hook,) = load(".pre-commit-hooks.yaml")
    argv = [*shlex.split(hook["entry"]), "--target", "deb", "--output", "out"]
    assert subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    make = ["pkgtools", "generate", "--target", "deb", "--output", "out"]
    subprocess.run(make, cwd=tmp_path, capture_output=True, check=True)
    assert subprocess.run(argv, cwd=tmp_path, capture_output=True, check=False).returncode == 0
