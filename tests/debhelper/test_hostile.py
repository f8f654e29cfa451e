# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The program under trees, names, options and control files that nobody should write."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from pkgtools.debhelper.main import parse
from pkgtools.debhelper.source_control import read_control
from pkgtools.runtime.errors import UsageError
from tests.debhelper.source_tree import DIST, OLD, SourceTree

QUOTED = 'usr/lib/foo/o\'ne "two" $(touch hurt)'


def words_after_compile(script: str) -> list[list[str]]:
    """Return the arguments of each call of py3compile in a script, as the shell splits them."""
    calls = [line.strip() for line in script.splitlines() if line.strip().startswith("py3compile")]
    return [shlex.split(call)[1:] for call in calls]


def test_private_directories_are_quoted_for_the_shell(tree: SourceTree) -> None:
    tree.control("${python3:Depends}")
    tree.write({f"debian/foo/{QUOTED}/a.py": ""})
    tree.good("--compat=dh_python3", "-X", "it's (x)", f"/{QUOTED}")
    wanted = ["-p", "foo", f"/{QUOTED}", "-X", "it's (x)"]
    assert words_after_compile(tree.read("debian/foo.postinst.debhelper")) == [wanted]
    update = tree.read("debian/foo/usr/share/python3/runtime.d/foo.rtupdate")
    assert words_after_compile(update) == [["-p", "foo", "-X", "it's (x)", f"/{QUOTED}", "||", "true"]]
    subprocess.run(["sh", "-n"], input=update, text=True, check=True)


@pytest.mark.parametrize("strategy", ["trigger", "direct", "standalone"])
def test_private_directories_with_blanks_in_own_scripts(tree: SourceTree, strategy: str) -> None:
    tree.write({"debian/foo/usr/lib/foo/o'ne two/a.py": ""})
    tree.good(f"--strategy={strategy}")
    scripts = sorted((tree.top / "debian").glob("foo.*.debhelper"))
    for script in scripts:
        subprocess.run(["sh", "-n", str(script)], check=True)


def test_odd_things_in_the_tree_hurt_nothing(tree: SourceTree) -> None:
    tree.write({f"debian/foo/{OLD}/new\nline/-rf.py": "1", "debian/foo/usr/bin/x": "#!/usr/bin/env python3\n"})
    os.mkfifo(tree.top / "debian/foo/usr/bin/pipe")
    os.mkfifo(tree.top / f"debian/foo/{OLD}/pipe.py")
    (tree.top / "debian/foo/usr/bin/x").chmod(0o4755)
    tree.good()
    assert (tree.top / "debian/foo/usr/bin/x").stat().st_mode & 0o7777 == 0o4755
    assert tree.read("debian/foo/usr/bin/x") == "#! /usr/bin/python3\n"
    assert tree.read(f"debian/foo/{DIST}/new\nline/-rf.py") == "1"


def test_public_directory_that_is_a_link_is_refused(tree: SourceTree) -> None:
    (tree.top / "outside").mkdir()
    (tree.top / "debian/foo/usr/lib/python3").symlink_to(tree.top / "outside")
    before = tree.state()
    done = tree.call()
    assert (done.exit, "usr/lib/python3 is a link in this package" in done.said) == (2, True)
    assert tree.state() == before


def test_shipped_rules_follow_no_link_and_spare_hard_links(tree: SourceTree) -> None:
    tree.write({"debian/foo.pydist": "foo python3-foo\n", "shared": "old\n", f"debian/foo/{DIST}/x.py": ""})
    target = tree.top / "debian/foo/usr/share/python3/dist/foo"
    target.parent.mkdir(parents=True)
    os.link(tree.top / "shared", target)
    tree.good()
    assert (tree.read("shared"), target.read_text()) == ("old\n", "old\nfoo python3-foo\n")


def test_rules_are_not_shipped_through_a_link_out_of_the_package(tree: SourceTree) -> None:
    tree.write({"debian/foo.pydist": "foo python3-foo\n", "outside/x": ""})
    (tree.top / "debian/foo/usr/share").mkdir()
    (tree.top / "debian/foo/usr/share/python3").symlink_to(tree.top / "outside")
    done = tree.call()
    assert (done.exit, "leads out of the package" in done.said) == (2, True)
    assert sorted(path.name for path in (tree.top / "outside").iterdir()) == ["x"]


