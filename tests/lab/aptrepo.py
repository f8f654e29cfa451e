# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A local repository, the only source apt has in a system that shall not need the network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.lab.commands import run_on_host
from tests.lab.system import Bind, System

MOUNT_POINT = "/srv/repository"
"""Where a system sees the repository."""

SOURCE = f"deb [trusted=yes] file:{MOUNT_POINT} ./\n"
"""The line of sources.list."""


class Repository:
    """A flat repository in a directory of this machine."""

    def __init__(self, directory: Path) -> None:
        """Make an empty one in `directory`."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        for path in (directory, *directory.parents):
            if path.stat().st_mode & 0o005 != 0o005 and path == directory:
                path.chmod(0o755)  # apt reads it as the user _apt
        self.add(())

    @property
    def bind(self) -> Bind:
        """Return how a system comes to see it."""
        return Bind(source=self.directory, target=MOUNT_POINT)

    def add(self, debs: Iterable[Path]) -> None:
        """Take in `debs` and write the index anew."""
        for deb in debs:
            target = self.directory / deb.name
            if not target.exists():
                _link_or_copy(deb, target)
        index = run_on_host(["apt-ftparchive", "packages", "."], cwd=self.directory)
        (self.directory / "Packages").write_text(index)


def use_only(system: System) -> None:
    """Make the repository bound into `system` its one source of packages, and read the index."""
    system.run("rm", "-rf", "/etc/apt/sources.list.d", "/var/lib/apt/lists")
    system.write("/etc/apt/sources.list", SOURCE)
    system.run("apt-get", "-q", "update")


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
