# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The launcher where Python is missing, crashes or is too old, and where the runtime is gone: no package suffers.

Each test runs in a mount namespace of its own, with an overlay of /usr/bin.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.runtime.sandbox import APP, CLEAN_ENVIRONMENT, HOST_PYTHON, PUBLIC, TRIGGERS, Ran, Sandbox, pyc_of, ran

ORIGINAL = '#!/bin/sh\nprintf "%s\\n" "$0" "$@" >> "$DPKG_ROOT/called"\ncat >> "$DPKG_ROOT/input"\nexit ${STATUS:-0}\n'
CRASHING = "#!/bin/sh\nkill -SEGV $$\n"
FAILING = "#!/bin/sh\necho Traceback >&2\nexit 1\n"
OLD = "#!/bin/sh\nexit 99\n"
SPYING = f'#!/bin/sh\necho python >> "$DPKG_ROOT/called"\nexec {HOST_PYTHON}.real "$@"\n'
SCRIPT = {"DPKG_MAINTSCRIPT_NAME": "postinst"}
NAMES = ("python3", HOST_PYTHON.name)


@dataclass(slots=True)
class Machine:
    """A system as DPKG_ROOT says it, and this machine with other programs in /usr/bin."""

    sandbox: Sandbox
    upper: Path
    triggers: Path

    def put(self, name: str, text: str | None) -> None:
        """Put a program into /usr/bin; None takes it away."""
        target = self.upper / name
        target.unlink(missing_ok=True)
        if text is None:
            os.mknod(target, 0o600 | 0o020000, 0)  # an overlay's mark for what is gone
            return
        target.write_text(text)
        target.chmod(0o755)

    def run(self, command: str, *arguments: str, given: str = "", environment: Mapping[str, str] | None = None) -> Ran:
        """Run one of our commands."""
        work = self.upper.with_name("work")
        work.mkdir(exist_ok=True)
        options = f"lowerdir=/usr/bin,upperdir={self.upper},workdir={work}"
        script = 'mount -t overlay -o "$1" overlay /usr/bin || exit 77; shift; exec "$@"'
        argv = ["unshare", "--mount", "sh", "-c", script, "sh", options, str(self.triggers / command), *arguments]
        env = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(self.sandbox.root), **(environment or {})}
        done = subprocess.run(argv, input=given.encode(), capture_output=True, env=env, check=False, timeout=100)
        if done.returncode == 77 or b"unshare" in done.stderr:
            (pytest.fail if os.environ.get("CI") else pytest.skip)(f"can't mount an overlay: {done.stderr!r}")
        return ran(done, "")

    def called(self) -> list[str]:
        """Return what was called in our place, word by word."""
        path = Path(self.sandbox.path("/called"))
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(sandbox: Sandbox) -> Machine:
    upper = sandbox.root.parent / "upper"
    upper.mkdir(mode=0o755)
    found = Machine(sandbox, upper, TRIGGERS)
    for command in ("py3compile", "py3clean"):
        found.put(f"{command}.distrib", ORIGINAL)
    shutil.copy(HOST_PYTHON, upper / f"{HOST_PYTHON.name}.real")
    sandbox.write(f"{APP}/m.py")
    return found


def know(sandbox: Sandbox, *files: str, package: str = "acme") -> None:
    """Write what dpkg knows of a package."""
    entry = f"Package: {package}\nStatus: install ok installed\nMaintainer: x <x@example.org>\n"
    sandbox.write("/var/lib/dpkg/status", f"{entry}Architecture: all\nVersion: 1\nDescription: x\n\n")
    sandbox.directory("/var/lib/dpkg/updates")
    sandbox.write("/var/lib/dpkg/info/format", "1\n")
    sandbox.write(f"/var/lib/dpkg/info/{package}.list", "".join(f"{path}\n" for path in files))


FAULTS: dict[str, dict[str, str | None]] = {
    "missing": dict.fromkeys(NAMES),
    "crashing": dict.fromkeys(NAMES, CRASHING),
    "failing": dict.fromkeys(NAMES, FAILING),
    "too old": dict.fromkeys(NAMES, OLD),
    "not executable": dict.fromkeys(NAMES, "\0"),
}


def _break(machine: Machine, fault: str) -> None:
    for name, text in FAULTS[fault].items():
        machine.put(name, text)


@pytest.mark.parametrize("fault", FAULTS)
def test_original_compiles_where_no_python_runs_ours(fault: str, machine: Machine) -> None:
    _break(machine, fault)
    done = machine.run("py3compile", "-p", "acme", "-X", "a b", APP, given="input", environment=SCRIPT)
    assert (done.status, done.output) == (0, "")
    assert machine.called() == ["/usr/bin/py3compile.distrib", "-p", "acme", "-X", "a b", APP]
    assert machine.sandbox.read("/input") == b"input"


