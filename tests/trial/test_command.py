# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`pkgtools try` where nothing can be played: what is wrong is said in every format, and the exit status is 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.packages import run, write_deb
from tests.lab.needs import need_tools

pytestmark = pytest.mark.system


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a directory with a package, and with what isn't a root."""
    need_tools(["bwrap"])
    write_deb(tmp_path / "a.deb", "a")
    (tmp_path / "no.tar").write_bytes(b"no archive" * 100)
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize("form", ["text", "json", "junit", "html"])
def test_root_that_is_no_archive(form: str, place: Path) -> None:
    done = run(place, "try", "--root", "no.tar", "-f", form, "-o", "report", "a.deb")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")
    assert "no.tar: invalid header" in (place / "report").read_text()


def test_root_without_dpkg(place: Path) -> None:
    done = run(place, "try", "--root", "empty", "a.deb", "a.deb", "-j2")
    assert done.returncode == 2
    assert done.stdout.count("could not be tried: the root could not be prepared: dpkg ended with status 1") == 2
    assert done.stdout.endswith("2 packages, 0 steps played, 0 skipped, no faults, 2 could not be tried\n")


def test_archives_of_one_name_are_not_kept(place: Path) -> None:
    (place / "other").mkdir()
    write_deb(place / "other/a.deb", "a")
    done = run(place, "try", "--root", "empty", "--keep", "empty", "a.deb", "other/a.deb")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--keep: there are 2 packages a.deb" in done.stderr
    assert list((place / "empty").iterdir()) == []


def test_package_of_another_kind_or_name(place: Path) -> None:
    write_deb(place / "b.deb", "b")
    done = run(place, "try", "--root", "empty", "--with", "b.deb", "a.deb", "no.tar")
    assert done.returncode == 2
    assert "the old version is of another package: b 1" in done.stdout
    assert "no.tar: no package of a kind that pkgtools reads" in done.stdout
