# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A plain re-run puts right what it finds: modes without compiling, what others planted by compiling again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.acl import ACCESS, DEFAULT, acls_of, set_acl
from tests.runtime.sandbox import APP, TAG, Sandbox, pyc_of, reference_pyc

FRED = 65531
SOURCE = f"{APP}/m.py"
PYC = pyc_of(SOURCE)
CACHE = f"{APP}/__pycache__"
Harm = Callable[[Sandbox], None]


def _chmod(path: str, mode: int) -> Harm:
    return lambda sandbox: os.chmod(sandbox.path(path), mode)


def _chown(path: str, uid: int, gid: int) -> Harm:
    return lambda sandbox: os.chown(sandbox.path(path), uid, gid)


def _acl(path: str, kind: str, *, permissions: int) -> Harm:
    def harm(sandbox: Sandbox) -> None:
        set_acl(sandbox.path(path), kind, owner=7, user=(FRED, permissions), group=5, mask=permissions | 5, other=5)

    return harm


def _state(sandbox: Sandbox, path: str) -> tuple[int, int, int, list[str]]:
    found = os.lstat(sandbox.path(path))
    return found.st_mode & 0o7777, found.st_uid, found.st_gid, acls_of(sandbox.path(path))


REPAIRED = [
    pytest.param(_chmod(PYC, 0o600), PYC, "wrong-mode", id="pyc-0600"),
    pytest.param(_chmod(PYC, 0o000), PYC, "wrong-mode", id="pyc-0000"),
    pytest.param(_chmod(PYC, 0o444), PYC, "wrong-mode", id="pyc-0444"),
    pytest.param(_chmod(PYC, 0o755), PYC, "wrong-mode", id="pyc-0755"),
    pytest.param(_chmod(PYC, 0o4644), PYC, "wrong-mode", id="pyc-setuid"),
    pytest.param(_chown(PYC, 0, FRED), PYC, "wrong-owner", id="pyc-foreign-group"),
    pytest.param(_chmod(CACHE, 0o700), CACHE, "wrong-mode", id="cache-0700"),
    pytest.param(_chmod(CACHE, 0o000), CACHE, "wrong-mode", id="cache-0000"),
    pytest.param(_chmod(CACHE, 0o2755), CACHE, "wrong-mode", id="cache-setgid"),
    pytest.param(_chown(CACHE, 0, FRED), CACHE, "wrong-owner", id="cache-foreign-group"),
    pytest.param(_acl(CACHE, DEFAULT, permissions=7), CACHE, "wrong-mode", id="cache-default-acl"),
    pytest.param(_acl(CACHE, ACCESS, permissions=5), CACHE, "wrong-mode", id="cache-access-acl"),
]


