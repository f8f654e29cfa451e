# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages of the Debian archive, fetched once so that tests run without the network."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from tests.lab.places import cache_directory, exclusive, hold, sweep, workspace
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System


def fetch(root: str, *packages: str) -> tuple[Path, ...]:
    """Return the .debs of `packages` and of all that they need beyond the base system `root`."""
    base = root_directory(root)
    with exclusive(cache_directory() / ".archive.lock"):
        # packages of a moving suite fit the base system of their day alone
        directory = cache_directory() / "archive" / base.name / "+".join(packages)
        if not directory.is_dir():
            for old in directory.parents[1].glob(f"{root}-????????????-*"):
                if old.name != base.name:
                    sweep(old)
            _download(base, packages, directory)
        hold(directory.parent)
        return tuple(sorted(directory.glob("*.deb")))


def _download(base: Path, packages: tuple[str, ...], directory: Path) -> None:
    with tempfile.TemporaryDirectory(dir=workspace()) as work:
        bind = Bind(source=Path(work), target="/srv/out", writable=True)
        with System(base, binds=(bind,), network=True) as system:
            system.run("apt-get", "-q", "update")
            argv = ("apt-get", "-qy", "install", "--reinstall", "--download-only", "--no-install-recommends")
            system.run(*argv, *packages)
            system.run("sh", "-c", "cp /var/cache/apt/archives/*.deb /srv/out")
        directory.parent.mkdir(parents=True, exist_ok=True)
        partial = directory.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(work, partial)
        partial.chmod(0o755)
        partial.rename(directory)
