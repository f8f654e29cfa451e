# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Nothing of a mirror is read before its digest was compared, and nothing vouches for an index but a named key."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pkgtools.archive.listed import MirrorFault, MirrorFile
from pkgtools.archive.mirror import copy, mirror_at, safe_name
from pkgtools.archive.signature import signed_text, signer_of
from tests.mirrors.made_mirrors import (
    BINARY,
    SUITE,
    Answer,
    Key,
    check,
    edit_packages,
    make_mirror,
    served,
    write_release,
)

IN_RELEASE = f"dists/{SUITE}/InRelease"


def _change(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])


def test_an_index_that_was_changed_is_not_read(mirror: Path, store: Path, key: Key) -> None:
    _change(mirror / BINARY / "Packages.xz")
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "its SHA-256 isn't that in the index" in done.stderr


def test_a_package_that_was_changed_is_not_read(mirror: Path, store: Path, key: Key) -> None:
    _change(mirror / "pool/bad_1_all.deb")
    done = check(mirror, store, "--keyring", key.keyring, "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 2
    assert report["packages"]["unfetched"] == 1
    assert report["rules"] == []
    assert "SHA-256" in report["not_done"][0]["reason"]


def test_a_package_that_is_missing_is_tried_again_the_next_time(mirror: Path, store: Path, key: Key) -> None:
    package = mirror / "pool/bad_1_all.deb"
    content = package.read_bytes()
    package.unlink()
    assert check(mirror, store, "--keyring", key.keyring).returncode == 2
    package.write_bytes(content)
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 1
    assert "1 done now" in done.stdout


def _text_changed(text: str) -> str:
    return text.replace("Origin: Test", "Origin: Tust")


def _text_before(text: str) -> str:
    return "Origin: Evil\n\n" + text


def _two_texts(text: str) -> str:
    return text + text


def _no_signature(text: str) -> str:
    return re.sub(r"-----BEGIN PGP SIGNATURE-----.*-----END PGP SIGNATURE-----", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("change", [_text_changed, _text_before, _two_texts, _no_signature])
def test_a_release_file_that_was_changed_vouches_for_nothing(
    change: Callable[[str], str], mirror: Path, store: Path, key: Key
) -> None:
    path = mirror / IN_RELEASE
    path.write_text(change(path.read_text()))
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert IN_RELEASE in done.stderr


def test_a_key_of_another_archive_does_not_vouch(mirror: Path, store: Path, other_key: Key) -> None:
    done = check(mirror, store, "--keyring", other_key.keyring)
    assert done.returncode == 2
    assert "no key of the keyring vouches for it; it is signed by" in done.stderr
    assert "not in the keyring" in done.stderr


def test_a_signature_beside_the_release_file_is_as_good(mirror: Path, store: Path, key: Key) -> None:
    top = mirror / f"dists/{SUITE}"
    (top / "InRelease").unlink()
    key.sign("--output", top / "Release.gpg", "--detach-sign", top / "Release")
    assert check(mirror, store, "--keyring", key.keyring).returncode == 1
    _change(top / "Release")
    changed = check(mirror, store, "--keyring", key.keyring)
    assert changed.returncode == 2
    assert "is bad" in changed.stderr


def test_a_signature_of_something_else_or_by_a_broken_hash_does_not_vouch(tmp_path: Path, key: Key) -> None:
    old, new, signed = tmp_path / "old", tmp_path / "new", tmp_path / "signed"
    old.write_text("Suite: old\n")
    new.write_text("Suite: new\n")
    for kind in ("--clearsign", "--sign", "--detach-sign"):
        key.sign("--output", signed, kind, old)
        with pytest.raises(MirrorFault, match=r"no key of the keyring|is bad"):
            signer_of("new", new.read_bytes(), signed.read_bytes(), key.keyring)
    key.sign("--digest-algo", "SHA1", "--output", signed, "--detach-sign", new)
    with pytest.raises(MirrorFault, match="a hash that can be forged"):
        signer_of("new", new.read_bytes(), signed.read_bytes(), key.keyring)


def test_what_follows_a_signed_text_is_no_part_of_it(tmp_path: Path, key: Key) -> None:
    text, signed, more = tmp_path / "text", tmp_path / "signed", tmp_path / "more"
    text.write_text("Suite: s\n")
    key.sign("--output", signed, "--clearsign", text)
    key.sign("--output", more, "--armor", "--sign", text)
    found, _ = signed_text("signed", signed.read_bytes() + b"Suite: other\n", key.keyring)
    assert found == b"Suite: s\n"
    with pytest.raises(MirrorFault, match="is bad"):
        signed_text("signed", signed.read_bytes() + more.read_bytes(), key.keyring)


def test_an_unsigned_index_is_read_on_request_alone_and_that_stands_on_the_report(
    tmp_path: Path, store: Path, key: Key
) -> None:
    mirror = make_mirror(tmp_path / "mirror", {"bad": True}, None)
    silent = check(mirror, store)
    assert (silent.returncode, store.exists()) == (2, False)
    assert "--keyring is missing" in silent.stderr
    refused = check(mirror, store, "--keyring", key.keyring)
    assert refused.returncode == 2
    asked = check(mirror, store, "--allow-unsigned")
    assert asked.returncode == 1
    assert "NOT SIGNED" in asked.stdout
    report = json.loads(check(mirror, store, "--allow-unsigned", "--json").stdout)
    assert report["index"]["signed_by"] is None


def test_a_keyring_in_ascii_is_refused_with_what_to_do(mirror: Path, store: Path, tmp_path: Path) -> None:
    keyring = tmp_path / "key.asc"
    keyring.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    done = check(mirror, store, "--keyring", keyring)
    assert done.returncode == 2
    assert "gpg --dearmor" in done.stderr


def test_an_index_of_another_suite_or_an_old_one_is_noted(mirror: Path, store: Path, key: Key) -> None:
    write_release(mirror, key, Suite="other", Codename="another", **{"Valid-Until": "Sat, 08 Aug 2026 10:00:00 UTC"})
    done = check(mirror, store, "--keyring", key.keyring)
    assert "note: the index at dists/teststable says that it is of other or another" in done.stdout
    assert "note: the index was valid until 2026-08-08T10:00:00Z" in done.stdout


@pytest.mark.parametrize(
    "name",
    ["../outside", "/etc/passwd", "pool/../../outside", "pool//x", "", ".", "pool/x\n", "pool/\x1b[31m", ".."],
)
def test_names_may_not_leave_the_mirror(name: str) -> None:
    with pytest.raises(MirrorFault):
        safe_name(name)


def test_a_name_that_leads_out_ends_the_run_before_anything_is_read(mirror: Path, store: Path, key: Key) -> None:
    edit_packages(mirror, key, lambda text: text.replace("Filename: pool/bad", "Filename: pool/../../bad"))
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "could lead out of the mirror" in done.stderr


def _link_out(path: Path) -> None:
    outside = path.parents[2] / "outside.deb"
    path.rename(outside)
    path.symlink_to(outside)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


@pytest.mark.parametrize("change", [_link_out, _fifo, _loop])
def test_what_is_no_file_of_the_mirror_is_a_row(
    change: Callable[[Path], None], mirror: Path, store: Path, key: Key
) -> None:
    change(mirror / "pool/bad_1_all.deb")
    report = json.loads(check(mirror, store, "--keyring", key.keyring, "--json").stdout)
    assert report["packages"]["unfetched"] == 1


def test_a_link_within_the_mirror_is_followed(mirror: Path, store: Path, key: Key) -> None:
    (mirror / "pool/bad_1_all.deb").rename(mirror / "real.deb")
    (mirror / "pool/bad_1_all.deb").symlink_to("../real.deb")
    assert check(mirror, store, "--keyring", key.keyring).returncode == 1


CONTENT = b"content of a file\n"
FILE = MirrorFile(name="f", size=len(CONTENT), digest=hashlib.sha256(CONTENT).hexdigest())


def test_an_answer_that_breaks_off_is_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pkgtools.archive.mirror._PAUSE", 0.0)
    answers: list[Answer] = [(503, {}, b""), (200, {}, CONTENT[:5]), (200, {}, CONTENT)]
    with served(tmp_path, lambda _path: answers.pop(0)) as address, (tmp_path / "out").open("w+b") as out:
        copy(mirror_at(address), FILE, out)
        assert out.read() == CONTENT
    assert answers == []


def test_a_redirect_on_the_same_host_is_followed(tmp_path: Path) -> None:
    (tmp_path / "g").write_bytes(CONTENT)
    moved: Answer = (302, {"Location": "/g"}, b"")
    with (
        served(tmp_path, lambda path: moved if path == "/f" else None) as address,
        (tmp_path / "out").open("w+b") as out,
    ):
        copy(mirror_at(address), FILE, out)
        assert out.read() == CONTENT


@pytest.mark.parametrize(
    "address", ["ftp://x/y", "http://user:secret@host/x", "http://", "https://host/?a=b", "/no/such/directory"]
)
def test_what_is_no_address_of_a_mirror(address: str, store: Path, key: Key) -> None:
    done = check(address, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert "secret" not in done.stderr


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param(f"Package: x\nDescription: {'x' * (1 << 20)}\n", "a line of it is longer", id="line"),
        pytest.param("Package: x\n" + f" {'x' * 999}\n" * 17_000, "an entry of it is larger", id="entry"),
        pytest.param("Package: x\nVersion: 1\n", "the entry of 'x' has no Architecture", id="field"),
        pytest.param("Package: x\nSize: many\n", "the entry of 'x' has no Version", id="size"),
    ],
)
def test_an_entry_that_no_index_has_ends_the_run(text: str, wrong: str, mirror: Path, store: Path, key: Key) -> None:
    edit_packages(mirror, key, lambda before: f"{before}\n{text}")
    done = check(mirror, store, "--keyring", key.keyring)
    assert done.returncode == 2
    assert wrong in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_that_is_too_large_is_a_row(mirror: Path, store: Path, key: Key) -> None:
    size = (mirror / "pool/bad_1_all.deb").stat().st_size
    edit_packages(mirror, key, lambda text: text.replace(f"\nSize: {size}\n", f"\nSize: {9 << 30}\n"))
    report = json.loads(check(mirror, store, "--keyring", key.keyring, "--json").stdout)
    assert "more than 8589934592" in report["not_done"][0]["reason"]
