# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A store that is named: what one run has compiled another takes, and nothing but what compiling would give."""

from __future__ import annotations

import os
import py_compile
import re
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from pkgtools.runtime.compile.named_store import MARK
from pkgtools.runtime.compile.reuse import key_of
from pkgtools.runtime.facts import InstalledPath
from tests.lab.tree import differences
from tests.runtime.batches import batch
from tests.runtime.faults import require_strace
from tests.runtime.mounts import small_file_system
from tests.runtime.named_stores import KEY, SECRET, build, entries, lay_out, with_key
from tests.runtime.sandbox import APP, SHELF, Sandbox, permissions, pyc_of, reference_pyc, temporaries
from tests.runtime.upgrades import COMPILED, REUSED

BOTH_WAYS = True
DAY = 86_400


def _outcomes(sandbox: Sandbox, sources: list[str], *options: str) -> set[tuple[str, str]]:
    """Build, see that all bytecode is right, and return what was said of it."""
    ran = build(sandbox, *options)
    assert (ran.status, ran.talk) == (0, "")
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)
    return {ran.of(pyc_of(source)) for source in sources}


@pytest.mark.parametrize("keyed", [False, True], ids=["without a key", "with a key"])
def test_second_build_compiles_nothing(keyed: bool, sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    key = with_key(sandbox) if keyed else ()
    assert _outcomes(sandbox, sources, *key) == {COMPILED}
    assert len(entries(sandbox)) == len(sources)
    assert _outcomes(sandbox, sources, *key) == {REUSED}


def test_store_is_for_root_alone(sandbox: Sandbox) -> None:
    lay_out(sandbox)
    sandbox.directory("/srv", 0o2755, (0, 50))
    assert sandbox.compile("--store", SHELF, APP, umask=0).status == 0
    found = {path: (one.mode, one.uid) for path, one in sandbox.below(SHELF).items()}
    assert {(one.mode, one.uid) for path, one in sandbox.below("/srv").items() if path == SHELF} == {(0o700, 0)}
    assert set(found.values()) == {(0o600, 0)}
    assert {path.rpartition("/")[2] for path in found} == {MARK, *entries(sandbox)}


def test_without_the_option_there_is_no_store(sandbox: Sandbox) -> None:
    lay_out(sandbox)
    build(sandbox)
    before = sandbox.below(SHELF)
    sandbox.write(f"{APP}/new.py")
    assert sandbox.compile("-f", APP).status == 0
    assert differences(before, sandbox.below(SHELF)) == []


def test_owner_and_mode_are_the_new_source_s(sandbox: Sandbox) -> None:
    source, *_ = lay_out(sandbox)
    build(sandbox)
    os.chmod(sandbox.path(source), 0o640)
    os.chown(sandbox.path(source), 0, 50)
    assert build(sandbox).of(pyc_of(source)) == REUSED
    entry = sandbox.below(APP)[pyc_of(source)]
    assert (entry.mode, entry.uid, entry.gid) == (0o640, 0, 50)


def _hide_file(sandbox: Sandbox, source: str) -> None:
    os.chmod(sandbox.path(source), 0o640)


def _hide_directory(sandbox: Sandbox, source: str) -> None:
    os.chmod(sandbox.path(os.path.dirname(source)), 0o750)


def _hide_parent(sandbox: Sandbox, _source: str) -> None:
    os.chmod(sandbox.path(APP), 0o700)


def _hide_behind_link(sandbox: Sandbox, source: str) -> None:
    """Put the directory where only root gets to, and root's link to it in its place."""
    directory = os.path.dirname(source)
    sandbox.directory("/root", 0o700)
    os.rename(sandbox.path(directory), sandbox.path("/root/deep"))
    os.symlink("/root/deep", sandbox.path(directory))


@pytest.mark.parametrize("hide", [_hide_file, _hide_directory, _hide_parent, _hide_behind_link])
def test_what_not_everybody_can_read_does_not_enter(hide: Callable[[Sandbox, str], None], sandbox: Sandbox) -> None:
    (source,) = lay_out(sandbox, ["deep/c"])
    hide(sandbox, source)
    assert sandbox.compile("--store", SHELF, os.path.dirname(source)).of(pyc_of(source)) == COMPILED
    assert entries(sandbox) == []


class KeyParts(NamedTuple):
    """What `key_of` takes."""

    source_digest: bytes = b"d" * 20
    source: InstalledPath = InstalledPath("/m.py")
    name: str = "m.cpython-311.pyc"
    magic: bytes = b"magi"
    release: str = "030b02f0" + "12345678"


@pytest.mark.parametrize(
    "other",
    [
        KeyParts(source_digest=b"e" * 20),
        KeyParts(source=InstalledPath("/n.py")),
        KeyParts(name="m.cpython-311.opt-1.pyc"),
        KeyParts(name="m.cpython-312.pyc"),
        KeyParts(magic=b"magj"),
        KeyParts(release="030b03f0" + "12345678"),
        KeyParts(release="030b02f0" + "12345679"),
    ],
    ids=["source", "path", "level", "cache tag", "magic number", "release", "build"],
)
def test_everything_that_decides_how_a_source_compiles_is_in_the_key(other: KeyParts) -> None:
    assert key_of(*other) != key_of(*KeyParts())


def test_changed_source_is_compiled_and_the_old_one_is_found_again(sandbox: Sandbox) -> None:
    source, *others = lay_out(sandbox)
    build(sandbox)
    old = sandbox.read(source)
    sandbox.write(source, b"# another\n" + old)
    assert _outcomes(sandbox, [source]) == {COMPILED}
    assert _outcomes(sandbox, others) == {REUSED}
    sandbox.write(source, old)
    assert _outcomes(sandbox, [source, *others]) == {REUSED}


def test_same_bytes_at_another_path_are_compiled(sandbox: Sandbox) -> None:
    source, *_ = lay_out(sandbox)
    build(sandbox)
    other = sandbox.write(f"{APP}/other/a.py", sandbox.read(source))
    assert sandbox.compile("--store", SHELF, other).of(pyc_of(other)) == COMPILED
    assert sandbox.read(pyc_of(other)) == reference_pyc(sandbox, other)


def test_levels_have_entries_of_their_own(sandbox: Sandbox) -> None:
    (source,) = lay_out(sandbox, ["a"])
    sandbox.write(source, 'def f():\n    "doc"\n    assert f\n')
    build(sandbox, "-O", "0,1")
    ran = build(sandbox, "-O", "0,1,2")
    assert [ran.of(pyc_of(source, level)) for level in (0, 1, 2)] == [REUSED, REUSED, COMPILED]
    assert all(sandbox.read(pyc_of(source, n)) == reference_pyc(sandbox, source, n) for n in (0, 1, 2))


@pytest.mark.parametrize("mode", ["checked-hash", "unchecked-hash"])
def test_one_entry_serves_all_invalidation_modes(mode: str, sandbox: Sandbox) -> None:
    (source,) = lay_out(sandbox, ["a"])
    build(sandbox)
    ran = build(sandbox, "--invalidation-mode", mode)
    assert ran.of(pyc_of(source)) == (REUSED if sandbox.forks else COMPILED)  # the hash needs a worker
    how = py_compile.PycInvalidationMode[mode.replace("-", "_").upper()]
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source, mode=how)
    assert build(sandbox).of(pyc_of(source)) == REUSED


