# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What is called while packages are built ends as all our programs do: by a signal's status, and in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.faults import STRACE, require_strace
from tests.runtime.sandbox import CHECKOUT

CONTROL = "Source: acme\n\nPackage: python3-acme\nArchitecture: all\nDepends: ${python3:Depends}\n"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(CHECKOUT), "DEB_HOST_ARCH": "amd64", "DEB_HOST_MULTIARCH": "x"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return an unpacked source package whose binary package has a module and a script."""
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian/control").write_text(CONTROL)
    for path in ("usr/lib/python3/dist-packages/acme.py", "usr/bin/acme"):
        target = tmp_path / "debian/python3-acme" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("#!/usr/bin/env python3\nx = 1\n")
        target.chmod(0o755)
    return tmp_path


def rpmbuild(program: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"pkgtools.rpmbuild.{program}", *arguments)


PROGRAMS = {
    "dh_pkgtools": (sys.executable, "-m", "pkgtools.debhelper.main"),
    "shebangs": rpmbuild("shebangs", "--interpreter", "/usr/bin/python3", "debian/python3-acme"),
    "bytecompile": rpmbuild("bytecompile", "--root", "debian/python3-acme"),
}


@pytest.mark.parametrize("call", ["fchmod", "rename,renameat,renameat2", "unlink,unlinkat"])
@pytest.mark.parametrize("argv", PROGRAMS.values(), ids=PROGRAMS)
def test_signal_leaves_no_temporary_and_no_traceback(argv: tuple[str, ...], call: str, source: Path) -> None:
    require_strace()
    names = ",".join(f"?{name}" for name in call.split(","))
    strace = [str(STRACE), "-o", "/dev/null", f"--trace={names}", f"--inject={names}:signal=TERM:when=1"]
    arguments = [word.replace("debian/", f"{source}/debian/") for word in argv]
    done = subprocess.run([*strace, *arguments], check=False, capture_output=True, cwd=source, env=ENVIRONMENT)
    assert b"Traceback" not in done.stderr
    assert done.returncode in {143, 0}  # the latter where there is no such call
    assert [path for path in source.rglob("*") if path.name.startswith((".pkgtools", "tmp"))] == []


@pytest.mark.parametrize("argv", [*PROGRAMS.values(), rpmbuild("distdeps", "--help")], ids=[*PROGRAMS, "distdeps"])
def test_pipe_that_is_closed_is_silent(argv: tuple[str, ...], source: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    arguments = [word.replace("debian/", f"{source}/debian/") for word in argv]
    done = subprocess.run(
        arguments,
        check=False,
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=source,
        env={**ENVIRONMENT, "DH_VERBOSE": "1"},
    )
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert b"roken pipe" not in done.stderr
