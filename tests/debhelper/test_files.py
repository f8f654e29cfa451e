# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The files that debhelper's helpers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.debhelper.debhelper_files import Files
from pkgtools.debhelper.scripts.scripts import merged
from tests.lab.commands import run_on_host
from tests.lab.needs import need_tools


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "debian").mkdir()
    return Files(top=tmp_path, package="foo")


def read(files: Files, ending: str) -> str:
    return (files.top / "debian" / f"foo.{ending}").read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "a:Depends=x, y\n", id="new"),
        pytest.param("misc:Depends=\n", "misc:Depends=\na:Depends=x, y\n", id="beside others"),
        pytest.param("a:Depends=y, z\n", "a:Depends=x, y, z\n", id="some are there"),
        pytest.param("a:Depends=w\na:Depends=z\n", "a:Depends=x, y, z\n", id="twice, the last counts as for dpkg"),
        pytest.param("a:Depends?=z\n", "a:Depends?=x, y, z\n", id="optional"),
        pytest.param("a:Depends!=z\n", "a:Depends=x, y, z\n", id="required"),
        pytest.param("b:X?=z z, y\n", "b:X?=z z, y\na:Depends=x, y\n", id="another one is optional"),
        pytest.param("b:X!=z\nc:X$=z\n", "b:X!=z\nc:X$=z\na:Depends=x, y\n", id="operators of newer dpkgs"),
        pytest.param("# b\n\nb:X=\xe9 =\u2028\n", "# b\nb:X=\xe9 =\u2028\na:Depends=x, y\n", id="a comment"),
        pytest.param("aa:Depends=z\n", "aa:Depends=z\na:Depends=x, y\n", id="a longer name"),
    ],
)
def test_substvars_are_added_once(files: Files, before: str, after: str) -> None:
    (files.top / "debian/foo.substvars").write_text(before)
    files.add_substvars([("a:Depends", ("x", "y"))])
    assert read(files, "substvars") == after
    files.add_substvars([("a:Depends", ("x", "y"))])
    assert read(files, "substvars") == after


def test_substvars_that_are_no_text_survive(files: Files) -> None:
    path = files.top / "debian/foo.substvars"
    path.write_bytes(b"b:X=\xff\n")
    files.add_substvars([("a:Depends", ("x",))])
    assert path.read_bytes() == b"b:X=\xff\na:Depends=x\n"


def test_substvars_are_replaced_as_a_whole(files: Files) -> None:
    path, kept = files.top / "debian/foo.substvars", files.top / "kept"
    path.write_text("b:X=1\n")
    path.chmod(0o600)
    kept.hardlink_to(path)
    files.add_substvars([("a:Depends", ("x",))])
    assert (kept.read_text(), path.read_text()) == ("b:X=1\n", "b:X=1\na:Depends=x\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["foo.substvars"]


def test_dpkg_reads_what_was_added(files: Files) -> None:
    need_tools(["dpkg-gencontrol"], root=False)
    (files.top / "debian/control").write_text(
        "Source: foo\nMaintainer: x <x@example.org>\n\nPackage: foo\nArchitecture: all\n"
        "Depends: ${a:Depends}, ${b:Depends}\nDescription: x\n"
    )
    (files.top / "debian/changelog").write_text(
        "foo (1) unstable; urgency=low\n\n  * x\n\n -- x <x@example.org>  Thu, 26 Nov 2026 00:00:00 +0000\n"
    )
    (files.top / "debian/foo.substvars").write_text("# c\nb:Depends?=p, q\na:Depends=m,\n")
    files.add_substvars([("a:Depends", ("x (>= 1)", "y | z"))])
    argv = ["dpkg-gencontrol", "-pfoo", "-Tdebian/foo.substvars", "-fdebian/files", "-O"]
    said = run_on_host(argv, cwd=files.top)
    assert "\nDepends: m, x (>= 1), y | z, p, q\n" in said


def test_no_substvars_make_no_file(files: Files) -> None:
    files.add_substvars([])
    assert not (files.top / "debian/foo.substvars").exists()


def test_snippets_of_removal_stand_in_the_opposite_order(files: Files) -> None:
    for script in ("postinst", "prerm"):
        files.add_snippet(script, "first\n", "1")
        files.add_snippet(script, "second\n", "1")
        files.add_snippet(script, "first\n", "1")
    end = "# End automatically added section\n"
    first, second = (f"# Automatically added by dh_pkgtools/1\n{text}\n{end}" for text in ("first", "second"))
    assert read(files, "postinst.debhelper") == first + second
    assert read(files, "prerm.debhelper") == second + first


def test_triggers_are_added_once(files: Files) -> None:
    for lines in (["interest-noawait /a"], ["interest-noawait /a", "interest-noawait /b"]):
        files.add_triggers(lines)
    path = files.top / "debian/.debhelper/generated/foo/triggers"
    assert path.read_text() == "interest-noawait /a\ninterest-noawait /b\n"


def test_log_is_for_this_helper(files: Files) -> None:
    (files.top / "debian/foo.debhelper.log").write_text("dh_install\n")
    assert not files.is_logged()
    files.log()
    assert files.is_logged()


def test_file_is_installed_with_its_mode(files: Files) -> None:
    files.install("/usr/share/x/y", "text", 0o755)
    path = files.tree / "usr/share/x/y"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("text", 0o755)


LINE_ENDS = ["\u2028", "\x85", "\x0b", "\x0c", "\x1c"]
"""What str.splitlines() takes for the end of a line."""


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_private_directory_is_one_whatever_is_in_its_name(files: Files, end: str) -> None:
    files.remember_private([f"/opt/a{end}b", "/opt/c"])
    assert files.private() == {f"/opt/a{end}b", "/opt/c"}
    lines = f"# made by dh\ncompile||/opt/a{end}b\n"
    assert merged(lines, "# made by dh\ncompile||/opt/c\n") == f"# made by dh\ncompile||/opt/c\ncompile||/opt/a{end}b\n"
