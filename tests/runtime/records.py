# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What dpkg and rpm would know of a made-up system: their records are written, nothing is installed."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from tests.lab.debs import SOME_DAY
from tests.lab.needs import need_tools
from tests.runtime.sandbox import CLEAN_ENVIRONMENT, Sandbox

PACKAGE = "python3-sample"
_ADMINISTRATION = "/var/lib/dpkg"
_RPM_DATABASE = "/var/lib/rpm"


def know(
    sandbox: Sandbox,
    files: list[str],
    package: str = PACKAGE,
    *,
    version: str = "1",
    state: str = "installed",
    mtime: float = SOME_DAY,
) -> None:
    """Write what dpkg would know of a package; `mtime` is its file list's: no list is as new as the batch."""
    name, _, architecture = package.partition(":")
    kind = f"{architecture}\nMulti-Arch: same" if architecture else "all"
    status = sandbox.read(f"{_ADMINISTRATION}/status").decode() if sandbox.exists(f"{_ADMINISTRATION}/status") else ""
    entry = (
        f"Package: {name}\nStatus: install ok {state}\nMaintainer: Nobody <nobody@example.org>\n"
        f"Architecture: {kind}\nVersion: {version}\nDescription: sample\n\n"
    )
    sandbox.write(f"{_ADMINISTRATION}/status", status + entry)
    for name in ("diversions", "statoverride", "available"):
        if not sandbox.exists(f"{_ADMINISTRATION}/{name}"):
            sandbox.write(f"{_ADMINISTRATION}/{name}", b"")
    sandbox.directory(f"{_ADMINISTRATION}/updates")
    sandbox.write(f"{_ADMINISTRATION}/info/format", "1\n")
    listing = "".join(f"{path}\n" for path in files).encode("utf-8", "surrogateescape")
    sandbox.write(f"{_ADMINISTRATION}/info/{package}.list", listing, mtime=mtime)


def forget(sandbox: Sandbox, package: str = PACKAGE) -> None:
    """Take away what dpkg would know of a package."""
    os.unlink(sandbox.path(f"{_ADMINISTRATION}/info/{package}.list"))


def divert(sandbox: Sandbox, origin: str, target: str, package: str = ":") -> None:
    """Write a diversion, a local one or a package's."""
    before = sandbox.read(f"{_ADMINISTRATION}/diversions").decode()
    sandbox.write(f"{_ADMINISTRATION}/diversions", f"{before}{origin}\n{target}\n{package}\n")


def know_by_rpm(sandbox: Sandbox, top: str, files: list[str], package: str = PACKAGE) -> None:
    """Let rpm know a package that owns a directory with files of any names, whether they are there or not."""
    need_tools(("rpm", "rpmbuild"))
    with tempfile.TemporaryDirectory() as directory:  # rpm must not read the name of the root, nor must a shell
        _build_and_install(sandbox, Path(directory), top, files, package)


def _build_and_install(sandbox: Sandbox, work: Path, top: str, files: list[str], package: str) -> None:
    tree = f"{work}/tree"
    for path in files:
        Path(f"{tree}{path}").parent.mkdir(parents=True, exist_ok=True)
        Path(f"{tree}{path}").write_bytes(b"")
    spec = work / "package.spec"
    spec.write_text(
        f"Name: {package}\nVersion: 1\nRelease: 1\nSummary: sample\nLicense: MIT\nBuildArch: noarch\nAutoReqProv: no\n"
        f"%description\nA sample.\n%install\ncp -a tree/. %{{buildroot}}\n%files\n{top}\n"
    )
    defines = {
        "_topdir": f"{work}/top",
        "_builddir": str(work),
        "_rpmdir": f"{work}/out",
        "_build_name_fmt": "package.rpm",
        "__os_install_post": "%{nil}",
        "__check_files": "%{nil}",
        "_invalid_encoding_terminates_build": "0",
    }
    options = [f"--define={name} {value}" for name, value in defines.items()]
    _run("rpmbuild", "--quiet", "--nodeps", *options, "-bb", str(spec))
    sandbox.directory(_RPM_DATABASE)
    database = sandbox.path(_RPM_DATABASE)
    alias = work / "database"
    alias.symlink_to(database)
    if not os.listdir(database):
        _run("rpm", "--dbpath", str(alias), "--initdb")
    force = ("--force-debian",) if "4.1" in _run("rpm", "--version") else ()
    how = ("-i", "--justdb", "--nodeps", "--noscripts", "--notriggers", "--noplugins")
    _run("rpm", *force, "--dbpath", str(alias), *how, f"{work}/out/package.rpm")


def _run(*argv: str) -> str:
    environment = {**CLEAN_ENVIRONMENT, "HOME": "/nonexistent"}
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", env=environment, check=False)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
    return done.stdout
