# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What kind of package a file is: its content tells, and its name where that doesn't."""

from __future__ import annotations

import gzip
import os
import zipfile
from typing import TYPE_CHECKING

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.model.package import Kind
from pkgtools.readers.package import read_package
from pkgtools.readers.package_kinds import kind_by_name, kind_of_package
from tests.readers.deb_crafted import END, deb, entry
from tests.readers.test_alpm import alpm
from tests.readers.test_apk import MODULE, apk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RPM = b"\xed\xab\xee\xdb" + bytes(92)
CONTENT: dict[str, tuple[Callable[[], bytes], Kind | None]] = {
    "deb": (lambda: deb(END), Kind.DEB),
    "rpm": (lambda: RPM, Kind.RPM),
    "apk": (lambda: apk(MODULE + END), Kind.APK),
    "apk without a signature": (
        lambda: gzip.compress(entry(b".PKGINFO", b"pkgname = a\npkgver = 1\n")) + gzip.compress(MODULE + END),
        Kind.APK,
    ),
    "apk v3": (lambda: b"ADBd" + bytes(100), Kind.APK),
    "alpm": (lambda: alpm(MODULE), Kind.ALPM),
    "alpm by gzip": (lambda: gzip.compress(alpm(MODULE)), Kind.ALPM),
    "an image's tar": (lambda: entry(b"manifest.json", b"[]") + END, None),
    "a system's tar": (lambda: entry(b"./", kind=b"5") + entry(b"./etc/os-release") + END, None),
    "a system's tar with hidden files": (lambda: gzip.compress(entry(b".dockerenv") + entry(b"bin") + END), None),
    "text": (lambda: b"x\n" * 300, None),
    "nothing": (lambda: b"", None),
}


@pytest.mark.parametrize(("make", "kind"), CONTENT.values(), ids=CONTENT)
def test_content_tells(make: Callable[[], bytes], kind: Kind | None, tmp_path: Path) -> None:
    path = tmp_path / "something"
    path.write_bytes(make())
    assert kind_of_package(path) is kind


@pytest.mark.parametrize("name", ["x.rpm", "x.deb", "x.tar.gz", "x"])
def test_content_counts_more_than_the_name(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(apk(MODULE + END))
    assert kind_of_package(path) is Kind.APK


INFORMATION = entry(b".PKGINFO", b"pkgname = a\npkgver = 1\n")
EITHER = {"alone": INFORMATION + END, "with a script": INFORMATION + entry(b".post-install") + END, "cut": INFORMATION}


@pytest.mark.parametrize("content", EITHER.values(), ids=EITHER)
@pytest.mark.parametrize(
    ("name", "kind"), [("a-1-1-any.pkg.tar.gz", Kind.ALPM), ("a-1-r0.apk", Kind.APK), ("a.tar.gz", Kind.APK)]
)
def test_name_tells_where_the_content_is_that_of_both(name: str, kind: Kind, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(content))
    assert kind_of_package(path) is kind


@pytest.mark.parametrize("content", [INFORMATION + MODULE, INFORMATION + entry(b".MTREE") + END])
def test_what_only_one_of_both_holds_tells_whatever_the_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a-1-r0.apk"
    path.write_bytes(gzip.compress(content))
    assert kind_of_package(path) is Kind.ALPM


def test_a_package_of_arch_linux_with_metadata_alone_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a-1-1-any.pkg.tar.gz"
    path.write_bytes(gzip.compress(INFORMATION + END))
    assert read_package(path, ReadingOptions()).kind is Kind.ALPM


NAMES = {
    "a.deb": Kind.DEB,
    "a.udeb": Kind.DEB,
    "a.ddeb": Kind.DEB,
    "a.rpm": Kind.RPM,
    "a-1-r0.apk": Kind.APK,
    "a-1-1-any.pkg.tar.zst": Kind.ALPM,
    "a-1-1-any.pkg.tar": Kind.ALPM,
    "a-1-1-any.pkg.tar.zst.sig": None,
    "a.tar.zst": None,
    "a\n.pkg.tar.xz": Kind.ALPM,
}


@pytest.mark.parametrize(("name", "kind"), NAMES.items())
def test_name_tells_where_content_does_not(name: str, kind: Kind | None, tmp_path: Path) -> None:
    path = tmp_path / name
    path.touch()
    assert kind_by_name(path) is kind
    assert kind_of_package(path) is kind


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory.deb").mkdir()
    assert kind_of_package(tmp_path / "pipe") is None
    assert kind_of_package(tmp_path / "directory.deb") is None
    assert kind_of_package(tmp_path / "missing.apk") is Kind.APK


def test_app_of_android_is_none_of_alpine_s(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "app.apk", "w") as archive:
        archive.writestr("AndroidManifest.xml", "")
    assert kind_of_package(tmp_path / "app.apk") is Kind.APK  # who reads it says what it is
