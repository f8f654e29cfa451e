# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Cache directories that go to the store and come back as a whole, and what must not come back with them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable

import pytest

from pkgtools.runtime.compile.cache_directories import CacheDirectories
from pkgtools.runtime.compile.reuse import STORE, Keeper, open_store
from pkgtools.runtime.compile.steps import CompileJob
from pkgtools.runtime.compile.stored_directories import keep_directory
from pkgtools.runtime.compile.writing import PycWriter
from pkgtools.runtime.facts import CacheDirectory, CacheState, InstalledPath, Ownership, Reason, Removal
from pkgtools.runtime.record import Record
from pkgtools.runtime.system.packages import Owned
from pkgtools.runtime.system.temporaries import lock_name, token_of
from pkgtools.runtime.system.trust import Tree, file_state
from tests.runtime.batches import NEW, OLD, WHEN, batch, install, remove
from tests.runtime.faults import ALTERNATIVES, require_strace
from tests.runtime.records import forget, know
from tests.runtime.sandbox import CHECKOUT, PUBLIC, Sandbox, permissions, pyc_of, reference_pyc, source_file
from tests.runtime.upgrades import COMPILED, PRERM, REUSED, installed, prerm, stored, stray, upgrade

BOTH_WAYS = True
MANY = 300
CACHE = f"{PUBLIC}/acme/__pycache__"


def _inodes(sandbox: Sandbox, *paths: str) -> list[int]:
    return [os.stat(sandbox.path(path)).st_ino for path in paths]


def _directory(sandbox: Sandbox) -> str:
    (name,) = (name for name in os.listdir(sandbox.path(STORE)) if name.startswith("directory-"))
    return f"{STORE}/{name}"


def test_directory_and_pycs_are_the_same_ones(sandbox: Sandbox) -> None:
    sources = installed(sandbox, "a", "b")
    before = _inodes(sandbox, CACHE, *map(pyc_of, sources))
    prerm(sandbox)
    ran = upgrade(sandbox, "a", "b")
    assert {ran.of(pyc_of(source)) for source in sources} == {REUSED}
    assert _inodes(sandbox, CACHE, *map(pyc_of, sources)) == before


def test_taken_back_is_fresh_for_the_next_run(sandbox: Sandbox) -> None:
    sources = installed(sandbox, "a", "b")
    prerm(sandbox)
    upgrade(sandbox, "a", "b")
    ran = sandbox.compile_brought(*sources)
    assert ran.summary == {"fresh": 2}


def test_changed_new_and_gone_modules_beside_unchanged_ones(sandbox: Sandbox) -> None:
    kept, changed, gone = installed(sandbox, "a", "b", "c")
    before = _inodes(sandbox, pyc_of(kept))
    prerm(sandbox)
    forget(sandbox, "acme")
    os.unlink(sandbox.path(gone))
    _, _, new = install(sandbox, "acme", "a", "b", "d", version="2")
    sandbox.write(changed, NEW, mtime=WHEN)
    ran = batch(sandbox)
    assert [ran.of(pyc_of(source)) for source in (kept, changed, new)] == [REUSED, COMPILED, COMPILED]
    assert sandbox.pycs(f"{PUBLIC}/acme") == {pyc_of(source) for source in (kept, changed, new)}
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in (kept, changed, new))
    assert (_inodes(sandbox, pyc_of(kept)), stored(sandbox)) == (before, [])


def test_another_time_is_another_header_and_its_neighbour_stays(sandbox: Sandbox) -> None:
    one, other = installed(sandbox, "a", "b")
    before = _inodes(sandbox, pyc_of(other))
    prerm(sandbox)
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", "b", version="2")
    os.utime(sandbox.path(one), (WHEN + 9, WHEN + 9))
    ran = batch(sandbox)
    assert {ran.of(pyc_of(source)) for source in (one, other)} == {REUSED}
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in (one, other))
    assert _inodes(sandbox, pyc_of(other)) == before


def _made_meanwhile(sandbox: Sandbox) -> None:
    sandbox.directory(CACHE)
    sandbox.write(f"{CACHE}/b.cpython-311.pyc", b"foreign")


def _closed_above(sandbox: Sandbox) -> None:
    os.chmod(sandbox.path(f"{PUBLIC}/acme"), 0o700)


def _open_to_others(sandbox: Sandbox) -> None:
    os.chmod(sandbox.path(_directory(sandbox)), 0o777)


