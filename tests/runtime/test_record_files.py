# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The files of the record: what shares one, and that what is in them is read back, or not believed."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.runtime import record as record_module
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.record import RECORD, Proof, Record, RecordEntry, digest
from tests.runtime.batches import NEW, OLD, WHEN, batch, install, remove
from tests.runtime.records import forget, know
from tests.runtime.sandbox import APP, PUBLIC, Sandbox, pyc_of, reference_pyc
from tests.runtime.upgrades import PRERM, installed, prerm

CACHE = f"{APP}/__pycache__"


def test_entry_is_read_back_as_it_was_noted(sandbox: Sandbox) -> None:
    tree = sandbox.tree()
    cache = InstalledPath(f"{APP}/__pycache__/\udcff\n")
    entry = RecordEntry((1, 2, 3, -4, 2**62), b"s" * 20, (), b"p" * 20, b"magicnum", "030b02f0d1a5b3c7", Proof.COMPARED)
    record = Record(tree)
    record.note(cache, "m.pyc", entry)
    record.save()
    other = Record(tree)
    other.note(cache, "n.pyc", entry)
    other.save()
    assert Record(tree).of(cache) == {"m.pyc": entry, "n.pyc": entry}
    assert {one.mode for one in sandbox.below(RECORD).values()} == {0o600}
    for name in ("m.pyc", "n.pyc"):
        record.note(cache, name, None)
    record.save()
    assert (Record(tree).of(cache), sandbox.below(RECORD)) == ({}, {})
    tree.close()


def test_directories_of_one_package_share_a_file_and_others_have_their_own(sandbox: Sandbox) -> None:
    entry = RecordEntry((1, 2, 3, 4, 5), b"s" * 20, (), b"p" * 20, b"magicnum", "030b02f0d1a5b3c7", Proof.MADE)
    groups = [
        [f"{PUBLIC}/acme/sub/__pycache__", f"{PUBLIC}/acme/sub/deep/er/__pycache__"],
        ["/usr/share/acme/a/b/__pycache__", "/usr/share/acme/a/b/c/__pycache__"],
        [
            "/var/cache/python/usr/lib/python3/dist-packages/acme/a",
            "/var/cache/python/usr/lib/python3/dist-packages/acme/a/b",
        ],
        [f"{PUBLIC}/__pycache__"],
        [f"{PUBLIC}/acme/__pycache__"],
        [f"{PUBLIC}/acme/subs/__pycache__"],
        ["/usr/share/acme/a/c/__pycache__"],
    ]
    caches = [InstalledPath(cache) for group in groups for cache in group]
    tree = sandbox.tree()
    record = Record(tree)
    for cache in caches:
        record.note(cache, "m.pyc", entry)
    record.save()
    assert len(sandbox.below(RECORD)) == len(groups)
    record.forget(caches[0])
    record.note(caches[1], "m.pyc", None)
    record.note(caches[2], "n.pyc", entry)
    record.forget(caches[3])
    record.save()
    known = [sorted(Record(tree).of(cache)) for cache in caches]
    assert known == [[], [], ["m.pyc", "n.pyc"], [], *[["m.pyc"]] * (len(caches) - 4)]
    assert sorted(Record(tree).caches()) == sorted(caches[2:3] + caches[4:])
    assert len(sandbox.below(RECORD)) == len(groups) - 1
    tree.close()


def test_file_that_another_run_replaced_is_read_again(sandbox: Sandbox) -> None:
    entry = RecordEntry((1, 2, 3, 4, 5), b"s" * 20, (), b"p" * 20, b"magicnum", "030b02f0d1a5b3c7", Proof.MADE)
    tree, cache = sandbox.tree(), InstalledPath(f"{PUBLIC}/acme/__pycache__")
    one, other = Record(tree), Record(tree)
    for record, name in ((one, "m.pyc"), (other, "n.pyc"), (one, "o.pyc")):
        record.note(cache, name, entry)
        record.save()
    assert sorted(one.of(cache)) == sorted(other.of(cache)) == ["m.pyc", "n.pyc", "o.pyc"]
    tree.close()


