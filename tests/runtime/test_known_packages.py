# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What batches know of packages: a large file, and a small one for what changed since it was written."""

from __future__ import annotations

import os

import pytest

from pkgtools.runtime.batch.known_packages import KnownPackages
from pkgtools.runtime.batch.parts import Part
from tests.runtime.batches import STATE, WHEN, batch, install, paths_of, remove
from tests.runtime.records import know
from tests.runtime.sandbox import PUBLIC, Sandbox, pyc_of

MANY = 3000
"""Modules whose names take more than the small file may have."""


def _files(sandbox: Sandbox) -> dict[str, int]:
    """Return the files with parts, by their inodes."""
    names = [name for name in os.listdir(sandbox.path(STATE)) if name.startswith("sources-")]
    return {name: os.stat(sandbox.path(f"{STATE}/{name}")).st_ino for name in names}


def _known(sandbox: Sandbox) -> dict[str, Part]:
    tree = sandbox.tree()
    known = KnownPackages(tree)
    parts = known.parts()
    known.close()
    tree.close()
    return parts


def test_package_that_comes_changes_or_goes_leaves_the_large_file_as_it_is(sandbox: Sandbox) -> None:
    install(sandbox, "one", "a", "b")
    two = install(sandbox, "two", "a")
    many = [f"{PUBLIC}/many/m{number:040}.py" for number in range(MANY)]
    know(sandbox, many, "many", mtime=WHEN)
    batch(sandbox)
    (large,) = _files(sandbox).items()
    three = install(sandbox, "three", "a")
    assert batch(sandbox).status == 0
    assert (large in _files(sandbox).items(), len(_files(sandbox))) == (True, 2)
    install(sandbox, "one", "c", version="2")
    remove(sandbox, "two", two)
    assert batch(sandbox).status == 0
    assert (large in _files(sandbox).items(), len(_files(sandbox))) == (True, 2)
    assert {name: part.sources for name, part in _known(sandbox).items()} == {
        "many": tuple(many),
        "one": (f"{PUBLIC}/one/c.py",),
        "three": tuple(three),
    }


def test_both_files_are_asked_what_a_package_had(sandbox: Sandbox) -> None:
    old = install(sandbox, "one", "a")
    batch(sandbox)
    new = install(sandbox, "two", "a")
    batch(sandbox)
    remove(sandbox, "one", old)
    remove(sandbox, "two", new)
    assert {pyc_of(source) for source in (*old, *new)} <= paths_of(batch(sandbox))
    assert (_known(sandbox), sandbox.pycs(PUBLIC)) == ({}, set())
    assert batch(sandbox).told == ()


@pytest.mark.parametrize("why", ["large", "everything"])
def test_the_two_files_become_one(why: str, sandbox: Sandbox) -> None:
    (one,) = install(sandbox, "one", "a")
    batch(sandbox)
    names = [f"{PUBLIC}/two/m{number:040}.py" for number in range(MANY if why == "large" else 1)]
    know(sandbox, names, "two", mtime=WHEN)
    batch(sandbox)
    assert len(_files(sandbox)) == 2
    (three,) = install(sandbox, "three", "a")
    assert batch(sandbox, *([] if why == "large" else ["--all"])).status == 0
    assert len(_files(sandbox)) == 1
    assert {name: part.sources for name, part in _known(sandbox).items()} == {
        "one": (one,),
        "two": tuple(names),
        "three": (three,),
    }
