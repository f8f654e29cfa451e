# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Freshness on real files: what a re-run notices, adopts, replaces and leaves alone."""

from __future__ import annotations

import os
import py_compile
from collections.abc import Callable

import pytest

from tests.runtime.sandbox import APP, Sandbox, pyc_of, reference_pyc

SOURCE = f"{APP}/m.py"
PYC = pyc_of(SOURCE)
BODY = "def f():\n    return 'aaaa'\n\n\ndef g():\n    return 'bbbb'\n"
MODES = [mode.name.lower().replace("_", "-") for mode in py_compile.PycInvalidationMode]


def _py_compile(sandbox: Sandbox, mode: str = "timestamp") -> None:
    """Compile as any other tool does."""
    target = py_compile.PycInvalidationMode[mode.upper().replace("-", "_")]
    sandbox.directory(f"{APP}/__pycache__")
    py_compile.compile(sandbox.path(SOURCE), sandbox.path(PYC), SOURCE, doraise=True, invalidation_mode=target)
    os.chmod(sandbox.path(PYC), 0o644)


def _inode(sandbox: Sandbox, path: str) -> tuple[int, int, int]:
    found = os.lstat(sandbox.path(path))
    return found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def test_right_pyc_of_another_tool_is_looked_into_once_and_never_written_to(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, BODY)
    _py_compile(sandbox)
    before, right = _inode(sandbox, PYC), sandbox.read(PYC)
    assert sandbox.compile(APP).of(PYC) == ("fresh", "up-to-date")
    assert (sandbox.compile(APP).told, _inode(sandbox, PYC), sandbox.read(PYC)) == ((), before, right)
    assert sandbox.compile("--verify", APP).summary == {"fresh": 1}
    assert (_inode(sandbox, PYC), sandbox.read(PYC)) == (before, right)


def _rewrite(sandbox: Sandbox, pyc: str, change: Callable[[bytes], bytes], *, restore: bool) -> None:
    path = sandbox.path(pyc)
    before = os.stat(path)
    with open(path, "r+b") as stream:
        data = change(stream.read())
        stream.seek(0)
        stream.write(data)
        stream.truncate()
    if restore:
        os.utime(path, ns=(before.st_mtime_ns, before.st_mtime_ns))


def _cut(length: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:length]


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


LENGTHS = [0, 1, 4, 8, 11, 12, 15, 16, 17, 20, 50, 100, -2, -1]


def _many(sandbox: Sandbox, number: int) -> list[str]:
    return [sandbox.write(f"{APP}/m{n}.py", BODY.replace("aaaa", f"{n:04}")) for n in range(number)]


@pytest.mark.parametrize("restore", [False, True], ids=["new-time", "time-restored"])
@pytest.mark.parametrize("mode", MODES)
def test_t23_truncated_pyc_is_healed(mode: str, restore: bool, sandbox: Sandbox) -> None:
    sources = _many(sandbox, len(LENGTHS))
    how = ("--invalidation-mode", mode)
    sandbox.compile(*how, APP)
    right = {source: sandbox.read(pyc_of(source)) for source in sources}
    for source, length in zip(sources, LENGTHS, strict=True):
        _rewrite(sandbox, pyc_of(source), _cut(length), restore=restore)
    ran = sandbox.compile(*how, APP)
    assert (ran.status, ran.summary) == (0, {"compiled": len(LENGTHS)})
    assert [s for s in sources if sandbox.read(pyc_of(s)) != right[s]] == []


def test_t23_emptied_pycs_of_a_power_loss_are_healed(sandbox: Sandbox) -> None:
    sources = [sandbox.write(f"{APP}/m{n}.py", BODY) for n in range(40)]
    sandbox.compile(APP)
    for source in sources:
        os.truncate(sandbox.path(pyc_of(source)), 0)
    assert sandbox.compile(APP).summary == {"compiled": 40}
    assert [s for s in sources if sandbox.read(pyc_of(s)) != reference_pyc(sandbox, s)] == []


@pytest.mark.parametrize("mode", MODES)
def test_t21_changed_header_is_healed(mode: str, sandbox: Sandbox) -> None:
    sources = _many(sandbox, 16)
    how = ("--invalidation-mode", mode, APP)
    sandbox.compile(*how)
    right = {source: sandbox.read(pyc_of(source)) for source in sources}
    for at, source in enumerate(sources):
        _rewrite(sandbox, pyc_of(source), _flip(at), restore=False)
    assert sandbox.compile(*how).summary == {"compiled": len(sources)}
    assert [s for s in sources if sandbox.read(pyc_of(s)) != right[s]] == []


