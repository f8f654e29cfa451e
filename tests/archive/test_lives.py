# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Whatever packages of the archive come, and in whichever order ours come and go: the same as on plain Debian.

`make archive` plays all packages on each release, and an upgrade from one release to the next.
"""

from __future__ import annotations

import pytest

from tests.archive.conftest import NEWER, MakeLives
from tests.archive.reasons import without_reason
from tests.parity.packages import APPLICATIONS, LIBRARIES

SLICE = (
    "python3-six",
    "python3-requests",
    "python3-yaml",
    "python3-twisted",
    "libpython3-dev",
    "mercurial",
    "gdebi-core",
)
"""Public modules, extensions, templates that don't compile, an interpreter's library, private modules."""
UPGRADED = (*LIBRARIES[::4], *APPLICATIONS[::3])


@pytest.mark.system
@pytest.mark.slow
def test_some_packages_come_out_the_same(lives: MakeLives) -> None:
    played = lives("bookworm", SLICE)
    assert without_reason(played.run()) == []
    assert played.count > 1_000


@pytest.mark.system
@pytest.mark.archive
@pytest.mark.parametrize("root", ["bookworm", "trixie", "forky"])
def test_all_packages_come_out_the_same(root: str, lives: MakeLives) -> None:
    played = lives(root, (*LIBRARIES, *APPLICATIONS))
    assert len(played.packages) >= 150
    assert without_reason(played.run()) == []


@pytest.mark.system
@pytest.mark.archive
def test_an_upgrade_to_the_next_release_comes_out_the_same(lives: MakeLives) -> None:
    played = lives("bookworm", UPGRADED, upgrade_to="trixie")
    assert len(played.packages) >= 60
    assert without_reason(played.upgrade(NEWER)) == []
    assert played.count > 5_000
