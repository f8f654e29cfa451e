# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Indexes that a signature vouches for, and that are wrong all the same: one line says so, and nothing is done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from pkgtools.archive.debian_packages import packages_of
from pkgtools.archive.debian_release import DebianSuite
from pkgtools.archive.listed import ListedPackage, MirrorFault
from pkgtools.archive.mirror import mirror_at
from pkgtools.archive.rpm_repository import RpmRepository

_DIGEST = "a" * 64


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param(b"SHA256:\n abc 1\n", "a digest, a size and a name", id="a-word-missing"),
        pytest.param(b"SHA256: abc 1 x\n", "a digest, a size and a name", id="one-line"),
        pytest.param(b"SHA256:\n abc many x\n", "a digest, a size and a name", id="no-number"),
        pytest.param(f"SHA256:\n {_DIGEST} -1 x\n".encode(), "its size in the index", id="negative"),
        pytest.param(f"SHA256:\n {_DIGEST} {1 << 70} x\n".encode(), "its size in the index", id="huge"),
        pytest.param(b"SHA256:\n ../../x 1 x\n", "isn't a SHA-256", id="digest-with-directories"),
        pytest.param(f"SHA256:\n {_DIGEST}a 1 x\n".encode(), "isn't a SHA-256", id="long-digest"),
        pytest.param(b"Suite: \xff\nSHA256:\n", "is not a Release file", id="not-utf-8"),
        pytest.param(b"\0\1\n", "no SHA256 digests", id="nothing"),
    ],
)
def test_a_release_file_that_is_wrong(text: bytes, wrong: str, tmp_path: Path) -> None:
    top = tmp_path / "dists/s"
    top.mkdir(parents=True)
    (top / "Release").write_bytes(text)
    with pytest.raises(MirrorFault, match=wrong):
        DebianSuite(mirror_at(str(tmp_path)), "s", None)


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -2300", "yesterday", "\0"])
def test_a_date_that_is_none_is_unknown(date: str, tmp_path: Path) -> None:
    top = tmp_path / "dists/s"
    top.mkdir(parents=True)
    (top / "Release").write_text(f"Date: {date}\nValid-Until: {date}\nSHA256:\n {_DIGEST} 1 x\n")
    assert DebianSuite(mirror_at(str(tmp_path)), "s", None).index.date == ""


_ENTRY = f"""\
Package: x
Version: 1
Architecture: all
Filename: pool/x.deb
Size: 5
SHA256: {_DIGEST}
Description: x
"""


def _suite(top: Path, indexes: Mapping[str, bytes], **fields: str) -> DebianSuite:
    """Return the suite of a mirror that nobody signed, with indexes of these names."""
    where = top / "dists/s"
    for name, content in indexes.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(content)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    rows = [f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}" for name, content in indexes.items()]
    (where / "Release").write_text("\n".join([*lines, "SHA256:", *rows, ""]))
    return DebianSuite(mirror_at(str(top)), "s", None)


def _listed(text: bytes, top: Path) -> list[ListedPackage]:
    suite = _suite(top, {"main/binary-amd64/Packages": text})
    return list(packages_of(suite, ["main"], ["amd64"]))


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        pytest.param("\nSize: ", "\nSize: \u00b2", "Size that is a number", id="superscript"),
        pytest.param("\nSize: ", f"\nSize: {'9' * 30}", "Size that is a number", id="huge"),
        pytest.param("\nSize: ", f"\nSize: {'9' * 5000}", "Size that is a number", id="digits"),
        pytest.param("\nSize: ", "\nSize: -", "Size that is a number", id="negative"),
        pytest.param("\nSHA256: ", "\nSHA256: /../../../../../../outside", "isn't a SHA-256", id="digest"),
        pytest.param("\nVersion: 1", "\nVersion: 1\n 2", "not one line of text", id="lines"),
        pytest.param("\nVersion: 1", "\nVersion: 1\0", "not one line of text", id="nul"),
        pytest.param("\nFilename: pool/", "\nFilename: pool/../../", "lead out of the mirror", id="filename"),
    ],
)
def test_an_entry_that_is_wrong_ends_the_run(before: str, after: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(MirrorFault, match=wrong):
        _listed(_ENTRY.replace(before, after).encode(), tmp_path)


def test_bytes_that_are_not_utf_8_are_escaped_and_no_encoding_is_guessed(tmp_path: Path) -> None:
    (one,) = _listed(_ENTRY.encode().replace(b": x\n", b": x\xff\n"), tmp_path)
    assert one.name == "x\\xff"


def test_the_last_of_two_fields_of_one_name_counts_and_the_first_of_two_entries_stays(tmp_path: Path) -> None:
    found = _listed((_ENTRY + "Version: 2\n\n" + _ENTRY).encode(), tmp_path)
    assert [one.version for one in found] == ["2", "1"]


def test_packages_for_all_architectures_in_an_index_of_their_own_are_listed(tmp_path: Path) -> None:
    indexes = {"main/binary-all/Packages": _ENTRY.encode(), "main/binary-amd64/Packages": b""}
    found = {}
    for repeated in ("Contents", "Packages"):
        suite = _suite(tmp_path, indexes, Architectures="all amd64", No_Support_for_Architecture_all=repeated)
        found[repeated] = len(list(packages_of(suite, ["main"], ["amd64"])))
    assert found == {"Contents": 1, "Packages": 0}


def test_a_component_with_a_slash_is_where_its_index_is(tmp_path: Path) -> None:
    suite = _suite(tmp_path, {"main/binary-amd64/Packages": b""}, Components="updates/main")
    assert suite.components() == ("main",)
    suite = _suite(tmp_path, {"updates/main/binary-amd64/Packages": _ENTRY.encode()}, Components="updates/main")
    assert suite.components() == ("updates/main",)
    assert [one.name for one in packages_of(suite, suite.components(), ["amd64"])] == ["x"]


@pytest.mark.parametrize(
    "text", ['<?xml version="1.0" encoding="foo"?><a/>', '<?xml version="1.0" encoding="utf-7"?><a/>', "<a>", ""]
)
def test_an_index_of_rpm_packages_that_is_wrong(text: str, tmp_path: Path) -> None:
    (tmp_path / "repodata").mkdir()
    (tmp_path / "repodata/repomd.xml").write_text(text)
    with pytest.raises(MirrorFault, match="can't be read"):
        RpmRepository(mirror_at(str(tmp_path)), None)