def test_state_of_an_earlier_version_leads_to_a_look_at_everything(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/m.py", OLD, mtime=WHEN)
    assert sandbox.run("pkgtools-trigger").status == 0
    packages = "/var/lib/pkgtools/packages"
    body = sandbox.read(packages)[len(b"pkgtools packages 2\n") :]
    sandbox.write(packages, b"pkgtools packages 1\n" + body, mode=0o600)
    old = sandbox.write(f"{RECORD}/{'0' * 32}", b"pkgtools record 2\n", mode=0o600)
    sandbox.write(source, NEW, mtime=WHEN)
    sandbox.write(pyc_of(source), b"", mode=0o644)
    ran = sandbox.run("pkgtools-trigger")
    assert ran.of(packages) == ("skipped", "lost-record")
    assert sandbox.read(pyc_of(source)) == reference_pyc(sandbox, source)
    assert not sandbox.exists(old)


def test_what_was_known_of_directories_that_are_gone_is_forgotten(sandbox: Sandbox) -> None:
    source = sandbox.write(f"{PUBLIC}/pkg/m.py", OLD, mtime=WHEN)
    sandbox.write(f"{PUBLIC}/n.py", OLD, mtime=WHEN)
    sandbox.run("pkgtools-trigger")
    shutil.rmtree(sandbox.path(os.path.dirname(source)))
    sandbox.run("pkgtools-trigger")
    assert len(sandbox.below(RECORD)) == 1


@pytest.mark.parametrize("options", [(), ("--all",)], ids=["batch", "everything"])
def test_what_was_known_of_modules_that_are_gone_is_forgotten(options: tuple[str, ...], sandbox: Sandbox) -> None:
    """Their pycs went to the store with those of modules that came back, or with all of a shared directory."""
    kept, gone = installed(sandbox, "a", "b")
    solo = sandbox.write(f"{PUBLIC}/solo.py", OLD, mtime=WHEN)
    know(sandbox, [solo], "solo", mtime=WHEN)
    batch(sandbox)
    prerm(sandbox)
    sandbox.clean("-p", "solo", environment=PRERM)
    remove(sandbox, "solo", [solo])
    other = sandbox.write(f"{PUBLIC}/other.py", OLD, mtime=WHEN)
    know(sandbox, [other], "other", mtime=WHEN)
    forget(sandbox, "acme")
    os.unlink(sandbox.path(gone))
    install(sandbox, "acme", "a", version="2")
    assert batch(sandbox, *options).status == 0
    record = Record(sandbox.tree())
    known = {f"{cache}/{name}" for cache in record.caches() for name in record.of(cache)}
    assert known == {pyc_of(kept), pyc_of(other)}


@given(body=st.binary(max_size=300), cut=st.integers(0, 400))
def test_record_that_another_systems_owner_made_up_is_nothing_or_entries(body: bytes, cut: int) -> None:
    """The digest of a file says that it isn't damaged, not who wrote it: it may be that of an image that is judged."""
    entry = RecordEntry((1, 2, 3, -4, 5), b"s" * 20, (), b"p" * 20, b"magicnum", "030b02f0d1a5b3c7", Proof.WHOLE)
    known = {"m.pyc": entry, "\udcff": entry}
    whole = record_module._encode({CACHE: record_module._encode_entries(known), f"{CACHE}\udcff": b""})
    head = len(whole) - len(whole.removeprefix(record_module._MAGIC)) + 20
    for made_up in (body, whole[head : head + cut], whole[head:] + body):
        signed = record_module._MAGIC + digest(made_up) + made_up
        for entries in (*record_module._decode(signed).values(), made_up):
            found = record_module._decode_entries(entries)
            assert all(isinstance(one, RecordEntry) for one in found.values())
    read = record_module._decode(whole)
    assert (list(read), record_module._decode_entries(read[CACHE])) == ([CACHE, f"{CACHE}\udcff"], known)
