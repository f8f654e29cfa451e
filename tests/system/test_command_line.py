# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The pkgtools command as packages install it, with the libraries that a distribution has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.aptrepo import SOURCE, Repository
from tests.lab.archive import fetch
from tests.lab.debs import SamplePackage, build_deb
from tests.lab.ours import Build
from tests.lab.roots import root_directory
from tests.lab.rpms import build_rpm
from tests.lab.system import Bind, System
from tests.rules.bytecode import PRIVATE, cached, pair, pyc
from tests.rules.bytecode import SOURCE as TEXT

APT = ("apt-get", "-qq", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0")
M = f"{PRIVATE}/m.py"
FORMATS = ["text", "json", "sarif", "junit", "github", "html"]


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def system(request: pytest.FixtureRequest, ours: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Return a system with our packages and what they need, from the archive of its own release."""
    work: Path = tmp_path_factory.mktemp("command-line")
    work.chmod(0o755)
    repository = Repository(work / "repository")
    repository.add((*ours.debs(), ours.library(), *fetch(request.param, *ours.needs())))
    samples = work / "samples"
    samples.mkdir()
    build_deb(SamplePackage(name="acme", files={M: TEXT, cached(M): pyc(M)[:16]}), samples)
    build_rpm(SamplePackage(name="acme", files=pair(M)), samples)
    binds = (repository.bind, Bind(source=samples, target="/srv/samples"))
    with System(root_directory(request.param), binds=binds) as machine:
        machine.run("rm", "-f", "/etc/apt/sources.list")
        machine.write("/etc/apt/sources.list.d/lab.list", SOURCE)
        machine.run(*APT, "update")
        machine.run(*APT, "install", "pkgtools")
        yield machine


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written(system: System, form: str) -> None:
    done = system.run("pkgtools", "check", "--format", form, "/srv/samples/acme_1_all.deb", check=False)
    assert done.exit == 1, done.output
    assert "broken-pyc" in done.stdout
    assert done.stderr == ""


def test_rpm_is_read(system: System) -> None:
    path = system.run("find", "/srv/samples", "-name", "*.rpm").stdout.strip()
    read = json.loads(system.run("pkgtools", "inspect", "--json", path).stdout)
    assert (read["kind"], read["strategy"]) == ("rpm", "shipped")


def test_system_verifies_and_audits_itself(system: System) -> None:
    counts = json.loads(system.run("pkgtools", "verify", "--json").stdout)["counts"]
    assert counts["different"] == 0
    assert counts["identical"] > 100
    done = system.run("pkgtools", "audit", "--fail-on", "warning", check=False)
    assert done.exit == 0, done.output


def test_command_writes_no_bytecode_into_the_system(system: System) -> None:
    caches = "find /usr/lib/python3/dist-packages -name __pycache__ -path"
    system.run("sh", "-c", f"{caches} '*/click/*' -exec rm -r {{}} +")
    system.run("pkgtools", "verify", check=False)
    assert system.run("sh", "-c", f"{caches} '*/click/*'").stdout == ""
    system.run("pkgtools-trigger", "--all")


@pytest.mark.parametrize("command", ["audit", "check", "diff", "explain", "inspect", "rules list", "verify"])
def test_help_has_examples(system: System, command: str) -> None:
    done = system.run("pkgtools", *command.split(), "--help")
    assert "Examples:" in done.stdout
    assert "Exit status:" in done.stdout


def test_differences_and_pages_are_told(system: System) -> None:
    deb = "/srv/samples/acme_1_all.deb"
    rpm = system.run("find", "/srv/samples", "-name", "*.rpm").stdout.strip()
    done = system.run("pkgtools", "diff", deb, rpm, check=False)
    assert (done.exit, done.stderr) == (1, "")
    assert system.run("pkgtools", "explain", "stale-pyc").stdout.startswith("stale-pyc: ")
