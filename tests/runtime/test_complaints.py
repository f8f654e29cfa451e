# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What people are told: each cause once, where it is new, in few lines; the whole is in the report."""

from __future__ import annotations

import errno
import json
import os
import pty
import subprocess

import pytest

from pkgtools.runtime.complaints import by_cause
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.policy.sources import problem
from tests.runtime.mounts import read_only
from tests.runtime.records import know
from tests.runtime.sandbox import APP, HOST_PYTHON, PUBLIC, TRIGGERS, Ran, Sandbox

BAD = "from {{ slug }} import y\n"
REPORT = "/var/lib/pkgtools/trigger.json"


def _batch(sandbox: Sandbox, *options: str) -> Ran:
    return sandbox.run("pkgtools-trigger", *options)


def _template(sandbox: Sandbox, name: str = "cutter") -> str:
    """Install a package with a template called .py."""
    source = sandbox.write(f"{PUBLIC}/{name}/main.py", BAD)
    know(sandbox, [source], name)
    return source


def _outcome(path: str, detail: str = "", reason: Reason = Reason.IO_ERROR) -> Outcome:
    return Outcome(Status.ERROR, reason, InstalledPath(path), detail=detail)


def test_a_cause_is_one_line_for_each_directory() -> None:
    outcomes = [_outcome(f"/opt/{where}/{name}", "no") for where in "ab" for name in ("x.py", "y.py", "z.py")]
    assert by_cause(outcomes, 6) == ["/opt/a: io-error: 3 files: no", "/opt/b: io-error: 3 files: no"]


def test_two_causes_in_a_directory_are_two_lines() -> None:
    outcomes = [_outcome("/opt/a/x.py", "no"), _outcome("/opt/a/y.py", "never")]
    assert by_cause(outcomes, 2) == ["/opt/a/x.py: io-error: no", "/opt/a/y.py: io-error: never"]


def test_what_ails_a_file_system_is_one_line_for_all_directories() -> None:
    paths = [f"/opt/{where}/__pycache__/{name}.pyc" for where in "ab" for name in "xyz"]
    assert by_cause([_outcome(path, "no", Reason.READ_ONLY) for path in paths], 6) == ["/opt: read-only: 6 files: no"]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM])