@pytest.mark.parametrize("mode", MODES)
def test_t21_verify_finds_every_change_with_the_time_restored(mode: str, sandbox: Sandbox) -> None:
    places = [*range(0, 200, 7), 3, 4, 8, 12, 15, 16, -1]
    sources = _many(sandbox, len(places))
    how = ("--invalidation-mode", mode, APP)
    sandbox.compile(*how)
    right = {source: sandbox.read(pyc_of(source)) for source in sources}
    for at, source in zip(places, sources, strict=True):
        _rewrite(sandbox, pyc_of(source), _flip(at), restore=True)
    assert sandbox.compile("--verify", *how).status == 0
    assert [s for s in sources if sandbox.read(pyc_of(s)) != right[s]] == []
    assert sandbox.compile("--verify", *how).summary == {"fresh": len(sources)}


def test_verify_leaves_right_pycs_alone(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, BODY)
    sandbox.compile("-O", "0,1,2", APP)
    before = {path: os.lstat(sandbox.path(path)).st_ino for path in sandbox.pycs()}
    assert sandbox.compile("--verify", "-O", "0,1,2", APP).summary == {"fresh": 3}
    assert {path: os.lstat(sandbox.path(path)).st_ino for path in sandbox.pycs()} == before


def _replace(sandbox: Sandbox, body: str, mtime: float) -> None:
    """Replace the source as dpkg does: a new file, renamed."""
    sandbox.write(f"{SOURCE}.dpkg-new", body, mtime=mtime)
    os.rename(sandbox.path(f"{SOURCE}.dpkg-new"), sandbox.path(SOURCE))


@pytest.mark.parametrize("mode", MODES)
def test_t23_replacement_of_the_same_size_and_time_is_noticed(mode: str, sandbox: Sandbox) -> None:
    how = ("--invalidation-mode", mode, APP)
    sandbox.write(SOURCE, BODY, mtime=1_700_000_000)
    sandbox.compile(*how)
    _replace(sandbox, BODY.replace("aaaa", "cccc"), 1_700_000_000)
    assert sandbox.compile(*how).summary == {"compiled": 1}
    assert b"cccc" in sandbox.read(PYC)
    _replace(sandbox, BODY.replace("aaaa", "cccc"), 1_700_000_000)
    assert sandbox.compile(*how).summary == {"fresh": 1}


@pytest.mark.parametrize("mode", MODES)
def test_t23_same_second_other_size_is_noticed_after_a_recursive_chmod(mode: str, sandbox: Sandbox) -> None:
    how = ("--invalidation-mode", mode, APP)
    sandbox.write(SOURCE, BODY, mtime=1_700_000_000)
    sandbox.compile(*how)
    _replace(sandbox, BODY + "last = 'new'\n", 1_700_000_000)
    os.chmod(sandbox.path(PYC), 0o644)
    assert sandbox.compile(*how).summary == {"compiled": 1}


@pytest.mark.parametrize("mode", MODES[1:])
def test_t23_tool_that_kept_a_stale_pyc_with_hash_is_not_believed(mode: str, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, BODY)
    _py_compile(sandbox, mode)
    _replace(sandbox, BODY.replace("aaaa", "cccc"), 1_700_000_000)
    assert sandbox.compile("--invalidation-mode", mode, APP).of(PYC)[0] == "compiled"
    assert b"cccc" in sandbox.read(PYC)


TIMES = [0, 1, -1.5, 946684800.9999999, 2**31 - 1, 2**31, 2**32 - 1, 2**32 + 5, 1_700_000_000.999999999]


@pytest.mark.parametrize("mtime", TIMES)
def test_any_time_of_a_source_gives_the_header_of_py_compile_and_stays_fresh(mtime: float, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, BODY)
    os.utime(sandbox.path(SOURCE), (mtime, mtime))
    assert sandbox.compile(APP).status == 0
    assert sandbox.read(PYC) == reference_pyc(sandbox, SOURCE)
    assert sandbox.compile(APP).summary == {"fresh": 1}


def test_time_just_below_a_second_gives_the_header_that_import_looks_for(sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, BODY)
    for nanoseconds in (999_999_879, 999_999_880, 999_999_881, 999_999_999):
        os.utime(sandbox.path(SOURCE), ns=(0, 1_700_000_000 * 10**9 + nanoseconds))
        sandbox.compile(APP)
        assert sandbox.read(PYC) == reference_pyc(sandbox, SOURCE)
        assert sandbox.compile(APP).summary == {"fresh": 1}


@pytest.mark.parametrize("changed", MODES[1:])
def test_t21_change_of_mode_compiles_anew(changed: str, sandbox: Sandbox) -> None:
    sandbox.write(SOURCE, BODY)
    sandbox.compile(APP)
    told = sandbox.compile("--invalidation-mode", changed, APP).of(PYC)
    assert told in {("compiled", "stale-flags"), ("compiled", "stale-magic")}
    assert sandbox.compile("--invalidation-mode", changed, APP).summary == {"fresh": 1}
    assert sandbox.compile(APP).of(PYC)[0] == "compiled"