@pytest.mark.parametrize("pattern", ["../x.py", "a/../../x.py", "/etc/passwd", "./", "a**b", "**/..", "nothing*"])
def test_patterns_of_pyinstall_stay_in_the_source(tree: SourceTree, pattern: str) -> None:
    tree.write({"debian/foo.pyinstall": f"# files\n{pattern}\n", "a/b.py": ""})
    (tree.top.parent / "x.py").touch()
    before = tree.state()
    done = tree.call()
    assert (done.exit, "error: debian/foo.pyinstall:2: " in done.said) == (2, True)
    assert tree.state() == before


def test_pyinstall_takes_hidden_names_links_and_what_is_there_already(tree: SourceTree) -> None:
    tree.write({"debian/foo.pyinstall": "./src/.x.py ns\nsrc/*.py ns.deep\n", "src/.x.py": "x", "src/real": "r"})
    (tree.top / "src/link.py").symlink_to("real")
    tree.write({f"debian/foo/{DIST}/ns/deep/link.py": "old"})
    tree.good()
    shared = tree.top / "debian/foo" / DIST / "ns"
    assert (shared / ".x.py").read_text() == "x"
    assert (shared / "deep/link.py").read_text() == "r"
    assert not (shared / "deep/link.py").is_symlink()


@pytest.mark.parametrize("lines", ["foo\nfoo/a.py\nfoo\n", "foo/*\nfo*\n", "/foo/\n", "f?o\n"])
def test_pyremove_matches_what_is_gone_already(tree: SourceTree, lines: str) -> None:
    tree.write({"debian/foo.pyremove": lines, f"debian/foo/{OLD}/foo/a.py": "", f"debian/foo/{DIST}/foo/b.py": ""})
    tree.good()
    assert not (tree.top / "debian/foo" / DIST / "foo").exists()


@pytest.mark.parametrize("pattern", ["../../../bin/x", "..", "**/../x", "../*"])
def test_pyremove_stays_in_public_directories(tree: SourceTree, pattern: str) -> None:
    tree.write({"debian/foo.pyremove": f"{pattern}\n", "debian/foo/usr/bin/x": "x"})
    tree.good()
    assert tree.read("debian/foo/usr/bin/x") == "x"


@pytest.mark.parametrize("text", ["-Bbuild --with=python3 --parallel", "--sourcedirectory src -v", "--nonsense"])
def test_options_of_others_are_passed_over(text: str) -> None:
    assert parse([], {"DH_OPTIONS": text}).private == ()
    assert parse([f"-O{word}" for word in text.split()], {}).private == ()


def test_common_options_and_own_ones_add_up() -> None:
    given = parse(["-pa", "-O-pb", "-p", "a", "/opt/x"], {"DH_OPTIONS": "-p c  -X it's\\ me "})
    assert (given.packages, given.exclude, given.private) == (("c", "a", "a", "b"), ("it's me",), ("/opt/x",))


def test_excluded_package_has_to_be_there(tree: SourceTree) -> None:
    assert "debian/control has no package nothere: it has bar, foo" in tree.call("-N", "nothere").said


@pytest.mark.parametrize(
    "name", ["${foo}", "../../etc", "a b", "-p", "x", "foo;reboot", "é"], ids=lambda name: f"name {name}"
)
def test_names_that_are_no_packages_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "control").write_text(f"Source: x\n\nPackage: {name}\nArchitecture: all\n")
    with pytest.raises(UsageError, match=r"debian/control:3: .* isn't a package's name"):
        read_control(tmp_path / "control")


def test_control_that_is_hard_to_read(tmp_path: Path) -> None:
    text = (
        b"# first\r\nSource: x\r\nBuild-Depends: a (>= 1),\r\n# inside\r\n\tb [amd64],\r\n \tc | d,\r\n"
        b"Maintainer: \xe9\r\n\r\n \t\r\nPackage:\tfoo\r\nArchitecture: all\r\nDescription: x\r\n" + b" y\r\n" * 30_000
    )
    (tmp_path / "control").write_bytes(text)
    control = read_control(tmp_path / "control")
    assert dict(control.build_depends) == {"a": ">= 1", "b": "", "c": "", "d": ""}
    assert [(one.name, one.architecture) for one in control.binaries] == [("foo", "all")]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", " x\n"])
def test_empty_control_is_a_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "control").write_text(text)
    with pytest.raises(UsageError, match="debian/control:1: "):
        read_control(tmp_path / "control")
