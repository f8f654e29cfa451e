# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a named store is refused for, and entries that nobody should believe."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.runtime.compile import named_store
from pkgtools.runtime.record import digest
from tests.lab.tree import differences
from tests.runtime.mounts import read_only
from tests.runtime.named_stores import KEY, build, entries, lay_out, with_key
from tests.runtime.sandbox import APP, SHELF, Sandbox, pyc_of, reference_pyc
from tests.runtime.upgrades import COMPILED, REUSED

FRED = (65534, 65534)


def _others_own_it(sandbox: Sandbox) -> None:
    sandbox.directory(SHELF, 0o700, FRED)


def _others_can_write_it(sandbox: Sandbox) -> None:
    sandbox.directory(SHELF, 0o770)


def _others_can_read_it(sandbox: Sandbox) -> None:
    sandbox.directory(SHELF, 0o755)


def _others_own_the_way(sandbox: Sandbox) -> None:
    sandbox.directory(SHELF, 0o700)
    os.chown(sandbox.path("/srv"), *FRED)


def _others_can_write_the_way(sandbox: Sandbox) -> None:
    sandbox.directory(SHELF, 0o700)
    os.chmod(sandbox.path("/srv"), 0o1777)  # sticky: others could have made it before root did


def _link_of_another(sandbox: Sandbox) -> None:
    sandbox.directory("/srv/real", 0o700)
    os.symlink("/srv/real", sandbox.path(SHELF))
    os.chown(sandbox.path(SHELF), *FRED, follow_symlinks=False)


def _something_else(sandbox: Sandbox) -> None:
    sandbox.directory(SHELF, 0o700)
    sandbox.write(f"{SHELF}/letters", b"private", mode=0o600)


def _file(sandbox: Sandbox) -> None:
    sandbox.write(SHELF, b"", mode=0o600)


def _cannot_be_written(sandbox: Sandbox) -> None:
    build(sandbox)
    os.chmod(sandbox.path(SHELF), 0o500)


REFUSED: dict[Callable[[Sandbox], None], str] = {
    _others_own_it: "not-root-owned: name a directory for --store that root alone can write to",
    _others_can_write_it: "writable-by-others: name a directory for --store that root alone can write to",
    _others_can_read_it: "other users can read the store: chmod 0700 /srv/bytecode",
    _others_own_the_way: "/srv: not-root-owned: name a directory for --store",
    _others_can_write_the_way: "/srv: writable-by-others: name a directory for --store",
    _link_of_another: "symlink: name a directory for --store",
    _something_else: "it isn't a store, and not empty: name an empty directory for --store",
    _file: "not-a-directory: name a directory for --store",
    _cannot_be_written: "a read-only copy of a store on a mount that can be written to: give its key with --store-key",
}


@pytest.mark.parametrize("dry", [(), pytest.param(("--dry-run",), marks=pytest.mark.slow)], ids=["run", "dry run"])
@pytest.mark.parametrize("make", REFUSED)
def test_store_that_root_can_not_trust_ends_the_run(
    make: Callable[[Sandbox], None], dry: tuple[str, ...], sandbox: Sandbox
) -> None:
    lay_out(sandbox)
    make(sandbox)
    sandbox.clean(APP)
    before = sandbox.below("/")
    ran = sandbox.compile("--store", SHELF, *dry, APP)
    assert (ran.status, ran.told) == (2, ())
    assert REFUSED[make] in ran.talk
    assert differences(before, sandbox.below("/")) == []


def test_another_user_has_a_store_for_what_is_their_own(sandbox: Sandbox) -> None:
    source = sandbox.write("/home/fred/m.py", owner=FRED)
    for directory in ("/home/fred", "/home/fred/bytecode"):
        sandbox.directory(directory, 0o700 if directory != "/home/fred" else 0o755, FRED)
    wrapper = ("/usr/bin/setpriv", f"--reuid={FRED[0]}", f"--regid={FRED[1]}", "--clear-groups")
    options = ("--store", "/home/fred/bytecode")
    for reason in ("missing", "reused"):
        ran = sandbox.run("pkgtools-compile", *options, source, "--json", "-", wrapper=wrapper)
        assert [one["reason"] for one in json.loads(ran.output)["outcomes"]] == [reason]
        os.unlink(sandbox.path(pyc_of(source)))
    ran = sandbox.compile(*options, sandbox.write(f"{APP}/m.py"))
    assert (ran.status, sandbox.pycs()) == (2, set())
    assert "/home/fred: not-root-owned: name a directory for --store" in ran.talk


@pytest.mark.parametrize("where", ["/var/lib/pkgtools", "/var/lib/pkgtools/store", "/var/lib/pkgtools/mine"])
def test_own_state_is_no_place_for_it(where: str, sandbox: Sandbox) -> None:
    lay_out(sandbox)
    ran = sandbox.compile("--store", where, APP)
    assert (ran.status, sandbox.pycs()) == (2, set())
    assert "pkgtools keeps its own state there" in ran.talk


