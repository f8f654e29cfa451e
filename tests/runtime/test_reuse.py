# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The store: what a clean before an upgrade takes away is taken back, and nothing but what compiling would give."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.runtime.compile.leftovers import drop_of
from pkgtools.runtime.compile.reuse import STORE
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.record import Record
from tests.lab.tree import differences
from tests.runtime.batches import NEW, WHEN, batch, install, remove
from tests.runtime.records import forget
from tests.runtime.sandbox import PUBLIC, Sandbox, permissions, pyc_of, reference_pyc
from tests.runtime.upgrades import COMPILED, POSTINST, PRERM, REUSED, SETTINGS, installed, prerm, stored, stray, upgrade

BOTH_WAYS = True


def test_upgrade_takes_back_what_is_unchanged(sandbox: Sandbox) -> None:
    sources = installed(sandbox, "a", "b")
    prerm(sandbox)
    assert len(stored(sandbox)) == 2
    ran = upgrade(sandbox, "a", "b")
    assert {ran.of(pyc_of(source)) for source in sources} == {REUSED}
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)
    assert stored(sandbox) == []


def test_taken_back_is_as_good_as_compiled_for_the_next_upgrade(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    upgrade(sandbox, "a")
    prerm(sandbox)
    assert upgrade(sandbox, "a", version="3").of(pyc_of(source)) == REUSED


def test_changed_source_is_compiled(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    assert upgrade(sandbox, "a", text=NEW).of(pyc_of(source)) == COMPILED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_another_time_alone_is_another_header(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    assert upgrade(sandbox, "a", mtime=WHEN + 100).of(pyc_of(source)) == REUSED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_the_same_text_under_another_name_is_compiled(sandbox: Sandbox) -> None:
    installed(sandbox, "a")
    prerm(sandbox)
    os.unlink(sandbox.path(f"{PUBLIC}/acme/a.py"))
    other = f"{PUBLIC}/acme/other.py"
    assert upgrade(sandbox, "other").of(pyc_of(other)) == COMPILED
    assert sandbox.read(pyc_of(other)) == reference_pyc(sandbox, other)


def test_mode_is_the_new_source_s(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", version="2")
    os.chmod(sandbox.path(source), 0o600)
    assert batch(sandbox).of(pyc_of(source)) == REUSED
    assert permissions(sandbox.path(pyc_of(source))) == 0o600


def test_the_store_is_for_root_alone(sandbox: Sandbox) -> None:
    installed(sandbox, "a")
    stray(sandbox, "a")
    prerm(sandbox)
    assert permissions(sandbox.path(STORE)) == 0o700
    assert [permissions(sandbox.path(f"{STORE}/{name}")) for name in stored(sandbox)] == [0o600]


def _plant(sandbox: Sandbox, source: str) -> None:
    sandbox.write(pyc_of(source), reference_pyc(sandbox, source)[:16] + b"planted")


def _flip(sandbox: Sandbox, source: str) -> None:
    path = sandbox.path(pyc_of(source))
    state = os.stat(path)
    data = bytearray(Path(path).read_bytes())
    data[-1] ^= 1
    Path(path).write_bytes(data)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def _by_another(sandbox: Sandbox, source: str) -> None:
    data = reference_pyc(sandbox, source)
    os.unlink(sandbox.path(pyc_of(source)))
    sandbox.write(pyc_of(source), data + b"trailing")


@pytest.mark.parametrize("what", [_plant, _flip, _by_another])
def test_what_this_runtime_did_not_compile_is_gone_after_an_upgrade(
    what: Callable[[Sandbox, str], None], sandbox: Sandbox
) -> None:
    (source,) = installed(sandbox, "a")
    what(sandbox, source)
    prerm(sandbox)
    assert stored(sandbox) == []
    assert upgrade(sandbox, "a").of(pyc_of(source)) == COMPILED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_pyc_that_only_was_found_right_does_not_enter(sandbox: Sandbox) -> None:
    (source,) = install(sandbox, "acme", "a")
    sandbox.write(pyc_of(source), reference_pyc(sandbox, source))
    assert batch(sandbox).of(pyc_of(source)) == ("fresh", "up-to-date")
    prerm(sandbox)
    assert stored(sandbox) == []


def _flip_entry(path: str) -> None:
    data = bytearray(Path(path).read_bytes())
    data[len(data) // 2] ^= 1
    Path(path).write_bytes(data)


def _link_entry(path: str) -> None:
    os.rename(path, f"{path}.real")
    os.symlink(f"{path}.real", path)


def _directory_for_entry(path: str) -> None:
    os.unlink(path)
    os.mkdir(path)


@pytest.mark.parametrize(
    "what",
    [_flip_entry, _link_entry, _directory_for_entry, os.unlink, lambda path: os.truncate(path, 30)],
    ids=["flipped", "link", "directory", "gone", "cut"],
)
def test_damaged_entry_is_compiled(what: Callable[[str], None], sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    (name,) = stored(sandbox)
    what(sandbox.path(f"{STORE}/{name}"))
    assert upgrade(sandbox, "a").of(pyc_of(source)) == COMPILED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_entry_under_another_s_name_is_compiled(sandbox: Sandbox) -> None:
    """A body belongs to its name by its digest: swapped entries serve neither source."""
    sources = [*install(sandbox, "acme", "a"), sandbox.write(f"{PUBLIC}/acme/b.py", NEW, mtime=WHEN)]
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", "b")
    batch(sandbox)
    prerm(sandbox)
    one, other = (sandbox.path(f"{STORE}/{name}") for name in stored(sandbox))
    os.rename(one, f"{one}.away")
    os.rename(other, one)
    os.rename(f"{one}.away", other)
    ran = upgrade(sandbox, "a", "b")
    assert {ran.of(pyc_of(source)) for source in sources} == {COMPILED}
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)


@pytest.mark.parametrize("what", ["release", "build"])
def test_another_release_or_build_of_the_interpreter_compiles_all(what: str, sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    tree = sandbox.tree()
    record = Record(tree)
    cache, name = InstalledPath(os.path.dirname(pyc_of(source))), os.path.basename(pyc_of(source))
    entry = record.of(cache)[name]
    other = f"{'0' * 8}{entry.release[8:]}" if what == "release" else f"{entry.release[:8]}{'0' * 8}"
    record.note(cache, name, entry._replace(release=other))
    record.save()
    tree.close()
    prerm(sandbox)
    assert len(stored(sandbox)) == 1
    assert upgrade(sandbox, "a").of(pyc_of(source)) == COMPILED


@pytest.mark.parametrize("what", ["mode", "owner", "link"])
def test_store_in_other_hands_is_not_used(what: str, sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    if what == "mode":
        os.chmod(sandbox.path(STORE), 0o755)
    elif what == "owner":
        os.chown(sandbox.path(STORE), 1234, 1234)
    else:
        os.rename(sandbox.path(STORE), sandbox.path("/var/elsewhere"))
        os.chown(sandbox.path("/var/elsewhere"), 1234, 1234)
        os.symlink("/var/elsewhere", sandbox.path(STORE))
    ran = upgrade(sandbox, "a")
    assert ran.of(pyc_of(source)) == COMPILED
    assert ran.status == 2
    where = "/var/elsewhere" if what == "link" else STORE
    assert [one.path for one in ran.told if one.status == "refused"] == [where]
    prerm(sandbox)
    names = os.listdir(sandbox.path(STORE) if what != "link" else sandbox.path("/var/elsewhere"))
    assert [name.startswith("package-") for name in sorted(names)] == [False, True]


def test_removal_by_hand_keeps_nothing(sandbox: Sandbox) -> None:
    installed(sandbox, "a")
    prerm(sandbox, {})
    assert stored(sandbox) == []


def test_upgrade_that_is_given_up_gets_its_bytecode_back(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    sandbox.write("/var/lib/pkgtools/cleaned", "acme\n", mode=0o600)
    assert batch(sandbox).of(pyc_of(source)) == REUSED
    assert stored(sandbox) == []


def test_postinst_takes_back_and_drops_what_is_its_own(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    install(sandbox, "other", "x")
    batch(sandbox)
    prerm(sandbox)
    assert sandbox.clean("-p", "other", environment=PRERM).status == 0
    assert len(stored(sandbox)) == 2
    os.utime(sandbox.path(source), (WHEN + 5, WHEN + 5))
    ran = sandbox.compile("-p", "acme", environment=POSTINST)
    assert ran.of(pyc_of(source)) == REUSED
    assert len(stored(sandbox)) == 1


@pytest.mark.parametrize(("hours", "left"), [(23, 1), (25, 0), (-25, 0)])
@pytest.mark.parametrize("alone", [True, False], ids=["alone", "in-its-directory"])
def test_what_is_older_than_a_day_is_dropped(hours: int, left: int, alone: bool, sandbox: Sandbox) -> None:
    installed(sandbox, "a")
    stray(sandbox, *(["a"] if alone else []))
    prerm(sandbox)
    sandbox.compile(sandbox.write("/opt/app/m.py"))
    assert len(stored(sandbox)) == 1
    tree = sandbox.tree()
    drop_of(tree, (), 0, time.time() + 3600 * hours)
    tree.close()
    assert len(stored(sandbox)) == left


@pytest.mark.parametrize(("size", "kept"), [("0", 0), ("1", 0), ("1000000", 3)])
def test_store_keeps_what_its_size_allows(size: str, kept: int, sandbox: Sandbox) -> None:
    sandbox.write(SETTINGS, f"store-size = {size}\n")
    sources = installed(sandbox, "a", "b", "c")
    prerm(sandbox)
    remove(sandbox, "acme", sources)
    assert batch(sandbox).status == 0
    assert len(stored(sandbox)) == kept
    install(sandbox, "acme", "a", "b", "c")
    ran = batch(sandbox)
    assert {ran.of(pyc_of(source)) for source in sources} == {REUSED if kept else COMPILED}
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)


def test_the_oldest_go_first(sandbox: Sandbox) -> None:
    sandbox.write(SETTINGS, "store-size = 1000000\n")
    (first,) = installed(sandbox, "a")
    prerm(sandbox)
    install(sandbox, "other", "x")
    batch(sandbox)
    (oldest,) = stored(sandbox)
    sandbox.clean("-p", "other", environment=PRERM)
    size = os.path.getsize(sandbox.path(f"{STORE}/{oldest}"))
    sandbox.write(SETTINGS, f"store-size = {size + 10}\n")
    sandbox.compile(first)
    assert len(stored(sandbox)) == 1
    assert oldest not in stored(sandbox)


def test_dry_run_of_a_batch_says_what_is_taken_back(sandbox: Sandbox) -> None:
    one, other = installed(sandbox, "a", "b")
    prerm(sandbox)
    forget(sandbox, "acme")
    install(sandbox, "acme", "a", "b", version="2")
    sandbox.write(other, NEW, mtime=WHEN)
    os.utime(sandbox.path(one), (WHEN + 9, WHEN + 9))
    before = sandbox.below("/")
    foretold = batch(sandbox, "--dry-run")
    assert differences(before, sandbox.below("/")) == []
    ran = batch(sandbox)
    assert (ran.of(pyc_of(one)), ran.of(pyc_of(other))) == (REUSED, COMPILED)
    assert (foretold.of(pyc_of(one)), foretold.of(pyc_of(other))) == (REUSED, COMPILED)


@pytest.mark.parametrize("option", ["--force", "--verify"])
def test_dry_run_of_what_compiles_all_foretells_no_reuse(option: str, sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    assert sandbox.compile(option, "--dry-run", source).of(pyc_of(source)) == COMPILED
    assert sandbox.compile(option, source).of(pyc_of(source)) == COMPILED


def test_dry_run_foretells_a_new_header_where_the_store_is_empty(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    os.utime(sandbox.path(source), (WHEN + 9, WHEN + 9))
    assert stored(sandbox) == []
    assert sandbox.compile("--dry-run", source).of(pyc_of(source)) == REUSED
    assert sandbox.compile(source).of(pyc_of(source)) == REUSED


def test_pyc_that_is_right_is_not_written_over_from_the_store(sandbox: Sandbox) -> None:
    """As where another tool has compiled between the prerm and the batch."""
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    sandbox.write(pyc_of(source), reference_pyc(sandbox, source))
    before = os.stat(sandbox.path(pyc_of(source))).st_ino
    assert sandbox.compile_brought(source).summary == {"fresh": 1}
    assert os.stat(sandbox.path(pyc_of(source))).st_ino == before


def test_force_compiles(sandbox: Sandbox) -> None:
    (source,) = installed(sandbox, "a")
    prerm(sandbox)
    assert sandbox.compile("--force", source).of(pyc_of(source)) == COMPILED


def test_pyc_in_place_of_a_source_with_the_same_bytes_gets_a_new_header(sandbox: Sandbox) -> None:
    """rpm unpacks new files before old ones go, so that nothing is moved."""
    source = sandbox.write(f"{PUBLIC}/m.py", mtime=WHEN)
    sandbox.compile_brought(source)
    before = sandbox.read(pyc_of(source))
    sandbox.write(source, mtime=WHEN + 7)
    assert sandbox.compile_brought(source).of(pyc_of(source)) == REUSED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert sandbox.read(pyc_of(source)) != before


def test_pyc_in_place_that_is_damaged_or_of_another_source_is_not_reused(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", mtime=WHEN)
    sandbox.compile_brought(source)
    _flip(sandbox, source)
    sandbox.write(source, mtime=WHEN + 7)
    assert sandbox.compile_brought(source).of(pyc_of(source)) == ("compiled", "stale-source")
    sandbox.write(source, NEW, mtime=WHEN + 8)
    assert sandbox.compile_brought(source).of(pyc_of(source)) == ("compiled", "stale-source")
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