@pytest.mark.parametrize("status", ["1", "2", "139"])
@pytest.mark.parametrize("fault", FAULTS)
def test_no_package_stays_half_configured_where_the_original_fails_too(
    fault: str, status: str, machine: Machine
) -> None:
    _break(machine, fault)
    arguments = ("py3compile", "-p", "acme", APP)
    assert machine.run(*arguments, environment={**SCRIPT, "STATUS": status}).status == 0
    assert machine.run(*arguments, environment={"STATUS": status}).status == int(status)


def test_nothing_runs_at_all(machine: Machine) -> None:
    _break(machine, "missing")
    machine.put("py3compile.distrib", None)
    done = machine.run("py3compile", APP)
    assert (done.status, done.talk.count("\n")) == (1, 1)
    assert machine.run("py3compile", APP, environment=SCRIPT).status == 0


def test_another_python_runs_ours_where_python3_does_not(machine: Machine) -> None:
    for text in (OLD, CRASHING, FAILING, None):
        machine.put("python3", text)
        assert machine.run("py3compile", "-f", APP, environment=SCRIPT).status == 0
        assert machine.run("pkgtools-compile", "-f", APP).status == 0
        assert machine.sandbox.exists(pyc_of(f"{APP}/m.py"))
        assert machine.run("pkgtools-clean", APP).status == 0
    assert machine.called() == []


@pytest.mark.parametrize("command", ["py3compile", "py3clean"])
def test_stand_in_without_the_runtime_leaves_the_work_to_the_original(command: str, machine: Machine) -> None:
    machine.triggers = machine.upper.with_name("stand-ins")
    machine.triggers.mkdir()
    for name in ("launch", "python.sh", "clean-without-python"):  # as pkgtools-py3compile has them
        shutil.copy(TRIGGERS / name, machine.triggers)
    (machine.triggers / command).symlink_to("launch")
    done = machine.run(command, "-p", "acme", APP, environment=SCRIPT)
    assert done.status == 0
    assert machine.called() == [f"/usr/bin/{command}.distrib", "-p", "acme", APP]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("py3compile", "--no-such-option"), 2),
        (("py3compile", "-p", "no-such-package"), 1),
        (("py3compile", "-V", "3.99", APP), 3),
        (("py3clean", "--no-such-option"), 2),
        (("py3clean", "-p", "no-such-package"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_failure_that_ours_reports_is_its_answer(arguments: tuple[str, ...], status: int, machine: Machine) -> None:
    done = machine.run(*arguments)
    assert (done.status, machine.called()) == (status, [])
    assert "without it" not in done.talk


@pytest.mark.parametrize("command", ["py3clean", "pkgtools-clean"])
@pytest.mark.parametrize("fault", FAULTS)
def test_clean_in_shell_where_no_python_runs_ours(fault: str, command: str, machine: Machine) -> None:
    source = machine.sandbox.write(f"{PUBLIC}/m.py")
    pyc = machine.sandbox.write(pyc_of(source))
    know(machine.sandbox, source)
    _break(machine, fault)
    done = machine.run(command, "-p", "acme", environment={"DPKG_MAINTSCRIPT_NAME": "preinst"})
    assert (done.status, machine.called()) == (0, [])
    assert not machine.sandbox.exists(pyc)


def test_clean_that_shell_cannot_do_is_left_to_the_original(machine: Machine) -> None:
    _break(machine, "missing")
    assert machine.run("py3clean", "-V", "3.11", APP).status == 0
    assert machine.called() == ["/usr/bin/py3clean.distrib", "-V", "3.11", APP]


@pytest.mark.parametrize("command", ["pkgtools-compile", "pkgtools-trigger"])
def test_command_without_a_stand_in_says_that_python_does_not_run(command: str, machine: Machine) -> None:
    _break(machine, "missing")
    done = machine.run(command, APP)
    assert (done.status, done.talk.count("\n")) == (2, 1)
    assert "does not run" in done.talk


PLAIN = ("/.", "/usr/lib/python3/dist-packages/m.py", "/etc/init.d", "/etc/cron.d", "/usr/share/doc/systemd/system/x")
SERVICES = (
    "/lib/systemd/system/a.service",
    "/usr/lib/systemd/system/a b.timer",
    "/usr/lib/systemd/user/a.service",
    "/etc/systemd/system/a.service",
    "/etc/init.d/a",
    "/etc/cron.d/a",
    "/etc/cron.daily/a",
    "/var/spool/cron/crontabs/a",
    "/usr/share/dbus-1/services/a.service",
    "/usr/share/dbus-1/system-services/a.service",
)


def _spy(machine: Machine) -> None:
    for name in NAMES:
        machine.put(name, SPYING)


@pytest.mark.parametrize("arguments", [("-p", "acme"), ("-q", "-pacme"), ("--package=acme", "-v")], ids=" ".join)
def test_public_modules_in_a_postinst_are_left_to_the_trigger_without_python(
    arguments: tuple[str, ...], machine: Machine
) -> None:
    know(machine.sandbox, *PLAIN)
    _spy(machine)
    done = machine.run("py3compile", *arguments, environment=SCRIPT)
    assert (done.status, done.output, done.talk, machine.called()) == (0, "", "", [])


def test_list_of_an_architecture_is_read(machine: Machine) -> None:
    know(machine.sandbox, *PLAIN, package="acme:arm64")
    _spy(machine)
    assert machine.run("py3compile", "-p", "acme:arm64", environment=SCRIPT).status == 0
    environment = {**SCRIPT, "DPKG_MAINTSCRIPT_ARCH": "arm64"}
    assert machine.run("py3compile", "-p", "acme", environment=environment).status == 0
    assert machine.called() == []


@pytest.mark.parametrize("path", SERVICES)
def test_modules_of_what_starts_before_the_trigger_are_compiled_at_once(path: str, machine: Machine) -> None:
    source = machine.sandbox.write(f"{PUBLIC}/m.py")
    know(machine.sandbox, source, path)
    assert machine.run("py3compile", "-p", "acme", environment=SCRIPT).status == 0
    assert machine.sandbox.exists(pyc_of(source))


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (("-p", "acme"), {}),
        (("-p", "acme"), {"DPKG_MAINTSCRIPT_NAME": "preinst"}),
        (("-p", "acme", "-O"), SCRIPT),
        (("-p", "acme", "/usr/share/acme"), SCRIPT),
        (("-p", "../info/acme"), SCRIPT),
        (("-p", "other"), SCRIPT),
        (("-p",), SCRIPT),
    ],
    ids=str,
)
def test_all_else_is_pythons_to_answer(
    arguments: tuple[str, ...], environment: dict[str, str], machine: Machine
) -> None:
    know(machine.sandbox, *PLAIN)
    _spy(machine)
    machine.run("py3compile", *arguments, environment=environment)
    assert machine.called()[0] == "python"