def test_directory_above_that_is_missing_is_not_made(sandbox: Sandbox) -> None:
    lay_out(sandbox)
    ran = sandbox.compile("--store", "/srv/no/such", APP)
    assert (ran.status, sandbox.exists("/srv/no")) == (2, False)
    assert "/srv/no/such: no such file or directory" in ran.talk


def test_new_file_system_may_become_a_store(sandbox: Sandbox) -> None:
    lay_out(sandbox)
    sandbox.directory(f"{SHELF}/lost+found", 0o700)
    os.chmod(sandbox.path(SHELF), 0o700)
    assert build(sandbox).status == 0
    assert entries(sandbox)


OPTIONS = {
    ("--store", SHELF, "--as-owner"): "--store and --as-owner exclude each other",
    ("--store", SHELF, "--verify"): "--store and --verify exclude each other",
    ("--store-key", KEY): "--store-key without --store",
    ("--store", ""): "an empty value for --store",
    ("--store", "/"): "--store /: the store needs a directory of its own",
    ("--store", SHELF, "--store-key", ""): "an empty value for --store-key",
}


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_what_makes_no_sense_together_is_a_usage_error(options: tuple[str, ...], sandbox: Sandbox) -> None:
    lay_out(sandbox)
    ran = sandbox.compile(*options, APP)
    assert (ran.status, sandbox.pycs(), sandbox.exists(SHELF)) == (2, set(), False)
    assert OPTIONS[options] in ran.talk


def _key_behind_link(sandbox: Sandbox) -> None:
    with_key(sandbox)
    os.rename(sandbox.path(KEY), sandbox.path("/etc/k"))
    os.symlink("/etc/k", sandbox.path(KEY))


def _key_of_another(sandbox: Sandbox) -> None:
    with_key(sandbox)
    os.chown(sandbox.path(KEY), *FRED)


def _key_in_open_directory(sandbox: Sandbox) -> None:
    with_key(sandbox)
    os.chmod(sandbox.path(os.path.dirname(KEY)), 0o777)


KEYS: dict[str, Callable[[Sandbox], object]] = {
    "is missing": lambda _: None,
    "others can read": lambda s: with_key(s, mode=0o640),
    "others own": _key_of_another,
    "others can write": lambda s: with_key(s, mode=0o620),
    "others can exchange": _key_in_open_directory,
    "is short": lambda s: with_key(s, "0123456789abcde"),
    "is long": lambda s: with_key(s, "x" * 5000),
    "is a directory": lambda s: s.directory(KEY, 0o700),
    "is a link": _key_behind_link,
}


@pytest.mark.parametrize("what", KEYS)
def test_key_that_is_none_ends_the_run(what: str, sandbox: Sandbox) -> None:
    lay_out(sandbox)
    KEYS[what](sandbox)
    ran = sandbox.compile("--store", SHELF, "--store-key", KEY, APP)
    assert (ran.status, sandbox.pycs(), sandbox.exists(SHELF)) == (2, set(), False)
    assert ran.talk.startswith(f"pkgtools-compile: {os.path.dirname(KEY)}")


@pytest.mark.parametrize("keyed", [False, True], ids=["without a key", "with a key"])
def test_copy_on_a_read_only_mount_is_used(keyed: bool, sandbox: Sandbox) -> None:
    sources = lay_out(sandbox)
    key = with_key(sandbox) if keyed else ()
    build(sandbox, *key)
    new = sandbox.write(f"{APP}/new.py")
    os.chmod(sandbox.path(SHELF), 0o755)  # whoever may read a copy
    with read_only(sandbox.path(SHELF)):
        before = sandbox.below(SHELF)
        ran = build(sandbox, *key)
        assert differences(before, sandbox.below(SHELF)) == []
    assert (ran.status, ran.talk) == (0, "")
    assert [ran.of(pyc_of(source)) for source in (*sources, new)] == [*[REUSED] * len(sources), COMPILED]


def test_empty_read_only_directory_is_no_copy(sandbox: Sandbox) -> None:
    lay_out(sandbox)
    sandbox.directory(SHELF, 0o700)
    with read_only(sandbox.path(SHELF)):
        ran = sandbox.compile("--store", SHELF, APP)
    assert (ran.status, sandbox.pycs()) == (2, set())
    assert "it isn't a store" in ran.talk


def test_copy_that_can_not_be_written_is_used_with_its_key_alone(sandbox: Sandbox) -> None:
    (source, *_) = lay_out(sandbox)
    key = with_key(sandbox)
    build(sandbox, *key)
    os.chmod(sandbox.path(SHELF), 0o500)
    before = sandbox.below(SHELF)
    assert build(sandbox, *key).of(pyc_of(source)) == REUSED
    assert build(sandbox, *with_key(sandbox, "f" * 64)).of(pyc_of(source)) == COMPILED
    assert differences(before, sandbox.below(SHELF)) == []


def _flip(path: str, at: int) -> None:
    data = bytearray(Path(path).read_bytes())
    data[at] ^= 1
    Path(path).write_bytes(data)


