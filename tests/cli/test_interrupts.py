# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A signal ends every command: no process is left, no temporary, no traceback, and the status says which it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click import Context

from pkgtools.cli.group import main
from tests.cli.packages import PKGTOOLS, environment, run, write_deb, write_source
from tests.lab.signals import ENDINGS, HUGE_SOURCE, compiling, end_while
from tests.readers.deb_crafted import END, deb, entry
from tests.runtime.faults import STRACE, require_strace

CONTROL = entry(b"./control", b"Package: huge\nVersion: 1\nArchitecture: all\n") + END
MANIFEST = '[packages.acme]\nprivate = [{ directory = "/usr/share/acme" }]\n'


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with two packages whose sources take very long."""
    top = tmp_path_factory.mktemp("pool")
    data = entry(b"./usr/lib/python3/dist-packages/huge.py", HUGE_SOURCE.encode()) + END
    for name in ("a", "b"):
        (top / f"{name}.deb").write_bytes(deb(data, CONTROL))
    return top


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_signal_leaves_no_worker(jobs: int, ending: str, pool: Path) -> None:
    number, status = ENDINGS[ending]
    argv = [*PKGTOOLS, "check", "--compile", f"-j{jobs}", pool]
    ended = end_while(argv, number, compiling(jobs), env=environment())
    assert (ended.status, ended.said, ended.left) == (status, b"", ())


def _write_tree(top: Path) -> None:
    (top / "pkgtools.toml").write_text(MANIFEST)
    write_deb(top / "a.deb", "a", bad=True)
    (top / "tree/usr/share/acme").mkdir(parents=True)
    (top / "tree/usr/share/acme/m.py").write_text("x = 1\n")
    write_source(top / "source")


WRITERS = {
    "generate": ("generate", "-t", "deb", "-o", "out"),
    "stage": ("stage", "-t", "deb", "tree"),
    "check": ("check", "-o", "report", "--json", "a.deb"),
    "init": ("init", "-o", "new.toml", "a.deb"),
    "migrate": ("migrate", "--write", "source"),
}


@pytest.mark.parametrize("call", ["fchmod,chmod,fchmodat", "rename,renameat,renameat2"])
@pytest.mark.parametrize("arguments", WRITERS.values(), ids=WRITERS)
def test_signal_while_a_file_is_written_leaves_no_temporary(
    arguments: tuple[str, ...], call: str, tmp_path: Path
) -> None:
    require_strace()
    _write_tree(tmp_path)
    names = ",".join(f"?{name}" for name in call.split(","))
    strace = [STRACE, "-o", "/dev/null", f"--trace={names}", f"--inject={names}:signal=TERM:when=1"]
    argv = [*map(str, strace), *PKGTOOLS, *arguments]
    done = subprocess.run(argv, check=False, capture_output=True, cwd=tmp_path, env=environment())
    assert done.returncode in {143, 0, 1}  # the others where there is no such call
    assert b"Traceback" not in done.stderr
    left = [path for path in tmp_path.rglob("*") if path.name.startswith((".pkgtools-", "tmp"))]
    assert left == []


TALKERS = {
    "archive": ("archive", "check", "none", "--allow-unsigned", "--store", "new.sqlite"),
    "rules": ("rules", "list"),
    "explain": ("explain", "stale-pyc"),
    "templates": ("templates", "list"),
    "init": ("init", "a.deb"),
    "lsp": ("lsp",),
    "migrate": ("migrate", "source"),
    "inspect": ("inspect", "a.deb"),
    "check": ("check", "a.deb"),
    "diff": ("diff", "a.deb", "tree"),
    "try": ("try", "--root", "tree", "a.deb"),
    "verify": ("verify", "a.deb"),
    "generate": ("generate", "-t", "deb", "-o", "out"),
    "audit": ("audit", "--no-compile", "tree"),
    "stage": ("stage", "-t", "deb", "tree"),
    "rules as JSON": ("rules", "list", "--json"),
    "a template": ("templates", "show", "deb/postinst.sh.j2"),
    "copied templates": ("templates", "copy", "deb/postinst.sh.j2", "mine"),
    "page of check": ("check", "-f", "html", "a.deb"),
    "page of diff": ("diff", "-f", "html", "a.deb", "tree"),
    "page of audit": ("audit", "--no-compile", "-f", "html", "tree"),
    "page of verify": ("verify", "-f", "html", "a.deb"),
    "JSON of inspect": ("inspect", "--json", "a.deb"),
    "version": ("--version",),
    "help": ("--help",),
    "help of check": ("check", "--help"),
}


def test_talkers_are_all_commands() -> None:
    assert set(main.list_commands(Context(main))) <= {arguments[0] for arguments in TALKERS.values()}


@pytest.mark.parametrize("arguments", TALKERS.values(), ids=TALKERS)
def test_pipe_that_is_closed_is_silent(arguments: tuple[str, ...], tmp_path: Path) -> None:
    _write_tree(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PKGTOOLS, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(),
    )
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert b"roken pipe" not in done.stderr
    assert done.returncode != 1  # which would be a finding


FAULTS = {
    "archive": ("archive", "check", "none", "--allow-unsigned", "--store", "new.sqlite"),
    "diff": ("diff", "none.deb", "none.deb"),
    "inspect": ("inspect", "none.deb"),
    "generate": ("generate", "-t", "deb", "-o", "out", "-m", "none.toml"),
    "stage": ("stage", "-t", "deb", "-m", "none.toml", "."),
    "init": ("init", "none.deb"),
    "migrate": ("migrate", "none"),
    "templates": ("templates", "show", "none"),
    "explain": ("explain", "none"),
    "check": ("check", "-r", "none", "."),
    "audit": ("audit", "none"),
    "verify": ("verify", "none"),
    "try": ("try", "--root", "none", "none"),
}


@pytest.mark.parametrize(("command", "arguments"), FAULTS.items(), ids=FAULTS)
def test_error_is_one_line_that_names_the_command(command: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pkgtools {command}: ")
    assert done.stderr.count("\n") == 1


def test_interrupt_that_meets_a_destructor_is_raised_again() -> None:
    code = """
import os, signal, time
from pkgtools.runtime.interrupts import exit_with

class Met:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

def program():
    Met()
    while True:
        signal.pause()

exit_with(program)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, env=environment(), timeout=60)
    assert (done.returncode, done.stderr) == (143, b"")


def test_signal_to_what_starts_another_program_of_ours_leaves_no_worker(tmp_path: Path) -> None:
    (tmp_path / "pkgtools.toml").write_text(f'strategy = "shipped"\n{MANIFEST}')
    (tmp_path / "tree/usr/share/acme").mkdir(parents=True)
    (tmp_path / "tree/usr/share/acme/m.py").write_text(HUGE_SOURCE)
    argv = [*PKGTOOLS, "stage", "-t", "rpm", "tree"]
    ended = end_while(argv, signal.SIGTERM, compiling(1), env=environment(), cwd=tmp_path)
    assert (ended.status, ended.said, ended.left) == (143, b"", ())
    assert [*tmp_path.rglob(".pkgtools-*")] == []
