# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The start of the commands: what is imported exists in python3-minimal, and nothing else is."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.runtime.batches import STATE, batch, install
from tests.runtime.faults import STRACE, require_strace
from tests.runtime.sandbox import APP, CHECKOUT, CLEAN_ENVIRONMENT, TRIGGERS, Sandbox
from tools.house.modules import MINIMAL_MODULES

COMMANDS = {"compile": (APP,), "clean": (APP,), "trigger": (), "py3compile": (APP,), "py3clean": (APP,)}
OF_ARGPARSE = {"shutil", "bz2", "lzma", "gettext", "copyreg"}
"""What argparse asks for and does without, where it isn't there (python3-minimal's is patched to)."""
PRIVATE = re.compile(r"_\w+|zipimport|nt|winreg|encodings(\.\w+)*|site|frozen.*")


def _imported(sandbox: Sandbox, command: str, *arguments: str) -> set[str]:
    program = str(CHECKOUT / "triggers/run.py")
    argv = ["/usr/bin/python3", "-X", "importtime", "-IBS", "-X", "utf8", program, command, *arguments]
    environment = {**CLEAN_ENVIRONMENT, "DPKG_ROOT": str(sandbox.root)}
    done = subprocess.run(argv, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 100, done
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


@pytest.mark.parametrize("command", COMMANDS)
def test_only_what_python3_minimal_has_is_imported(command: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    names = _imported(sandbox, command, *COMMANDS[command])
    foreign = {n for n in names if n.partition(".")[0] not in MINIMAL_MODULES | {"pkgtools", "imported package"}}
    assert {name for name in foreign - OF_ARGPARSE if not PRIVATE.fullmatch(name)} == set()


SLOW_MODULES = {"typing", "logging", "pathlib", "dataclasses", "subprocess", "multiprocessing", "inspect", "tempfile"}


@pytest.mark.parametrize("command", ["compile", "trigger"])
def test_run_with_nothing_to_do_imports_nothing_slow(command: str, sandbox: Sandbox) -> None:
    sandbox.write(f"{APP}/m.py")
    sandbox.compile(APP)
    assert _imported(sandbox, command, *COMMANDS[command]) & (SLOW_MODULES - {"typing"}) == set()


def test_batch_with_nothing_to_do_loads_nothing_that_cleans_or_compiles(sandbox: Sandbox) -> None:
    sandbox.directory(STATE)
    install(sandbox, "small", "m")
    batch(sandbox)
    names = _imported(sandbox, "trigger")
    needless = ("clean.", "compile.perform", "compile.resolve", "system.packages", "batch.choices")
    assert [name for name in names if name.startswith(tuple(f"pkgtools.runtime.{one}" for one in needless))] == []


def test_launcher_that_is_no_link_starts_no_process_but_python(tmp_path: Path) -> None:
    require_strace()
    (tmp_path / "pkgtools").symlink_to(TRIGGERS.parent / "pkgtools")
    (tmp_path / "triggers").mkdir()
    for name in ("python.sh", "run.py"):
        (tmp_path / "triggers" / name).symlink_to(TRIGGERS / name)
    command = Path(shutil.copy(TRIGGERS / "launch", tmp_path / "triggers" / "pkgtools-compile"))
    log = tmp_path / "log"
    argv = list(map(str, (STRACE, "-f", "-e", "trace=execve", "-o", log, command, "--version")))
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env=CLEAN_ENVIRONMENT)
    assert re.findall(r'execve\("[^"]*/([^"/]+)".* = 0', log.read_text()) == ["pkgtools-compile", "python3"]


def test_link_to_the_launcher_finds_its_files(tmp_path: Path) -> None:
    command = tmp_path / "pkgtools-compile"
    command.symlink_to(TRIGGERS / "launch")
    done = subprocess.run([command, "--version"], capture_output=True, env=CLEAN_ENVIRONMENT, check=True)
    assert done.stdout.startswith(b"pkgtools-compile ")


def test_command_called_by_a_relative_name_finds_its_files() -> None:
    done = subprocess.run(
        ["./pkgtools-compile", "--version"], cwd=TRIGGERS, capture_output=True, env=CLEAN_ENVIRONMENT, check=True
    )
    assert done.stdout.startswith(b"pkgtools-compile ")


@pytest.mark.parametrize("option", ["--help", "--version"])
@pytest.mark.parametrize("command", ["pkgtools-compile", "pkgtools-clean", "pkgtools-trigger"])
def test_help_and_version_are_on_standard_output(command: str, option: str) -> None:
    done = subprocess.run(
        [TRIGGERS / command, option], capture_output=True, text=True, env=CLEAN_ENVIRONMENT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert command in done.stdout
