# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Systems whose apt knows packages of the archive and ours, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.archive.lives import Lives, Start
from tests.lab.aptrepo import Repository, use_only
from tests.lab.archive import available, fetch
from tests.lab.needs import need_tools
from tests.lab.ours import build_ours
from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory
from tests.lab.system import Bind, Snapshot, System

MakeLives = Callable[..., Lives]
"""lives(root, packages, upgrade_to="") -> the lives of those packages that the suite has."""


NEWER = "/srv/newer"
"""Where systems see the packages of the next release."""


def start_over(root: str, repository: Repository, *binds: Bind) -> Start:
    """Return a function that starts systems over a base system, whose apt has a repository as its only source."""

    @contextmanager
    def start(begin: Snapshot | None) -> Iterator[System]:
        with System(begin or root_directory(root), binds=(repository.bind, *binds)) as system:
            if begin is None:
                use_only(system)
            yield system

    return start


@pytest.fixture(scope="session")
def lives(tmp_path_factory: pytest.TempPathFactory) -> MakeLives:
    """Return the function that prepares lives."""
    need_tools(("mmdebstrap", "zstd", "dpkg-deb", "apt-ftparchive", "nsenter"))
    ours = build_ours()

    def make(root: str, packages: tuple[str, ...], upgrade_to: str = "") -> Lives:
        names = available(root, packages)
        repository = Repository(Path(tmp_path_factory.mktemp("repository")))
        repository.add((*ours.debs(), *fetch(root, *names)))
        if not upgrade_to:
            return Lives(start_over(root, repository), names, RECIPES[root].python)
        newer = Repository(Path(tmp_path_factory.mktemp("newer")))
        newer.add(fetch(root, *names, upgrade_to=upgrade_to))
        start = start_over(root, repository, Bind(source=newer.directory, target=NEWER))
        return Lives(start, names, RECIPES[upgrade_to].python)

    return make
