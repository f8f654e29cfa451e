# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What could not be looked at is told, is in the batch's report, and is exit status 2: never 'nothing to do'."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.runtime.faults import STRACE, require_strace
from tests.runtime.sandbox import PUBLIC, Ran, Sandbox, pyc_of

PRIVATE = "/usr/share/acme"
PLACES = ("/usr/lib", "/usr/share/pkgtools/private.d", "/usr/share/python3/bcep")
FILES = {
    "/usr/share/pkgtools/private.d/acme.conf": f"compile|3.6-|{PRIVATE}\n",
    "/usr/share/python3/bcep/acme": "dir|-|/usr/share/other\n",
    "/etc/pkgtools/bytecode.conf": "compile = yes\n",
    "/var/lib/pkgtools/packages": "",
}


@pytest.fixture
def system(sandbox: Sandbox) -> Sandbox:
    sandbox.write(f"{PUBLIC}/m.py")
    sandbox.write(f"{PRIVATE}/m.py")
    sandbox.directory("/usr/lib64")
    for path, text in FILES.items():
        sandbox.write(path, text)
    assert sandbox.run("pkgtools-trigger", "--dry-run").status == 0
    return sandbox


def _is_told(ran: Ran, system: Sandbox, path: str) -> None:
    assert ran.status == 2
    assert path in ran.talk
    told = {one.path: one.status for one in ran.told}
    assert told[path] in {"error", "refused"}
    kept = json.loads(system.read("/var/lib/pkgtools/trigger.json"))
    assert kept["exit"] == 2
    assert path in {one["path"] for one in kept["outcomes"]}


@pytest.mark.parametrize("path", PLACES)
def test_directory_of_another_user_is_told(path: str, system: Sandbox) -> None:
    os.chown(system.path(path), 1000, 1000)
    _is_told(system.run("pkgtools-trigger"), system, path)


@pytest.mark.parametrize("path", PLACES)
def test_directory_that_others_can_write_is_told(path: str, system: Sandbox) -> None:
    os.chmod(system.path(path), 0o777)
    _is_told(system.run("pkgtools-trigger"), system, path)


@pytest.mark.parametrize("path", FILES)
def test_file_of_another_user_is_told(path: str, system: Sandbox) -> None:
    os.chown(system.path(path), 1000, 1000)
    _is_told(system.run("pkgtools-trigger"), system, path)


@pytest.mark.parametrize("path", PLACES[1:])
def test_file_in_a_directorys_place_is_told(path: str, system: Sandbox) -> None:
    Path(system.path(path)).rename(system.path(f"{path}.away"))
    system.write(path, "no directory")
    _is_told(system.run("pkgtools-trigger"), system, path)


@pytest.mark.parametrize("path", PLACES)
def test_directory_that_cannot_be_read_is_told(path: str, system: Sandbox) -> None:
    require_strace()
    names = "getdents64"
    wrapper = (str(STRACE), "-o", "/dev/null", f"--trace={names}", f"--trace-path={system.path(path)}")
    ran = system.run("pkgtools-trigger", wrapper=(*wrapper, f"--inject={names}:error=EIO"))
    _is_told(ran, system, path)


@pytest.mark.parametrize("path", PLACES[1:])
def test_compiling_a_package_tells_that_its_registration_could_not_be_read(path: str, system: Sandbox) -> None:
    os.chown(system.path(path), 1000, 1000)
    ran = system.compile("--rpm-stdin", given=f"{PUBLIC}/m.py\n".encode())
    assert ran.status == 2
    assert path in ran.talk
    assert system.exists(pyc_of(f"{PUBLIC}/m.py"))  # what could be done is done


@pytest.mark.parametrize("path", PLACES)
def test_removing_all_tells_what_it_could_not_look_at(path: str, system: Sandbox) -> None:
    os.chown(system.path(path), 1000, 1000)
    ran = system.run("pkgtools-trigger", "--remove-all")
    assert ran.status == 2
    assert path in ran.talk


@pytest.mark.parametrize("path", [*PLACES, *list(FILES)[:3]])
def test_audit_finds_what_the_runtime_can_not_read(path: str, system: Sandbox) -> None:
    os.chown(system.path(path), 1000, 1000)
    done = cli_runner().invoke(main, ["audit", "--no-compile", "--json", str(system.root)])
    assert done.exit_code == 1
    findings = json.loads(done.stdout)["verdicts"][0]["findings"]
    found = {one["rule"] for one in findings if path in one["path"] and one["severity"] != "info"}
    assert found in ({"refused-at-installation"}, {"untrusted-path"})


def test_missing_directories_are_no_problem(sandbox: Sandbox) -> None:
    os.rmdir(sandbox.path("/var/cache/pkgtools"))
    ran = sandbox.run("pkgtools-trigger")
    assert (ran.status, ran.talk, ran.told) == (0, "", ())


def test_batch_that_cannot_begin_is_in_its_report(system: Sandbox) -> None:
    os.chmod(system.path("/usr/bin"), 0o777)
    ran = system.run("pkgtools-trigger")
    assert (ran.status, ran.talk.count("\n")) == (2, 1)
    kept = json.loads(system.read("/var/lib/pkgtools/trigger.json"))
    assert kept["exit"] == 2
    assert {(one["status"], one["path"]) for one in kept["outcomes"]} == {("refused", "/usr/bin")}
