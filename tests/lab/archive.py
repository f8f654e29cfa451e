# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of the Debian archive, fetched once so that tests run without the network."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.lab.places import cache_directory, exclusive, hold, sweep, workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

_LONGEST = 200
_PATIENCE = 1_800
_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def fetch(root: str, *packages: str, upgrade_to: str = "") -> tuple[Path, ...]:
    """Return the .debs of `packages` and of all that they need beyond the base system `root`.

    With `upgrade_to`, a suite: all .debs that an upgrade to it needs where those packages are installed.
    """
    base = root_directory(root)
    with exclusive(cache_directory() / ".archive.lock"):
        # packages of a moving suite fit the base system of their day alone
        directory = cache_directory() / "archive" / base.name / _name_of(packages, upgrade_to)
        if not directory.is_dir():
            for old in directory.parents[1].glob(f"{root}-????????????-*"):
                if old.name != base.name:
                    sweep(old)
            _download(base, packages, directory, upgrade_to)
        hold(directory.parent)
        return tuple(sorted(directory.glob("*.deb")))


def available(root: str, packages: Iterable[str]) -> tuple[str, ...]:
    """Return those of some packages that the suite of a base system has."""
    with System(root_directory(root), network=True) as system:
        system.run("apt-get", "-q", "update")
        known = set(system.run("apt-cache", "pkgnames").stdout.split())
        with_files = set(re.findall(r"^Package: (.*)$", system.run("apt-cache", "dumpavail").stdout, re.MULTILINE))
    return tuple(name for name in packages if name in known & with_files)


def _name_of(packages: tuple[str, ...], upgrade_to: str) -> str:
    name = "+".join((*packages, *([f"to-{upgrade_to}"] if upgrade_to else ())))
    return name if len(name) < _LONGEST else hashlib.sha256(name.encode()).hexdigest()[:16]


def _download(base: Path, packages: tuple[str, ...], directory: Path, upgrade_to: str) -> None:
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        bind = Bind(source=Path(work), target="/srv/out", writable=True)
        with System(base, binds=(bind,), network=True) as system:
            system.run("apt-get", "-q", "update")
            argv = ["apt-get", "-qy", "install", "--no-install-recommends"]
            if upgrade_to:
                system.run(*argv, *packages, env=_QUIET, timeout=_PATIENCE)
                system.run("sed", "-i", f"s/ [a-z]* main/ {upgrade_to} main/", "/etc/apt/sources.list")
                system.run("apt-get", "-q", "update")
                argv = ["apt-get", "-qy", "dist-upgrade", "--no-install-recommends"]
                packages = ()
            else:
                argv.append("--reinstall")
            system.run(*argv, "--download-only", *packages, env=_QUIET, timeout=_PATIENCE)
            system.run("sh", "-c", "cp /var/cache/apt/archives/*.deb /srv/out")
        directory.parent.mkdir(parents=True, exist_ok=True)
        partial = directory.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(work, partial)
        partial.chmod(0o755)
        partial.rename(directory)