@pytest.mark.parametrize(("harm", "path", "reason"), REPAIRED)
def test_t10_wrong_modes_are_repaired_without_compiling(harm: Harm, path: str, reason: str, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.compile(APP)
    right = {p: _state(sandbox, p) for p in (PYC, CACHE)}
    inode = os.lstat(sandbox.path(PYC)).st_ino
    harm(sandbox)
    ran = sandbox.compile(APP)
    assert (ran.status, ran.of(path)) == (0, ("repaired", reason))
    assert {p: _state(sandbox, p) for p in (PYC, CACHE)} == right
    assert os.lstat(sandbox.path(PYC)).st_ino == inode
    assert sandbox.compile(APP).summary == {"fresh": 1}


def test_t10_acl_on_the_pyc_of_a_secret_source_is_removed(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, mode=0o600)
    sandbox.compile(APP)
    _acl(PYC, ACCESS, permissions=4)(sandbox)
    assert sandbox.compile(APP).status == 0
    assert _state(sandbox, PYC) == (0o600, 0, 0, [])


def _forged(sandbox: Sandbox) -> bytes:
    """Return a pyc with a perfect header for the source and somebody else's code."""
    header = reference_pyc(sandbox, SOURCE)[:16]
    evil = sandbox.write("/tmp/evil.py", "value = 'evil'\n")
    return header + reference_pyc(sandbox, evil)[16:]


PLANTS = [
    pytest.param((0o755, 0), (0o644, FRED), "wrong-owner", id="foreign-pyc-in-roots-cache"),
    pytest.param((0o755, 0), (0o666, 0), "wrong-mode", id="roots-0666-pyc"),
    pytest.param((0o755, 0), (0o664, 0), "wrong-mode", id="roots-0664-pyc"),
    pytest.param((0o777, 0), (0o644, FRED), "untrusted-cache", id="foreign-pyc-in-0777-cache"),
    pytest.param((0o777, 0), (0o644, 0), "untrusted-cache", id="roots-pyc-in-0777-cache"),
    pytest.param((0o1777, 0), (0o644, FRED), "untrusted-cache", id="foreign-pyc-in-sticky-cache"),
    pytest.param((0o775, 0), (0o644, 0), "untrusted-cache", id="roots-pyc-in-0775-cache"),
    pytest.param((0o755, FRED), (0o644, FRED), "untrusted-cache", id="foreign-cache"),
    pytest.param((0o755, FRED), (0o644, 0), "untrusted-cache", id="roots-pyc-in-foreign-cache"),
]


@pytest.mark.parametrize(("cache", "pyc", "reason"), PLANTS)
def test_t16_t22_planted_pyc_with_a_perfect_header_is_replaced(
    cache: tuple[int, int], pyc: tuple[int, int], reason: str, sandbox: Sandbox
) -> None:
    sandbox.write(SOURCE)
    sandbox.directory(CACHE)
    sandbox.write(PYC, _forged(sandbox), mode=pyc[0], owner=(pyc[1], 0))
    sandbox.directory(CACHE, cache[0], (cache[1], 0))
    ran = sandbox.compile(APP)
    assert ran.status == 0
    assert ("compiled", reason) in ran.all_of(PYC)
    assert sandbox.read(PYC) == reference_pyc(sandbox, SOURCE)
    assert (_state(sandbox, PYC), _state(sandbox, CACHE)) == ((0o644, 0, 0, []), (0o755, 0, 0, []))


def test_t16_writable_by_an_acl_alone_is_not_trusted(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.write(PYC, _forged(sandbox))
    _acl(PYC, ACCESS, permissions=6)(sandbox)
    assert ("compiled", "wrong-mode") in sandbox.compile(APP).all_of(PYC)
    assert sandbox.read(PYC) == reference_pyc(sandbox, SOURCE)
    assert _state(sandbox, PYC) == (0o644, 0, 0, [])


LEFT_BEHIND = [
    pytest.param(f"bad.{TAG}.pyc", id="source-does-not-compile"),
    pytest.param(f"m.{TAG}.opt-1.pyc", id="level-not-asked-for"),
    pytest.param(f"m.{TAG}.opt-2.pyc", id="level-not-asked-for-2"),
    pytest.param("m.cpython-39.pyc", id="interpreter-not-installed"),
    pytest.param(f"gone.{TAG}.pyc", id="source-is-gone"),
]


@pytest.mark.parametrize("name", LEFT_BEHIND)
@pytest.mark.parametrize("cache_owner", [0, FRED], ids=["roots-cache", "foreign-cache"])
def test_t16_fred_owns_no_pyc_that_is_left_in_a_cache_of_roots(name: str, cache_owner: int, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.write(f"{APP}/bad.py", 'print "python 2"\n')
    sandbox.directory(CACHE)
    sandbox.write(f"{CACHE}/{name}", _forged(sandbox), owner=(FRED, FRED))
    sandbox.directory(CACHE, 0o755, (cache_owner, 0))
    assert "compiled" in {status for status, _ in sandbox.compile(APP).all_of(PYC)}
    freds = {path for path, entry in sandbox.below(APP).items() if entry.uid == FRED}
    assert freds == set()


def test_t16_stale_pyc_does_not_outlive_a_source_that_no_longer_compiles(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE)
    sandbox.compile(APP, "--invalidation-mode", "unchecked-hash")
    sandbox.write(SOURCE, 'print "python 2"\n')
    ran = sandbox.compile(APP, "--invalidation-mode", "unchecked-hash")
    assert (ran.status, ran.of(PYC)) == (0, ("failed", "syntax-error"))
    assert sandbox.pycs() == set()


UNTRUSTED = [
    pytest.param(0o777, 0, "writable-by-others", id="0777"),
    pytest.param(0o755, FRED, "not-root-owned", id="freds"),
]


@pytest.mark.parametrize(("mode", "owner", "reason"), UNTRUSTED)
@pytest.mark.parametrize("depth", [f"{APP}/sub", APP, "/opt"], ids=["directory", "base", "above-the-base"])
def test_t5_t22_directory_that_others_can_change_is_refused(
    mode: int, owner: int, reason: str, depth: str, sandbox: Sandbox
) -> None:
    source = sandbox.write(f"{APP}/sub/m.py")
    sandbox.directory(depth, mode, (owner, 0))
    ran = sandbox.compile(APP)
    assert (ran.status, {(one.status, one.reason) for one in ran.told}) == (2, {("refused", reason)})
    assert sandbox.pycs("/") == set()
    assert sandbox.exists(source)
    assert reason in ran.talk


def test_t22_refusal_of_one_directory_leaves_the_others_compiled(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.write(f"{APP}/good/m.py")
    sandbox.write(f"{APP}/bad/m.py")
    sandbox.directory(f"{APP}/bad", 0o777)
    assert sandbox.compile(APP).status == 2
    assert sandbox.pycs() == {pyc_of(f"{APP}/good/m.py")}


def test_cache_directory_goes_with_its_last_pyc_when_a_module_no_longer_compiles(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{APP}/m.py")
    sandbox.compile(APP)
    sandbox.write(source, "def (:\n")
    assert sandbox.compile(APP).status == 0
    assert not sandbox.exists(f"{APP}/__pycache__")
    sandbox.write(f"{APP}/n.py")
    sandbox.write(source, "x = 1\n")
    sandbox.compile(APP)
    sandbox.write(source, "def (:\n")
    sandbox.compile(APP)
    assert sandbox.pycs(APP) == {pyc_of(f"{APP}/n.py")}