@pytest.mark.parametrize("arguments", [("--rpm-stdin",), ("--from0", "-")], ids=" ".join)
def test_standard_input_reaches_the_program(arguments: tuple[str, ...], machine: Machine) -> None:
    source = machine.sandbox.write(f"{PUBLIC}/m.py")
    end = "\n" if arguments == ("--rpm-stdin",) else "\0"
    assert machine.run("pkgtools-compile", *arguments, given=f"{source}{end}").status == 0
    assert machine.sandbox.exists(pyc_of(source))


@pytest.mark.parametrize("name", ["launch", "python.sh", "run.py", "clean-without-python", "py3compile", "py3clean"])
def test_launchers_are_executable_and_isolated(name: str) -> None:
    path = TRIGGERS / name
    assert os.access(path, os.X_OK)
    assert path.read_text().partition("\n")[0] in {"#!/usr/bin/python3 -IBSXutf8", "#!/bin/sh"}


def test_blocked_signal_of_ended_children_is_no_hang(sandbox: Sandbox) -> None:
    """rpm 4.16 runs scriptlets with SIGCHLD blocked: dash then waits for ever for what runs in the background."""
    source = sandbox.write(f"{APP}/m.py")
    block = (
        "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD]); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    ran = sandbox.compile(APP, wrapper=("/usr/bin/python3", "-I", "-c", block))
    assert (ran.status, sandbox.pycs()) == (0, {pyc_of(source)})


@pytest.mark.parametrize("command", ["pkgtools-clean", "py3clean"])
def test_prerm_wakes_the_trigger_of_its_own_system_alone(command: str, machine: Machine) -> None:
    machine.put("dpkg-trigger", '#!/bin/sh\nprintf "%s\\n" "$0" "$@" >> "$DPKG_ROOT/called"\n')
    know(machine.sandbox, f"{APP}/m.py")
    prerm = {"DPKG_MAINTSCRIPT_NAME": "prerm", "DPKG_MAINTSCRIPT_PACKAGE": "acme"}
    noted = Path(machine.sandbox.path("/var/lib/pkgtools/cleaned"))
    root = str(machine.sandbox.root)
    for other in (("--root", root), (f"--root={root}",)) if command == "pkgtools-clean" else ():
        assert machine.run(command, *other, "-p", "acme", environment=prerm).status == 0
        assert (machine.called(), noted.exists()) == ([], False)
    assert machine.run(command, "-p", "acme", environment=prerm).status == 0
    assert machine.called() == ["/usr/bin/dpkg-trigger", "--no-await", "pkgtools-bytecode"]
    assert noted.read_text() == "acme\n"
