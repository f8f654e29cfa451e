# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The whole program on made-up source trees: where relations go, and what is said of losses and faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.debhelper.source_tree import DIST, INFO, OLD, SourceTree, metadata


@pytest.mark.parametrize(
    ("depends", "options", "variable"),
    [
        pytest.param("${pkgtools:Depends}", (), "pkgtools:Depends", id="ours"),
        pytest.param("${misc:Depends}, ${pkgtools:Depends}", (), "pkgtools:Depends", id="ours before debhelper's"),
        pytest.param("${misc:Depends}, ${python3:Depends}", (), "python3:Depends", id="dh_python3's"),
        pytest.param("${python3:Depends}", ("--compat=dh_python3",), "python3:Depends", id="compat"),
    ],
)
def test_relations_go_to_the_variable_that_control_mentions(
    tree: SourceTree, depends: str, options: tuple[str, ...], variable: str
) -> None:
    tree.control(depends)
    tree.write({INFO: metadata("b")})
    done = tree.good(*options)
    runtime = set() if "--compat=dh_python3" in options else {"pkgtools-runtime"}
    assert tree.substvars() == {variable: {"python3:any", "python3-b", *runtime}}
    assert done.said == ""


@pytest.mark.parametrize("depends", ["libc6", "${misc:Depends}"])
def test_relations_without_a_home_are_reported(tree: SourceTree, depends: str) -> None:
    """A package that mentions debhelper's variable alone, as libstdc++6 does, asks for nothing of Python's."""
    tree.control(depends)
    assert tree.good().said.count("nowhere mentions ${pkgtools:Depends}") == 1
    assert set(tree.substvars()) == {"pkgtools:Depends"}
    done = tree.call("--strict")
    assert done.exit == 2
    assert "debian/control:3: package foo nowhere mentions ${pkgtools:Depends}" in done.said


def test_each_field_has_its_variable(tree: SourceTree) -> None:
    tree.control(fields="Recommends: ${pkgtools:Recommends}\nSuggests: ${pkgtools:Suggests}\n")
    tree.good("--depends=a>=2", "--recommends=b", "--suggests=c")
    assert tree.substvars() == {
        "pkgtools:Depends": {"python3:any", "pkgtools-runtime", "python3-a (>= 2)"},
        "pkgtools:Recommends": {"python3-b"},
        "pkgtools:Suggests": {"python3-c"},
    }


def test_extras_go_to_the_fields_that_are_asked_for(tree: SourceTree) -> None:
    tree.control(fields="Recommends: ${pkgtools:Recommends}\n")
    extras = "Provides-Extra: x\nProvides-Extra: y\nProvides-Extra: z\n"
    tree.write({INFO: metadata("a; extra == 'x'", "b; extra == 'y'", "c; extra == 'z'", extras=extras)})
    tree.good("--depends-section=x", "--recommends-section=y")
    assert tree.substvars()["pkgtools:Depends"] >= {"python3-a"}
    assert tree.substvars()["pkgtools:Recommends"] == {"python3-b"}
    assert "python3-c" not in tree.read("debian/foo.substvars")


@pytest.mark.parametrize(
    ("path", "option"),
    [
        pytest.param("more.txt", "more.txt", id="of the source"),
        pytest.param("debian/foo/usr/share/foo/more.txt", "/usr/share/foo/more.txt", id="of the package"),
    ],
)
def test_files_with_requirements(tree: SourceTree, path: str, option: str) -> None:
    tree.write({path: "# what else\na>=2\nb\n"})
    tree.good(f"--requires={option}")
    assert tree.substvars()["pkgtools:Depends"] >= {"python3-a (>= 2)", "python3-b"}


def test_missing_file_with_requirements_is_a_loss(tree: SourceTree) -> None:
    assert "lost: more.txt: " in tree.good("--requires=more.txt").said
    assert tree.call("--requires=more.txt", "--strict").exit == 2


def test_no_guessing_leaves_metadata_unread(tree: SourceTree) -> None:
    tree.write({INFO: metadata("a")})
    tree.good("--no-guessing-deps")
    assert tree.substvars() == {"pkgtools:Depends": {"python3:any", "pkgtools-runtime"}}


def test_what_is_lost_is_named_with_its_line(tree: SourceTree) -> None:
    tree.write({INFO: metadata("a", "nobody-has-this", "b")})
    done = tree.good()
    assert f"dh_pkgtools: lost: {INFO}:5: " in done.said
    assert "nobody-has-this" in done.said
    assert tree.substvars()["pkgtools:Depends"] >= {"python3-a", "python3-b"}


def test_strict_fails_on_what_is_lost(tree: SourceTree) -> None:
    tree.write({INFO: metadata("a", "nobody-has-this")})
    done = tree.call("--strict")
    assert done.exit == 2
    assert "error: 1 requirements got lost" in done.said


def test_files_that_differ_are_named(tree: SourceTree) -> None:
    tree.write({f"debian/foo/{DIST}/foo.py": "NAME = 2\n"})
    done = tree.good("--strict")
    assert f"note: {OLD}/foo.py: it differs from {DIST}/foo.py" in done.said


BAD = {
    "field": ("Source: foo\nnonsense\n", (), "debian/control:2: 'nonsense' isn't a field"),
    "twice": ("Source: foo\nSection: a\nsection: b\n", (), "debian/control:3: section is here twice, before at"),
    "no packages": ("Source: foo\n", (), "debian/control: no paragraph with a field Package"),
    "no architecture": (
        "Source: foo\n\nPackage: foo\n",
        (),
        "debian/control:3: this paragraph has no field",
    ),
    "range": (
        "Source: foo\nSection: python\nX-Python3-Version: >= 3.9, new\n\nPackage: foo\nArchitecture: all\n",
        (),
        "debian/control:3: X-Python3-Version: 'new' isn't a version or limit",
    ),
    "package": (None, ("-p", "other"), "debian/control has no package other: it has bar, foo"),
    "option": (None, ("--nonsense",), "unrecognized arguments: --nonsense"),
    "strategy": (None, ("--strategy=nonsense",), "invalid choice: 'nonsense'"),
    "version": (None, ("-V", "new"), "version range 'new'"),
    "pattern": (None, ("-X", "("), "-X '('"),
}


@pytest.mark.parametrize(("control", "arguments", "message"), BAD.values(), ids=BAD)
def test_faults_name_file_and_line(
    tree: SourceTree, control: str | None, arguments: tuple[str, ...], message: str
) -> None:
    if control is not None:
        tree.write({"debian/control": control})
    before = tree.state()
    done = tree.call(*arguments)
    assert done.exit == 2
    assert done.said.startswith("dh_pkgtools: error: ")
    assert message in done.said
    assert "Traceback" not in done.said
    assert tree.state() == before


def test_outside_a_source_package(tmp_path: Path) -> None:
    done = SourceTree(top=tmp_path).call()
    assert (done.exit, "there is no debian/control here" in done.said) == (2, True)


@pytest.mark.parametrize("name", ["pyinstall", "pyremove", "pydist"])
def test_faults_in_lists_name_the_line(tree: SourceTree, name: str) -> None:
    lines = {"pyinstall": "foo.py\nmissing.py\n", "pyremove": "a\nb 3.12-3.9\n", "pydist": "a python3-a\nb; s/x\n"}
    tree.write({f"debian/foo.{name}": lines[name], "foo.py": ""})
    done = tree.call()
    assert f"debian/foo.{name}:2: " in done.said
