# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Calls of the program on made-up source trees: which packages, what is left alone, and what a second call does."""

from __future__ import annotations

import pytest

from pkgtools.debhelper.main import parse
from tests.debhelper.source_tree import DIST, INFO, OLD, SourceTree, metadata

WITH_EVERYTHING = {
    "debian/foo.pyinstall": "more.py acme\n",
    "debian/foo.pyremove": "gone.py\n",
    "debian/foo.pydist": "foo python3-foo\n",
    "debian/foo.bcep": "dir|-|/usr/share/foo\n",
    "more.py": "",
    f"debian/foo/{OLD}/gone.py": "",
    "debian/foo/usr/share/foo/x.py": "",
    "debian/foo/opt/foo/x.py": "",
    "debian/foo/usr/bin/foo": "#!/usr/bin/env python3\n",
    INFO: metadata("a>=1"),
}


@pytest.mark.parametrize("options", [(), ("--compat=dh_python3",), ("--strategy=standalone",), ("--strategy=shipped",)])
@pytest.mark.parametrize("way", ["option", "variable"])
def test_no_act_changes_nothing(tree: SourceTree, options: tuple[str, ...], way: str) -> None:
    tree.control("${python3:Depends}, ${pkgtools:Depends}")
    tree.write(WITH_EVERYTHING)
    before = tree.state()
    if way == "option":
        done = tree.good("--no-act", *options, DH_INTERNAL_OVERRIDE="dh_pkgtools")
    else:
        done = tree.good(*options, DH_NO_ACT="1", DH_INTERNAL_OVERRIDE="dh_pkgtools")
    assert tree.state() == before
    assert f"foo: move {OLD}/foo.py to {DIST}/foo.py\n" in done.printed
    assert f"foo: install more.py as {DIST}/acme/more.py\n" in done.printed
    assert "Depends += python3-a (>= 1)\n" in done.printed


@pytest.mark.parametrize("options", [(), ("--compat=dh_python3",), ("--strategy=direct",), ("--strategy=native",)])
def test_second_call_changes_nothing(tree: SourceTree, options: tuple[str, ...]) -> None:
    tree.control("${python3:Depends}, ${pkgtools:Depends}")
    tree.write({path: text for path, text in WITH_EVERYTHING.items() if not path.endswith(("pyinstall", "pyremove"))})
    tree.good(*options)
    before = {path: (mode, content) for path, (mode, _, content) in tree.state().items()}
    tree.good(*options)
    assert {path: (mode, content) for path, (mode, _, content) in tree.state().items()} == before


def test_what_is_done_is_logged_in_overrides_only(tree: SourceTree) -> None:
    tree.good()
    assert not (tree.top / "debian/foo.debhelper.log").exists()
    tree.good("-pfoo", DH_INTERNAL_OVERRIDE="dh_pkgtools")
    assert tree.read("debian/foo.debhelper.log") == "dh_pkgtools\n"
    tree.write({f"debian/foo/{OLD}/late.py": "", f"debian/bar/{OLD}/bar.py": ""})
    tree.good("--remaining-packages", DH_INTERNAL_OVERRIDE="dh_pkgtools")
    assert (tree.top / f"debian/foo/{OLD}/late.py").exists()
    assert (tree.top / f"debian/bar/{DIST}/bar.py").exists()


UNMERGED = {
    f"debian/foo/{OLD}/foo-1.dist-info/METADATA": "Name: foo\n",
    "debian/foo/usr/lib/python3.12/dist-packages/foo-1.dist-info/METADATA": "Name: foo\nSummary: other\n",
}


@pytest.mark.parametrize("options", [(), ("--compat=dh_python3",)])
def test_metadata_that_can_t_be_placed_end_the_build_and_change_nothing(
    tree: SourceTree, options: tuple[str, ...]
) -> None:
    tree.control("${python3:Depends}")
    tree.write(UNMERGED)
    before = tree.state()
    done = tree.call(*options)
    assert done.exit == 2
    assert "foo-1.dist-info/METADATA: it differs from " in done.said
    assert tree.state() == before
    assert "it differs from" in tree.good(*options, "--allow-unmerged-dist-packages").said


NEWER = {"DEBPYTHON3_SUPPORTED": "3.13,3.14", "DEBPYTHON3_DEFAULT": "3.14"}


def test_compat_ends_the_build_where_dh_python_7_does(tree: SourceTree) -> None:
    tree.control("${python3:Depends}")
    tree.write({f"debian/foo/usr/lib/python3.{minor}/dist-packages/a.py": f"{minor}" for minor in (13, 14)})
    assert "it differs from" in tree.good(**NEWER).said
    tree.write({"debian/foo/usr/lib/python3.13/dist-packages/a.py": "13"})
    done = tree.call("--compat=dh_python3", **NEWER)
    assert (done.exit, "--allow-unmerged-dist-packages" in done.said) == (2, True)
    tree.good("--compat=dh_python3", "--allow-unmerged-dist-packages", **NEWER)


def test_modules_that_are_called_as_directories_of_builds_are(tree: SourceTree) -> None:
    tree.control("${python3:Depends}")
    tree.write({f"debian/foo/{DIST}/{name}/a.py": "" for name in ("docs", "tests")})
    assert f"{DIST}/docs: every program can import it" in tree.good().said
    assert (tree.top / f"debian/foo/{DIST}/docs/a.py").exists()
    assert not (tree.top / f"debian/foo/{DIST}/tests").exists()
    done = tree.call("--compat=dh_python3", **NEWER)
    assert (done.exit, "--allow-build-directory-module-name" in done.said) == (2, True)
    assert tree.good("--compat=dh_python3", "--allow-build-directory-module-name", **NEWER).said == ""