def _exchange(path: str) -> None:
    (other,) = (str(one) for one in Path(path).parent.iterdir() if one.name not in {Path(path).name, named_store.MARK})
    os.rename(path, f"{path}.away")
    os.rename(other, path)
    os.rename(f"{path}.away", other)


def _plant(path: str) -> None:
    """Make an entry of another body, as who can write to the store can: with the right key and digest."""
    data = Path(path).read_bytes()
    head, body = data[: named_store._HEAD.size], b"\xe3planted"
    magic, key, _, code = named_store._HEAD.unpack(head)
    Path(path).write_bytes(named_store._HEAD.pack(magic, key, digest(body), code) + body)


def _replace_by_link(path: str) -> None:
    os.rename(path, f"{path}.real")
    os.symlink(f"{path}.real", path)


def _replace_by(make: Callable[[str], None]) -> Callable[[str], None]:
    def act(path: str) -> None:
        os.unlink(path)
        make(path)

    return act


DAMAGE: dict[str, Callable[[str], None]] = {
    "a flipped body": lambda path: _flip(path, -3),
    "a flipped key": lambda path: _flip(path, 20),
    "a flipped digest": lambda path: _flip(path, 40),
    "another format": lambda path: _flip(path, 14),
    "cut": lambda path: os.truncate(path, os.path.getsize(path) - 1),
    "cut to its head": lambda path: os.truncate(path, named_store._HEAD.size),
    "cut in its head": lambda path: os.truncate(path, 40),
    "empty": lambda path: os.truncate(path, 0),
    "longer": lambda path: os.truncate(path, os.path.getsize(path) + 1),
    "huge": lambda path: os.truncate(path, 1 << 40),
    "another's entry": _exchange,
    "of another user": lambda path: os.chown(path, *FRED),
    "others can write": lambda path: os.chmod(path, 0o622),
    "a link": _replace_by_link,
    "a directory": _replace_by(os.mkdir),
    "a fifo": _replace_by(os.mkfifo),
    "gone": os.unlink,
}


@pytest.mark.parametrize(
    "keyed", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["without a key", "with a key"]
)
@pytest.mark.parametrize("what", DAMAGE)
def test_damaged_entry_is_never_taken(what: str, keyed: bool, sandbox: Sandbox) -> None:
    sources = lay_out(sandbox, ["a", "b"])
    key = with_key(sandbox) if keyed else ()
    build(sandbox, *key)
    for name in entries(sandbox)[: 1 if what == "another's entry" else 2]:
        DAMAGE[what](sandbox.path(f"{SHELF}/{name}"))
    ran = build(sandbox, *key)
    assert (ran.status, {ran.of(pyc_of(source)) for source in sources}) == (0, {COMPILED})
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)


def test_planted_entry_is_not_taken_with_a_key(sandbox: Sandbox) -> None:
    (source,) = lay_out(sandbox, ["a"])
    key = with_key(sandbox)
    build(sandbox, *key)
    (name,) = entries(sandbox)
    _plant(sandbox.path(f"{SHELF}/{name}"))
    assert build(sandbox, *key).of(pyc_of(source)) == COMPILED
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)


def test_flipped_code_is_not_taken_with_a_key(sandbox: Sandbox) -> None:
    (source,) = lay_out(sandbox, ["a"])
    key = with_key(sandbox)
    build(sandbox, *key)
    (name,) = entries(sandbox)
    _flip(sandbox.path(f"{SHELF}/{name}"), named_store._HEAD.size - 1)
    assert build(sandbox, *key).of(pyc_of(source)) == COMPILED


def test_who_can_write_a_store_without_key_decides_what_its_readers_run(sandbox: Sandbox) -> None:
    """SECURITY.md says so; where this fails, a key is needed no more."""
    (source,) = lay_out(sandbox, ["a"])
    build(sandbox)
    (name,) = entries(sandbox)
    _plant(sandbox.path(f"{SHELF}/{name}"))
    assert build(sandbox).of(pyc_of(source)) == REUSED
    assert sandbox.read(pyc_of(source)).endswith(b"planted")


def test_body_that_the_key_authenticated_for_another_source_is_not_taken(sandbox: Sandbox) -> None:
    """Who can write to a copy could give a module the code of another one, or of its own earlier version."""
    sources = lay_out(sandbox, ["a", "b"])
    key = with_key(sandbox)
    build(sandbox, *key)
    one, other = (Path(sandbox.path(f"{SHELF}/{name}")) for name in entries(sandbox))
    size = named_store._HEAD.size
    magic, _, told, code = named_store._HEAD.unpack(one.read_bytes()[:size])
    head = named_store._HEAD.pack(magic, bytes.fromhex(other.name), told, code)
    other.write_bytes(head + one.read_bytes()[size:])
    ran = build(sandbox, *key)
    assert {ran.of(pyc_of(source)) for source in sources} == {COMPILED, REUSED}
    assert all(sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source) for source in sources)
