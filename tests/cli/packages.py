# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Small packages with and without findings, and the command as a process of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from pkgtools.cli.group import main
from tests.lab.cli import cli_runner
from tests.lab.ours import CHECKOUT
from tests.readers.deb_crafted import END, deb, entry

PKGTOOLS = (sys.executable, "-m", "pkgtools.cli")

BAD = entry(b"./usr/lib/python3/dist-packages/x/__pycache__/m.cpython-311.pyc", b"no pyc")
"""Ships bytecode, and a broken one."""


def write_deb(path: Path, name: str, *, bad: bool = False) -> Path:
    """Write a package, which has findings of severity ERROR if it is to be `bad`."""
    control = entry(b"./control", f"Package: {name}\nVersion: 1\nArchitecture: all\n".encode()) + END
    data = entry(b"./usr/share/doc/x", b"text") + (BAD if bad else b"") + END
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(deb(data, control))
    return path


def write_source(top: Path) -> Path:
    """Write a source package that is built with dh_python3."""
    (top / "debian").mkdir(parents=True)
    control = "Source: acme\nBuild-Depends: debhelper-compat (= 13), dh-sequence-python3\n"
    binary = "\nPackage: acme\nArchitecture: all\nDepends: ${python3:Depends}\nDescription: sample\n"
    (top / "debian/control").write_text(control + binary)
    (top / "debian/rules").write_text(
        "#!/usr/bin/make -f\n%:\n\tdh $@\n\noverride_dh_python3:\n\tdh_python3 --strict $(OPTIONS)\n"
    )
    return top


def environment() -> dict[str, str]:
    """Return an environment in which the checkout is imported from anywhere."""
    return {**os.environ, "PYTHONPATH": str(CHECKOUT)}


def run_here(cwd: Path, *argv: str | os.PathLike[str]) -> subprocess.CompletedProcess[str]:
    """Run a command of `pkgtools` as from a directory, in this process."""
    with contextlib.chdir(cwd):
        done = cli_runner().invoke(main, [os.fspath(one) for one in argv], catch_exceptions=False)
    output, talk = (text.decode("utf-8", "surrogateescape") for text in (done.stdout_bytes, done.stderr_bytes))
    return subprocess.CompletedProcess(argv, done.exit_code, output, talk)


def run(cwd: Path, *argv: str | os.PathLike[str]) -> subprocess.CompletedProcess[str]:
    """Run a command of `pkgtools` in a directory, in a process of its own."""
    return subprocess.run(
        [*PKGTOOLS, *argv],
        check=False,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        cwd=cwd,
        env=environment(),
        timeout=300,
    )