@pytest.mark.parametrize("what", [_made_meanwhile, _closed_above, _open_to_others], ids=lambda what: what.__name__)
def test_where_the_directory_can_t_come_back_its_pycs_do(what: Callable[[Sandbox], None], sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    what(sandbox)
    assert upgrade(sandbox, "a").of(pyc_of(source)) == REUSED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert permissions(sandbox.path(CACHE)) == (0o700 if what is _closed_above else 0o755)


def test_caches_of_other_tools_do_not_enter(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    stray(sandbox, "a")
    prerm(sandbox)
    assert len(stored(sandbox)) == 1
    assert upgrade(sandbox, "a").of(pyc_of(source)) == REUSED
    assert sandbox.pycs(f"{PUBLIC}/acme") == {pyc_of(source)}


def test_what_is_put_into_a_stored_directory_does_not_come_back(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    sandbox.write(f"{_directory(sandbox)}/{os.path.basename(pyc_of(source, 1))}", reference_pyc(sandbox, source, 1))
    sandbox.write(f"{_directory(sandbox)}/README", b"foreign")
    assert upgrade(sandbox, "a").of(pyc_of(source)) == REUSED
    assert os.listdir(sandbox.path(CACHE)) == [os.path.basename(pyc_of(source))]
    assert stored(sandbox) == []


def test_directory_below_a_stored_one_is_no_way_out(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    sandbox.directory(f"{_directory(sandbox)}/sub")
    assert upgrade(sandbox, "a").of(pyc_of(source)) == COMPILED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_stored_directory_that_can_t_be_removed_keeps_no_other(sandbox: Sandbox) -> None:
    install(sandbox, "acme", "a")
    others = install(sandbox, "other", "a")
    assert batch(sandbox).status == 0
    prerm(sandbox)
    sandbox.directory(f"{_directory(sandbox)}/sub")
    assert sandbox.clean("-p", "other", environment=PRERM).status == 0
    remove(sandbox, "other", others)
    assert batch(sandbox).status == 0
    assert len(os.listdir(sandbox.path(STORE))) == 1


def test_two_cleans_in_a_row_leave_the_last(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    sandbox.compile("--force", source)
    before = _inodes(sandbox, pyc_of(source))
    prerm(sandbox)
    assert len(stored(sandbox)) == 1
    assert upgrade(sandbox, "a").of(pyc_of(source)) == REUSED
    assert _inodes(sandbox, pyc_of(source)) == before


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in-their-directories"])
def test_package_with_more_directories_than_are_kept_open(alone: bool, sandbox: Sandbox) -> None:
    """The store's descriptor is given up when 256 others were asked for, and its number is another directory's then."""
    names = [f"{PUBLIC}/acme/d{number}/m.py" for number in range(MANY)]
    sources = [sandbox.write(name, OLD, mtime=WHEN) for name in names]
    know(sandbox, [f"{PUBLIC}/acme", *sources], "acme", mtime=WHEN)
    assert batch(sandbox).status == 0
    for source in sources if alone else ():
        sandbox.write(f"{os.path.dirname(pyc_of(source))}/m.cpython-311-pytest-7.4.0.pyc", b"traced")
    assert sandbox.clean("-p", "acme", environment=PRERM).status == 0
    assert len(stored(sandbox)) == MANY
    forget(sandbox, "acme")
    know(sandbox, [f"{PUBLIC}/acme", *sources], "acme", version="2", mtime=WHEN)
    ran = batch(sandbox)
    assert [ran.of(pyc_of(source)) for source in sources] == [REUSED] * MANY
    assert sandbox.pycs(f"{PUBLIC}/acme") == set(map(pyc_of, sources))
    assert stored(sandbox) == []


def test_directories_that_fit_come_back_beside_those_that_do_not(sandbox: Sandbox) -> None:
    """A source of the same size and second is known to be another one only when it is read."""
    names = [f"{PUBLIC}/acme/{directory}/{module}.py" for directory in "abcd" for module in "mn"]
    sources = [sandbox.write(name, OLD, mtime=WHEN) for name in names]
    know(sandbox, [f"{PUBLIC}/acme", *sources], "acme", mtime=WHEN)
    assert batch(sandbox).status == 0
    assert sandbox.clean("-p", "acme", environment=PRERM).status == 0
    forget(sandbox, "acme")
    larger, other = f"{PUBLIC}/acme/b/m.py", f"{PUBLIC}/acme/c/n.py"
    sandbox.write(larger, f"{NEW}# and more\n", mtime=WHEN)
    sandbox.write(other, NEW, mtime=WHEN)
    know(sandbox, [f"{PUBLIC}/acme", *sources], "acme", version="2", mtime=WHEN)
    ran = batch(sandbox)
    changed = {larger, other}
    assert {source: ran.of(pyc_of(source)) for source in sources} == {
        source: COMPILED if source in changed else REUSED for source in sources
    }
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)
    assert (stored(sandbox), sandbox.compile_brought(*sources).summary) == ([], {"fresh": len(sources)})


def test_removal_forgets_what_is_known(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    forget(sandbox, "acme")
    os.unlink(sandbox.path(source))
    os.rmdir(sandbox.path(f"{PUBLIC}/acme"))
    assert batch(sandbox).status == 0
    assert (stored(sandbox), sandbox.below("/var/lib/pkgtools/record")) == ([], {})


def test_source_replaced_after_it_was_read_leaves_no_pyc_of_the_old_one(sandbox: Sandbox) -> None:
    require_strace()
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    mark = sandbox.path(sandbox.write(f"{_directory(sandbox)}/README", b"it goes just before the directory comes back"))
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", version="2")
    calls = ",".join(f"?{name}" for name in ALTERNATIVES.get("renameat", ("renameat",)))
    wrapper = ("/usr/bin/strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}")
    command = [*wrapper, f"--inject={calls}:delay_enter=1s:when=1", f"{CHECKOUT}/triggers/pkgtools-trigger"]
    process = subprocess.Popen([*command, "--root", str(sandbox.root)])
    while os.path.exists(mark):
        assert process.poll() is None
        time.sleep(0.001)
    sandbox.write(f"{source}.new", OLD.replace("old", "new"), mtime=WHEN)
    os.rename(sandbox.path(f"{source}.new"), sandbox.path(source))
    assert process.wait() == 0
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


class _LateKeeper(Keeper):
    """Lets a compiler begin in the last moment before a directory is moved."""

    def __init__(self, tree: Tree, begin: Callable[[], object]) -> None:
        super().__init__(tree)
        self._begin = begin

    def store(self) -> int:
        self._begin()
        return super().store()


def test_directory_in_which_a_compiler_has_just_begun_is_not_moved(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    tree = sandbox.tree()
    open_store(tree, create=True)
    late = _LateKeeper(tree, lambda: sandbox.write(f"{CACHE}/{lock_name('0' * 16)}", b""))
    path, name = InstalledPath(CACHE), os.path.basename(pyc_of(source))
    cache = CacheDirectory(InstalledPath(PUBLIC), path)
    removal = Removal(*cache, name, Reason.CACHE_OF_SOURCE, InstalledPath(source))
    assert not keep_directory(tree, late, cache, [removal], Record(tree).of(path))
    assert sorted(os.listdir(sandbox.path(CACHE))) == [lock_name("0" * 16), name]
    assert stored(sandbox) == []
    assert keep_directory(tree, Keeper(tree), cache, [removal], Record(tree).of(path)) is False
    os.unlink(sandbox.path(f"{CACHE}/{lock_name('0' * 16)}"))
    assert keep_directory(tree, Keeper(tree), cache, [removal], Record(tree).of(path))
    tree.close()


class _Overtaken(CacheDirectories):
    """A clean moves the cache directory away before a lock is held in it."""

    def __init__(self, tree: Tree, move: Callable[[], object]) -> None:
        super().__init__(tree, lambda _: None, lambda _: Owned())
        self._moves = iter([move])

    def ensure(self, cache: CacheState) -> int:
        found = super().ensure(cache)
        next(self._moves, lambda: None)()
        return found


def test_lock_is_held_in_the_directory_that_has_the_name(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    tree, away = sandbox.tree(), sandbox.path("/var/lib/pkgtools/away")
    directories = _Overtaken(tree, lambda: os.rename(sandbox.path(CACHE), away))
    cache = CacheState(InstalledPath(PUBLIC), InstalledPath(CACHE), True, Ownership(0o755, 0, 0), None, False)
    state = file_state(os.stat(sandbox.path(source)))
    writer = PycWriter(tree, directories)
    writer.prepare(CompileJob(source_file(source), state, cache, ()))
    assert [token_of(name) is not None for name in os.listdir(sandbox.path(CACHE))] == [True]
    writer.release()
    assert os.listdir(sandbox.path(CACHE)) == []
    tree.close()


@pytest.mark.parametrize("call", ["renameat", "unlinkat", "openat"])
def test_batch_killed_while_it_takes_back_leaves_nothing_wrong(call: str, sandbox: Sandbox) -> None:
    require_strace()
    kept, changed = installed(sandbox, "a", "b")
    for when in range(1, 7):
        prerm(sandbox)
        forget(sandbox, "acme")
        install(sandbox, "acme", "a", "b", version=f"2.{when}")
        sandbox.write(changed, f"{NEW}# {when}\n", mtime=WHEN)
        names = ",".join(f"?{name}" for name in ALTERNATIVES.get(call, (call,)))
        below = ("-P", sandbox.path(STORE), "-P", sandbox.path(CACHE)) if call == "openat" else ()
        wrapper = ("/usr/bin/strace", "-f", "-o", "/dev/null", *below, "-e", f"trace={names}")
        sandbox.run("pkgtools-trigger", wrapper=(*wrapper, f"--inject={names}:signal=KILL:when={when}"))
        for source in (kept, changed):
            if sandbox.exists(pyc_of(source)):
                assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
        assert batch(sandbox).status == 0
        assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in (kept, changed))
