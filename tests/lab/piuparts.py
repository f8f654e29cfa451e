# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""piuparts over a copy of a base system, inside a copy of this machine's own root: so it has all it needs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.lab.aptrepo import Repository
from tests.lab.roots import root_directory
from tests.lab.system import Bind, System

_CHROOT = "/srv/chroot"


def run_piuparts(root: str, packages: Iterable[Path], others: Iterable[Path], work: Path) -> str:
    """Install, upgrade and purge `packages` over `root`, `others` being there to be installed; return what it said.

    Raises CommandError if it finds fault.
    """
    packages = tuple(packages)
    repository = Repository(work / "repository")
    repository.add((*packages, *others))
    binds = (
        Bind(source=root_directory(root), target="/srv/base"),
        Bind(source=repository.directory, target="/srv/packages"),
    )
    with System(Path("/"), binds=binds) as system:
        system.run("cp", "-a", "/srv/base", _CHROOT)
        system.run("cp", "-a", "/srv/packages", f"{_CHROOT}/srv/repository")
        system.run("rm", "-rf", f"{_CHROOT}/etc/apt/sources.list.d")
        system.write(f"{_CHROOT}/etc/apt/sources.list", "deb [trusted=yes] file:/srv/repository ./\n")
        system.run("mkdir", "/srv/work")
        options = ("--existing-chroot", _CHROOT, "--keep-sources-list", "--distribution=local", "--tmpdir=/srv/work")
        return system.run("piuparts", *options, *(f"/srv/packages/{deb.name}" for deb in packages)).output
