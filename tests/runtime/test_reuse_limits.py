# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The store where something is in its way: other file systems, full ones, death at each call."""

from __future__ import annotations

import os
import py_compile

import pytest

from pkgtools.runtime.compile.reuse import STORE
from tests.runtime.batches import WHEN
from tests.runtime.faults import ALTERNATIVES, require_strace
from tests.runtime.mounts import small_file_system
from tests.runtime.sandbox import PUBLIC, Sandbox, permissions, pyc_of, reference_pyc
from tests.runtime.upgrades import COMPILED, PRERM, REUSED, SETTINGS, installed, prerm, stored, stray, upgrade

BOTH_WAYS = True


def test_store_on_another_file_system(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    sandbox.directory(STORE, 0o700)
    with small_file_system(sandbox.path(STORE), "size=1m"):
        os.chmod(sandbox.path(STORE), 0o700)
        prerm(sandbox)
        assert len(stored(sandbox)) == 1
        assert upgrade(sandbox, "a").of(pyc_of(source)) == REUSED
        assert stored(sandbox) == []
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


@pytest.mark.parametrize("limit", ["size=4k", "nr_inodes=1"])
def test_pyc_that_has_no_room_in_the_store_is_removed(limit: str, sandbox: Sandbox) -> None:
    sources = installed(sandbox, "a", "b")
    sandbox.directory(STORE, 0o700)
    with small_file_system(sandbox.path(STORE), limit):
        os.chmod(sandbox.path(STORE), 0o700)
        if "size" in limit:
            sandbox.write(f"{STORE}/other", b"x" * 4096)
        prerm(sandbox)
        assert set(stored(sandbox)) <= {"other"}
        ran = upgrade(sandbox, "a", "b")
    assert {ran.of(pyc_of(source)) for source in sources} == {COMPILED}


def test_copy_of_a_pyc_under_another_name_keeps_its_mode(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    os.link(sandbox.path(pyc_of(source)), sandbox.path("/opt/backup.pyc"))
    prerm(sandbox)
    assert permissions(sandbox.path("/opt/backup.pyc")) == 0o644
    assert upgrade(sandbox, "a").of(pyc_of(source)) == REUSED


@pytest.mark.parametrize("later", [0, 9], ids=["in-their-directory", "alone"])
def test_levels_of_one_content_are_one_file_again(later: int, sandbox: Sandbox) -> None:
    sandbox.write(SETTINGS, "levels = 0,1\n")
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    ran = upgrade(sandbox, "a", mtime=WHEN + later)
    assert [one.reason for one in ran.told if one.path.endswith(".pyc")] == (
        ["same-bytes", "reused"] if later else ["reused", "reused"]
    )
    assert os.path.samefile(sandbox.path(pyc_of(source)), sandbox.path(pyc_of(source, 1)))


@pytest.mark.parametrize("mode", ["checked-hash", "unchecked-hash"])
def test_hash_alone_is_put_into_a_header_by_its_interpreter(mode: str, sandbox: Sandbox) -> None:
    sandbox.write(SETTINGS, f"invalidation-mode = {mode}\n")
    (source,) = installed(sandbox, "a")
    stray(sandbox, "a")
    prerm(sandbox)
    ran = upgrade(sandbox, "a")
    assert ran.of(pyc_of(source)) == (REUSED if sandbox.forks else COMPILED)
    how = py_compile.PycInvalidationMode[mode.replace("-", "_").upper()]
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source, mode=how)


@pytest.mark.parametrize("mode", ["checked-hash", "unchecked-hash"])
def test_hash_in_the_header_is_the_new_source_s(mode: str, sandbox: Sandbox) -> None:
    sandbox.write(SETTINGS, f"invalidation-mode = {mode}\n")
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    ran = upgrade(sandbox, "a")
    assert ran.of(pyc_of(source)) == REUSED
    how = py_compile.PycInvalidationMode[mode.replace("-", "_").upper()]
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source, mode=how)


@pytest.mark.parametrize("what", ["KILL", "ENOSPC", "EIO"])
@pytest.mark.parametrize(
    ("call", "alone"), [("renameat", False), ("renameat", True), ("fchmod", True), ("unlinkat", True), ("openat", True)]
)
def test_clean_that_is_broken_off_leaves_nothing_that_a_batch_takes_for_right(
    call: str, alone: bool, what: str, sandbox: Sandbox
) -> None:
    require_strace()
    sources = installed(sandbox, "a", "b")
    names = ALTERNATIVES.get(call, (call,))
    ended: set[int] = set()
    for when in range(1, 9):
        stray(sandbox, *(["a"] if alone else []))
        for name in names:
            effect = "signal=KILL" if what == "KILL" else f"error={what}"
            below = ("-P", sandbox.path(f"{PUBLIC}/acme/__pycache__"), "-P", sandbox.path(STORE))
            inject = f"--inject={name}:{effect}:when={when}"
            wrapper = (
                "/usr/bin/strace",
                "-o",
                "/dev/null",
                *(below if call == "openat" else ()),
                f"--trace=?{name}",
                inject,
            )
            ended.add(sandbox.clean("-p", "acme", environment=PRERM, wrapper=wrapper).status)
        assert upgrade(sandbox, "a", "b", version=f"2.{when}").status == 0
        assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)
        assert stored(sandbox) == []
    assert what != "KILL" or min(ended) < 0