def test_two_helpers_for_one_package_are_an_error(tree: SourceTree) -> None:
    tree.control(source="Build-Depends: dh-sequence-python3, dh-sequence-pkgtools, python3\n")
    done = tree.call()
    assert (done.exit, "leave dh_python3's sequence out" in done.said) == (2, True)
    tree.control()
    tree.write(
        {"debian/foo.postinst.debhelper": "# Automatically added by dh_python3\nx\n# End automatically added section\n"}
    )
    done = tree.call("-pfoo")
    assert (done.exit, "dh_python3 has added its calls to the scripts of foo" in done.said) == (2, True)
    tree.good("-pbar")


@pytest.mark.parametrize(("level", "taken"), [("13", False), ("14", True)])
def test_compat_takes_all_packages_in_debhelpers_level_14(tree: SourceTree, level: str, *, taken: bool) -> None:
    tree.control("libc6", source=f"Build-Depends: debhelper-compat (= {level})\n")
    tree.write({"debian/foo/usr/lib/python3.14/dist-packages/moved.py": ""})
    tree.good("--compat=dh_python3", **NEWER)
    assert (tree.top / f"debian/foo/{DIST}/moved.py").exists() is taken


def test_compat_has_dh_python3_s_name_in_the_log(tree: SourceTree) -> None:
    tree.control("${python3:Depends}")
    tree.good("--compat=dh_python3", "-pfoo", DH_INTERNAL_OVERRIDE="dh_python3")
    assert tree.read("debian/foo.debhelper.log") == "dh_python3\n"


def test_dh_s_own_options_win(tree: SourceTree) -> None:
    """So they do with dh_python3: `dh_pkgtools -V 3.12` in an override, and `dh binary -O-V3.11`."""
    assert "3.11" in str(parse(["-O-V3.11", "-V", "3.12"], {}).versions)


CHOICES = {
    "all": ((), {}, {"foo", "bar"}),
    "one": (("-pfoo",), {}, {"foo"}),
    "one, as dh passes it": (("-O-pfoo",), {}, {"foo"}),
    "not one": (("-N", "foo"), {}, {"bar"}),
    "independent": (("-i",), {}, {"foo"}),
    "dependent": (("-a",), {}, {"bar"}),
    "by variable": ((), {"DH_OPTIONS": "-Nbar"}, {"foo"}),
    "foreign options of dh": (("-O--buildsystem=pybuild", "-O--sourcedirectory=x"), {}, {"foo", "bar"}),
}


@pytest.mark.parametrize(("arguments", "environment", "done"), CHOICES.values(), ids=CHOICES)
def test_packages_are_chosen(
    tree: SourceTree, arguments: tuple[str, ...], environment: dict[str, str], done: set[str]
) -> None:
    tree.write({f"debian/bar/{OLD}/bar.py": ""})
    tree.good(*arguments, **environment)
    assert {name for name in ("foo", "bar") if (tree.top / f"debian/{name}/{DIST}").is_dir()} == done


def test_verbose_says_what_is_done(tree: SourceTree) -> None:
    assert tree.good().printed == ""
    tree.write({f"debian/foo/{OLD}/late.py": ""})
    assert f"foo: move {OLD}/late.py to {DIST}/late.py\n" in tree.good(DH_VERBOSE="1").printed
    tree.write({f"debian/foo/{OLD}/later.py": ""})
    assert tree.good("-q", DH_VERBOSE="1").printed == ""


def test_package_without_python_gets_nothing(tree: SourceTree) -> None:
    tree.write({"debian/bar/usr/share/bar/README": "Nothing.\n"})
    before = tree.state()
    tree.good("-pbar")
    assert tree.state() == before


def test_package_without_a_tree_gets_nothing(tree: SourceTree) -> None:
    before = tree.state()
    tree.good("-pbar")
    assert tree.state() == before


PRIVATE = "debian/foo/usr/share/pkgtools/private.d/foo.conf"


def registered(tree: SourceTree) -> list[str]:
    return [line for line in tree.read(PRIVATE).splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("named_first", [True, False], ids=["named first", "named last"])
def test_private_directory_keeps_the_options_of_the_call_that_names_it(tree: SourceTree, named_first: bool) -> None:
    tree.write({"debian/foo/opt/one/x.py": "", "debian/foo/opt/two/x.py": "", "debian/foo/opt/foo/x.py": ""})
    calls: list[tuple[str, ...]] = [
        ("-pfoo", "/opt/one", "-V", "3.9-", "-X", "x\\|y"),
        ("-pfoo", "opt/two", "-V", "3.11"),
        ("-pfoo",),
    ]
    for call in calls if named_first else reversed(calls):
        tree.good(*call)
    assert sorted(registered(tree)) == [
        "compile|3.11|/opt/two",
        "compile|3.9-|/opt/one",
        "compile||/opt/foo",
        "exclude||/opt/one|x\\|y",
    ]


def test_one_call_for_each_private_directory_asks_for_all_of_them(tree: SourceTree) -> None:
    tree.write({"debian/foo/opt/one/x.py": "", "debian/foo/opt/two/x.py": ""})
    tree.good("/opt/one", "-V", "3.9-")
    tree.good("/opt/two", "-V", "3.12-")
    assert sorted(registered(tree)) == ["compile|3.12-|/opt/two", "compile|3.9-|/opt/one"]
    scripts = tree.read("debian/foo.postrm.debhelper")
    assert [scripts.count(f"--orphans={directory} ") for directory in ("/opt/one", "/opt/two")] == [1, 1]