def test_user_without_rights_gets_one_line(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    error = OSError(number, os.strerror(number))
    path = InstalledPath("/opt/a/__pycache__")
    assert problem(path, error).reason is Reason.IO_ERROR  # root has every right: something else is wrong
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    outcomes = [problem(path, error), *(problem(InstalledPath(f"/opt/{one}/m.pyc"), error) for one in "abc")]
    assert by_cause(outcomes, 3) == ["/opt: no-permission: 4 files: run it as root"]


def test_control_characters_in_names_are_escaped_in_a_line_for_many(sandbox: Sandbox) -> None:
    (line,) = by_cause([_outcome(f"/opt/a\x1b\n/{name}", "no") for name in "xy"], 2)
    assert line == "/opt/a\\x1b\\n: io-error: 2 files: no"


@pytest.mark.parametrize("command", ["pkgtools-compile", "py3compile"])
def test_a_read_only_file_system_is_one_line(command: str, sandbox: Sandbox) -> None:
    for number in range(30):
        sandbox.write(f"{APP}/d{number % 3}/m{number}.py")
    with read_only(sandbox.path(APP)):
        environment = {**sandbox.environment, "DPKG_ROOT": str(sandbox.root)}
        argv = [str(TRIGGERS / command), APP]
        done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines() == [f"{command}: {APP}: read-only: 30 files: Read-only file system"]


def test_no_command_prints_more_than_a_few_lines(sandbox: Sandbox) -> None:
    for number in range(9):
        sandbox.write(f"{APP}/bad{number}.py", "\n" * number + "x = (\n")
    lines = sandbox.compile(APP).talk.splitlines()
    assert (len(lines), lines[-1]) == (6, "pkgtools-compile: and 4 more: --verbose lists them")


def test_a_template_is_named_when_its_package_comes_and_never_again(sandbox: Sandbox) -> None:
    source = _template(sandbox)
    first = _batch(sandbox)
    assert (first.talk.count("\n"), first.talk.count(source)) == (1, 1)
    know(sandbox, [sandbox.write(f"{PUBLIC}/other.py")], "other")
    assert _batch(sandbox).talk == ""
    assert _batch(sandbox, "--all").talk == ""


def test_what_was_told_stays_in_the_report_until_its_module_is_looked_at(sandbox: Sandbox) -> None:
    source = _template(sandbox)
    _batch(sandbox)
    know(sandbox, [sandbox.write(f"{PUBLIC}/other.py")], "other")
    for _ in range(2):
        _batch(sandbox)
        assert [one["source"] for one in json.loads(sandbox.read(REPORT))["standing"]] == [source]
    sandbox.write(source)
    know(sandbox, [source], "cutter", version="2")
    _batch(sandbox)
    assert json.loads(sandbox.read(REPORT))["standing"] == []


def test_another_error_in_the_same_module_is_new(sandbox: Sandbox) -> None:
    source = _template(sandbox)
    _batch(sandbox)
    sandbox.write(source, "x = (\n")
    know(sandbox, [source], "cutter", version="2")
    assert source in _batch(sandbox).talk


def test_a_module_that_is_put_right_and_breaks_again_is_told_again(sandbox: Sandbox) -> None:
    source = _template(sandbox)
    for version, text, told in (("1", BAD, 1), ("2", "x = 1\n", 0), ("3", BAD, 1)):
        sandbox.write(source, text)
        know(sandbox, [source], "cutter", version=version)
        assert _batch(sandbox).talk.count("\n") == told


def test_modules_of_an_interpreter_that_is_not_there_are_one_line(sandbox: Sandbox) -> None:
    for number in range(1200):
        sandbox.write(f"/usr/lib/python3.99/dist-packages/m{number}.py")
    sandbox.write(f"{PUBLIC}/m.py")
    sandbox.write(f"{PUBLIC}/n.py")
    text = "1,200 of 1,202 modules need Python 3.99, which is not installed: install it, or remove them"
    first = "/usr/lib/python3.99/dist-packages/m0.py"
    assert _batch(sandbox).talk.splitlines() == [f"pkgtools-trigger: {text}; the first is {first}"]


def test_registered_directory_of_a_version_that_is_not_there_is_told(sandbox: Sandbox) -> None:
    sandbox.write("/usr/share/acme/m.py")
    sandbox.write("/usr/share/pkgtools/private.d/acme.conf", "compile|3.99|/usr/share/acme\n")
    assert "1 of 1 modules need Python 3.99, which is not installed" in _batch(sandbox).talk


def test_version_that_was_asked_for_and_is_not_there_ends_with_2(sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    ran = sandbox.compile("-V", "3.99", APP)
    assert (ran.status, ran.talk.count("\n"), ran.of("/usr/bin")) == (2, 1, ("error", "no-interpreter"))
    assert "Python 3.99" in ran.talk
    version = HOST_PYTHON.name.removeprefix("python")
    assert sandbox.compile("-V", version, APP).summary == {"compiled": 1}


def test_refused_directory_of_a_service_is_told_once_with_advice_that_can_be_followed(sandbox: Sandbox) -> None:
    directory = sandbox.directory("/var/lib/svc", owner=(1000, 1000))
    source = sandbox.write(f"{directory}/m.py", owner=(1000, 1000))
    drop_in = sandbox.write("/usr/share/pkgtools/private.d/svc.conf", f"compile||{directory}\n")
    know(sandbox, [drop_in, source], "svc")
    first = _batch(sandbox)
    assert (first.status, first.talk.count("\n"), first.talk.count(directory)) == (2, 1, 1)
    assert "have its package call pkgtools-compile --as-owner" in first.talk
    know(sandbox, [sandbox.write(f"{PUBLIC}/other.py")], "other")
    assert _batch(sandbox).talk == ""
    os.chown(sandbox.path(directory), 0, 0)
    os.chown(sandbox.path(source), 0, 0)
    assert _batch(sandbox).summary == {"compiled": 1}


def test_one_refusal_of_the_state_directory_is_one_line(sandbox: Sandbox) -> None:
    sandbox.write(f"{PUBLIC}/m.py")
    os.chmod(sandbox.path("/var/lib/pkgtools"), 0o777)
    ran = _batch(sandbox)
    assert (ran.status, ran.talk.count("\n")) == (2, 1)


WATCHED = [({}, True), ({"DPKG_MAINTSCRIPT_NAME": "postinst"}, False), ({"DPKG_RUNNING_VERSION": "1.21.22"}, False)]


@pytest.mark.parametrize(("environment", "drawn"), WATCHED, ids=["person", "postinst", "dpkg"])
def test_bar_is_for_a_terminal_that_a_person_watches(
    environment: dict[str, str], drawn: bool, sandbox: Sandbox
) -> None:
    """apt gives maintainer scripts a terminal of their own, and keeps a log of it."""
    sandbox.write(f"{APP}/slow.py", "x = (" + "1 +" * 9000 + "1)\n")
    for number in range(400):
        sandbox.write(f"{APP}/m{number}.py", "".join(f"def f{n}(x):\n    return [x] * {n}\n" for n in range(150)))
    ours, theirs = pty.openpty()
    argv = [str(TRIGGERS / "pkgtools-compile"), "--root", str(sandbox.root), APP]
    with subprocess.Popen(argv, stderr=theirs, env={**sandbox.environment, **environment}) as process:
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # EIO: the other end is closed
            pass
        os.close(ours)
    assert (b"compiling [" in said, process.returncode) == (drawn, 0)