@pytest.mark.parametrize("options", [("-V", "3.0-"), ("--cache-prefix", "/var/cache/python"), ("--no-sync", "-j", "1")])
def test_other_options_change_nothing_about_it(options: tuple[str, ...], sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    sandbox.directory("/var/cache/python")
    build(sandbox)
    ran = build(sandbox, *options)
    assert (ran.status, [(one.status, one.reason) for one in ran.told]) == (0, [REUSED] * len(sources))


def test_store_in_the_root_is_meant_with_root(sandbox: Sandbox) -> None:
    """An image's interpreter makes what enters: nothing of it may reach the store of the machine that builds."""
    lay_out(sandbox)
    assert build(sandbox).status == 0
    assert not os.path.exists(SHELF)
    assert entries(sandbox)


def test_force_takes_nothing_and_enters_all(sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    build(sandbox)
    before = {name: os.stat(sandbox.path(f"{SHELF}/{name}")).st_ino for name in entries(sandbox)}
    assert {sandbox.compile("--store", SHELF, "--force", APP).of(pyc_of(one))[0] for one in sources} == {"compiled"}
    after = {name: os.stat(sandbox.path(f"{SHELF}/{name}")).st_ino for name in entries(sandbox)}
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


@pytest.mark.parametrize("there", [False, True], ids=["absent", "filled"])
def test_dry_run_changes_nothing_and_foretells(there: bool, sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    if there:
        build(sandbox)
        subprocess.run(["rm", "-r", sandbox.path(f"{APP}/__pycache__")], check=True)
    before = sandbox.below("/")
    ran = sandbox.compile("--store", SHELF, "--dry-run", APP)
    assert differences(before, sandbox.below("/")) == []
    assert ran.of(pyc_of(sources[0])) == (REUSED if there else COMPILED)
    assert sandbox.compile("--store", SHELF, APP).of(pyc_of(sources[0])) == ran.of(pyc_of(sources[0]))


def test_batch_and_other_runs_leave_it_alone(sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    build(sandbox)
    before = sandbox.below(SHELF)
    batch(sandbox, "--all")
    sandbox.clean(APP, environment={"DPKG_MAINTSCRIPT_NAME": "prerm"})
    sandbox.compile(*sources)
    assert differences(before, sandbox.below(SHELF)) == []


@pytest.mark.parametrize("limit", ["size=4k", "nr_inodes=1", "nr_inodes=4"])
def test_full_store_costs_speed_only(limit: str, sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    sandbox.directory(SHELF, 0o700)
    with small_file_system(sandbox.path(SHELF), limit):
        os.chmod(sandbox.path(SHELF), 0o700)
        if "size" in limit:
            sandbox.write(f"{SHELF}/{MARK}", b"x" * 4096, mode=0o600)
            os.unlink(sandbox.path(f"{SHELF}/{MARK}"))
        for _ in range(2):
            assert _outcomes(sandbox, sources) <= {COMPILED, REUSED}
        assert len(entries(sandbox)) < len(sources)
        assert [name for name in os.listdir(sandbox.path(SHELF)) if name.startswith(".")] == []


def test_store_that_fails_is_asked_no_more_to_keep_anything(sandbox: Sandbox, tmp_path: Path) -> None:
    require_strace()
    lay_out(sandbox, [f"m{number}" for number in range(20)])
    build(sandbox)
    log = tmp_path / "log"
    fail = ("--trace=openat", "-P", sandbox.path(SHELF), "--inject=openat:error=ENOSPC:when=3+")
    sandbox.compile("--store", SHELF, "-f", APP, wrapper=("/usr/bin/strace", "-f", "-o", str(log), *fail))
    assert len(re.findall(r"O_CREAT.*ENOSPC", log.read_text(errors="replace"))) <= len(os.sched_getaffinity(0))


def test_runs_at_once_share_one_store(sandbox: Sandbox) -> None:
    names = [f"m{number}" for number in range(20)]
    sources = lay_out(sandbox, names)
    trees = [APP, "/opt/other"]
    for source in sources:
        sandbox.write(source.replace(APP, trees[1]), sandbox.read(source))
    with ThreadPoolExecutor(4) as runs:
        for _ in range(2):
            ran = list(runs.map(lambda tree: sandbox.compile("-f", "--store", SHELF, tree), trees * 2))
            assert {one.status for one in ran} == {0}
    assert len(entries(sandbox)) == 2 * len(sources)
    assert _outcomes(sandbox, sources) == {REUSED}


@pytest.mark.parametrize("when", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 7))])
def test_run_that_is_killed_while_it_enters_leaves_nothing_wrong(when: int, sandbox: Sandbox) -> None:
    require_strace()
    sources = lay_out(sandbox)
    build(sandbox, "--dry-run")
    for call in ("write", "renameat", "rename"):
        follow = ("-f",) if sandbox.forks else ()
        inject = (f"--trace=?{call}", f"--inject={call}:signal=KILL:when={when}")
        sandbox.compile("--store", SHELF, "-f", APP, wrapper=("/usr/bin/strace", *follow, "-o", "/dev/null", *inject))
        assert _outcomes(sandbox, sources) <= {COMPILED, REUSED}
        assert _outcomes(sandbox, sources) == {REUSED}
        assert [path for path in temporaries(sandbox) if path.startswith((APP, SHELF))] == []


def test_use_keeps_an_entry_young(sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    build(sandbox)
    paths = [Path(sandbox.path(f"{SHELF}/{name}")) for name in entries(sandbox)]
    for path in paths:
        os.utime(path, (time.time() - 3 * DAY,) * 2)
    os.unlink(sandbox.path(sources[0]))
    build(sandbox, "--dry-run")
    assert all(time.time() - path.stat().st_mtime > 2 * DAY for path in paths)
    build(sandbox)
    assert sorted(time.time() - path.stat().st_mtime > 2 * DAY for path in paths) == [False, False, True]


def test_key_of_another_builder_opens_nothing(sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    build(sandbox, *with_key(sandbox))
    assert _outcomes(sandbox, sources, *with_key(sandbox, "f" * 64)) == {COMPILED}
    assert _outcomes(sandbox, sources, *with_key(sandbox, "f" * 64)) == {REUSED}
    assert _outcomes(sandbox, sources, "--store-key", KEY) == {REUSED}
    assert _outcomes(sandbox, sources, *with_key(sandbox, f"  {SECRET}\n")) == {COMPILED}


def test_what_has_no_code_is_not_taken_with_a_key(sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    build(sandbox)
    assert _outcomes(sandbox, sources, *with_key(sandbox)) == {COMPILED}
    assert _outcomes(sandbox, sources, *with_key(sandbox)) == {REUSED}
    assert _outcomes(sandbox, sources) == {REUSED}
    assert permissions(sandbox.path(KEY)) == 0o600


def test_only_entries_that_are_a_day_old_are_marked_as_used(sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    _outcomes(sandbox, sources)
    old, young, ahead = (sandbox.path(f"{SHELF}/{name}") for name in entries(sandbox))
    now = time.time()
    for path, when in ((old, now - 2 * DAY), (young, now - DAY / 2), (ahead, now + DAY)):
        os.utime(path, (when, when))
    before = [os.stat(path).st_mtime_ns for path in (young, ahead)]
    assert _outcomes(sandbox, sources) == {REUSED}
    assert os.stat(old).st_mtime > now - DAY
    assert [os.stat(path).st_mtime_ns for path in (young, ahead)] == before
