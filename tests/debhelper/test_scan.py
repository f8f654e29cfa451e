# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Trees in, trees out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pkgtools.debhelper.records import Shebang
from pkgtools.debhelper.source_package import TreeSettings
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.facts import InstalledPath
from tests.debhelper.trees import DIST, OLD, OTHER, OWN, SETTINGS, SITE, TAG, Content, Link, Script, asked, ordered

ELF = "\x7fELF PyInit_fast"
DBG = replace(SETTINGS, package="python3-foo-dbg")
INFO = f"{DIST}/foo-1.dist-info"

TREES: dict[str, tuple[dict[str, Content], dict[str, str]]] = {
    "modules stay": ({f"{DIST}/foo.py": "1"}, {f"{DIST}/foo.py": "1"}),
    "dist-packages of a version": ({f"{OLD}/foo/a.py": "1"}, {f"{DIST}/foo/a.py": "1"}),
    "site-packages of a version": ({f"{SITE}/foo/a.py": "1"}, {f"{DIST}/foo/a.py": "1"}),
    "usr/local": ({"usr/local/lib/python3.12/dist-packages/a.py": "1"}, {f"{DIST}/a.py": "1"}),
    "same for two versions": ({f"{OLD}/a.py": "1", f"{OTHER}/a.py": "1"}, {f"{DIST}/a.py": "1"}),
    "different for two versions": (
        {f"{OLD}/a.py": "1", f"{OTHER}/a.py": "2"},
        {f"{DIST}/a.py": "1", f"{OTHER}/a.py": "2"},
    ),
    "one more in the other version": (
        {f"{OLD}/a/x.py": "1", f"{OTHER}/a/x.py": "1", f"{OTHER}/a/y.py": "2"},
        {f"{DIST}/a/x.py": "1", f"{DIST}/a/y.py": "2"},
    ),
    "caches of the build": (
        {f"{DIST}/a.py": "1", f"{DIST}/__pycache__/a.cpython-311.pyc": "x", f"{OLD}/b/__pycache__/b.pyc": "y"},
        {f"{DIST}/a.py": "1"},
    ),
    "old bytecode": ({f"{DIST}/a.py": "1", f"{DIST}/a.pyc": "x", f"{DIST}/a.pyo": "x"}, {f"{DIST}/a.py": "1"}),
    "coverage": ({f"{OLD}/.coverage": "x", f"{OLD}/a.py": "1"}, {f"{DIST}/a.py": "1"}),
    "tests beside all packages": (
        {f"{DIST}/tests/t.py": "1", f"{DIST}/test/t.py": "1", f"{DIST}/foo/tests/t.py": "1"},
        {f"{DIST}/foo/tests/t.py": "1"},
    ),
    "hidden files": ({f"{DIST}/.hidden": "x", f"{DIST}/.d/a.py": "1", f"{DIST}/a.py": "1"}, {f"{DIST}/a.py": "1"}),
    "empty public directories": ({f"{DIST}/foo/": "", f"{DIST}/a.py": "1"}, {f"{DIST}/a.py": "1"}),
    "empty directory for scripts": ({"usr/bin/": "", "usr/games/": "", f"{DIST}/a.py": "1"}, {f"{DIST}/a.py": "1"}),
    "nothing but an empty directory for scripts": ({"usr/bin/": ""}, {}),
    "metadata in a private directory": (
        {
            "usr/share/python3-foo/foo.egg-info/SOURCES.txt": "x",
            "usr/share/python3-foo/foo.egg-info/requires.txt": "a",
            "usr/share/python3-foo/bar-1.dist-info/RECORD": "x",
            "usr/share/python3-foo/bar-1.dist-info/METADATA": "M",
        },
        {
            "usr/share/python3-foo/foo.egg-info/requires.txt": "a",
            "usr/share/python3-foo/bar-1.dist-info/METADATA": "M",
            "usr/share/python3-foo/bar-1.dist-info/INSTALLER": "debian\n",
        },
    ),
    "empty directories elsewhere": ({"var/lib/foo/": ""}, {"var/lib/foo/": ""}),
    "licences of dist-info": (
        {f"{INFO}/LICENSE": "x", f"{INFO}/licenses/COPYING": "x", f"{INFO}/AUTHORS.md": "x", f"{INFO}/METADATA": "M"},
        {f"{INFO}/METADATA": "M", f"{INFO}/INSTALLER": "debian\n"},
    ),
    "what only builds need": (
        {f"{INFO}/RECORD": "x", f"{INFO}/direct_url.json": "{}", f"{INFO}/WHEEL": "W", f"{INFO}/INSTALLER": "pip"},
        {f"{INFO}/INSTALLER": "debian\n"},
    ),
    "wheels of two versions": (
        {
            f"{OLD}/foo-1.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: cp311-cp311-linux\n",
            f"{OTHER}/foo-1.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: cp312-cp312-linux\n",
            f"{OTHER}/foo-1.dist-info/METADATA": "M",
        },
        {f"{INFO}/METADATA": "M", f"{INFO}/INSTALLER": "debian\n"},
    ),
    "licences of a private dist-info": (
        {"usr/share/python3-foo/bar-1.dist-info/LICENSE": "x", "usr/share/python3-foo/bar-1.dist-info/WHEEL": "x"},
        {
            "usr/share/python3-foo/bar-1.dist-info/LICENSE": "x",
            "usr/share/python3-foo/bar-1.dist-info/INSTALLER": "debian\n",
        },
    ),
    "entry points that name an interpreter": (
        {f"{OTHER}/foo-1.dist-info/entry_points.txt": "12", f"{OLD}/foo-1.dist-info/entry_points.txt": "11"},
        {f"{INFO}/entry_points.txt": "11", f"{INFO}/INSTALLER": "debian\n"},
    ),
    "egg-info with a version": (
        {f"{DIST}/foo-1-py3.11.egg-info/PKG-INFO": "P", f"{DIST}/foo-1-py3.11.egg-info/SOURCES.txt": "S"},
        {f"{DIST}/foo-1.egg-info/PKG-INFO": "P"},
    ),
    "egg-info file": ({f"{DIST}/foo-1-py3.11.egg-info": "P"}, {f"{DIST}/foo-1.egg-info": "P"}),
    "egg-info of two versions": (
        {f"{OLD}/foo-1-py3.11.egg-info/PKG-INFO": "P", f"{OTHER}/foo-1-py3.12.egg-info/PKG-INFO": "P"},
        {f"{DIST}/foo-1.egg-info/PKG-INFO": "P"},
    ),
    "extension of a version": ({f"{OLD}/fast.so": ELF}, {f"{DIST}/fast.{TAG}.so": ELF}),
    "extension named module": ({f"{OLD}/fastmodule.so": ELF}, {f"{DIST}/fast.{TAG}.so": ELF}),
    "extension called module": ({f"{OLD}/module.so": ELF}, {f"{DIST}/module.{TAG}.so": ELF}),
    "extensions of two versions": (
        {f"{OLD}/fast.so": ELF, f"{OTHER}/fast.so": ELF},
        {f"{DIST}/fast.{TAG}.so": ELF, f"{DIST}/fast.cpython-312-x86_64-linux-gnu.so": ELF},
    ),
    "extension without triplet": ({f"{DIST}/fast.cpython-311.so": ELF}, {f"{DIST}/fast.{TAG}.so": ELF}),
    "extension of no version": ({f"{DIST}/fast.so": ELF}, {f"{DIST}/fast.{TAG}.so": ELF}),
    "stable ABI": ({f"{OLD}/fast.abi3.so": ELF}, {f"{DIST}/fast.abi3.so": ELF}),
    "stable ABI, different": (
        {f"{OLD}/fast.abi3.so": ELF, f"{OTHER}/fast.abi3.so": ELF + "2"},
        {f"{DIST}/fast.abi3.so": ELF},
    ),
    "complete tag": ({f"{DIST}/fast.{TAG}.so": ELF}, {f"{DIST}/fast.{TAG}.so": ELF}),
    "foreign tag": ({f"{DIST}/fast.cpython-310.so": ELF}, {f"{DIST}/fast.cpython-310-x86_64-linux-gnu.so": ELF}),
    "library of libtool": (
        {f"{OLD}/fast.so": Link("fast.so.0"), f"{OLD}/fast.so.0": Link("fast.so.0.1"), f"{OLD}/fast.so.0.1": ELF},
        {f"{DIST}/fast.{TAG}.so": ELF},
    ),
    "libraries of an architecture": (
        {"usr/lib/x86_64-linux-gnu/libfoo.so": ELF},
        {"usr/lib/x86_64-linux-gnu/libfoo.so": ELF},
    ),
    "links": ({f"{OLD}/a.py": "1", f"{OLD}/b.py": Link("a.py")}, {f"{DIST}/a.py": "1", f"{DIST}/b.py": "-> a.py"}),
    "dangling links": ({f"{OLD}/b.py": Link("nowhere")}, {f"{DIST}/b.py": "-> nowhere"}),
    "Python 2": ({"usr/lib/python2.7/dist-packages/a.pyc": "x"}, {"usr/lib/python2.7/dist-packages/a.pyc": "x"}),
    "script by env": (
        {"usr/bin/foo": Script("#!/usr/bin/env python3\n1\n")},
        {"usr/bin/foo": "#! /usr/bin/python3\n1\n"},
    ),
    "script with options": (
        {"usr/bin/foo": Script("#!/usr/local/bin/python3.11 -s\n1\n")},
        {"usr/bin/foo": "#! /usr/bin/python3.11 -s\n1\n"},
    ),
    "script without version": ({"usr/bin/foo": Script("#!python\n1\n")}, {"usr/bin/foo": "#! /usr/bin/python3\n1\n"}),
    "right script": (
        {"usr/bin/foo": Script("#!/usr/bin/python3 -s\n1\n")},
        {"usr/bin/foo": "#!/usr/bin/python3 -s\n1\n"},
    ),
    "script of Python 2": (
        {"usr/bin/foo": Script("#!/usr/bin/env python2\n1\n")},
        {"usr/bin/foo": "#!/usr/bin/env python2\n1\n"},
    ),
    "script of a shell": ({"usr/bin/foo": Script("#!/bin/sh\n")}, {"usr/bin/foo": "#!/bin/sh\n"}),
    "program": ({"usr/bin/foo": Script("\x7fELF\0")}, {"usr/bin/foo": "\x7fELF\0"}),
    "link to a script of the package": (
        {"usr/bin/foo": Link("../lib/foo/run"), "usr/lib/foo/run": Script("#!/usr/bin/env python3\n")},
        {"usr/bin/foo": "-> ../lib/foo/run", "usr/lib/foo/run": "#! /usr/bin/python3\n"},
    ),
    "link to a script": ({"usr/bin/foo": Link("/usr/bin/env")}, {"usr/bin/foo": "-> /usr/bin/env"}),
    "script in a private directory": (
        {"usr/share/python3-foo/run": Script("#!/usr/bin/env python3\n")},
        {"usr/share/python3-foo/run": "#! /usr/bin/python3\n"},
    ),
    "module that isn't executable": (
        {"usr/share/python3-foo/run.py": "#!/usr/bin/env python3\n"},
        {"usr/share/python3-foo/run.py": "#!/usr/bin/env python3\n"},
    ),
}


@pytest.mark.parametrize("case", TREES.values(), ids=TREES)
def test_tree_is_put_in_order(case: tuple[dict[str, Content], dict[str, str]]) -> None:
    before, after = case
    assert ordered(before)[0] == after


@pytest.mark.parametrize("case", TREES.values(), ids=TREES)
def test_tree_in_order_stays_so(case: tuple[dict[str, Content], dict[str, str]]) -> None:
    once, _ = ordered(case[0])
    files: dict[str, Content] = {}
    for path, content in once.items():
        text = Link(content[3:]) if content.startswith("-> ") else content
        files[path] = Script(content) if content.startswith("#!") and "run.py" not in path else text
    assert ordered(files)[0] == once


def test_dbg_package_keeps_extensions_and_headers() -> None:
    before: dict[str, Content] = {
        f"{DIST}/a.py": "1",
        f"{DIST}/a.{TAG}.so": ELF,
        f"{INFO}/METADATA": "M",
        "usr/x.py": "2",
    }
    after, _ = ordered(before, DBG)
    assert after == {f"{DIST}/a.{TAG}.so": ELF, "usr/x.py": "2"}
    assert f"{DIST}/a.py" in ordered(before, asked(DBG, "--no-dbg-cleaning"))[0]


def test_sourceless_module_is_kept_our_way() -> None:
    before: dict[str, Content] = {f"{DIST}/only.pyc": "x", f"{DIST}/both.py": "1", f"{DIST}/both.pyc": "x"}
    assert ordered(before, OWN)[0] == {f"{DIST}/only.pyc": "x", f"{DIST}/both.py": "1"}
    assert ordered(before)[0] == {f"{DIST}/both.py": "1"}


def test_library_that_is_no_module_keeps_its_name_our_way() -> None:
    before: dict[str, Content] = {
        "opt/python3-foo/plugin.so": "\x7fELF",
        "opt/python3-foo/fast.so": ELF,
        "opt/python3-foo/a.py": "1",
    }
    after, found = ordered(before, OWN)
    assert set(after) == {"opt/python3-foo/plugin.so", f"opt/python3-foo/fast.{TAG}.so", "opt/python3-foo/a.py"}
    assert found.private["/opt/python3-foo"].extension_versions == {Minor(3, 11)}  # type: ignore[index] # paths are text


def test_versions_that_the_distribution_lacks_are_moved_our_way() -> None:
    before: dict[str, Content] = {"usr/lib/python3.9/site-packages/a.py": "1"}
    assert ordered(before, OWN)[0] == {f"{DIST}/a.py": "1"}
    assert ordered(before)[0] == before


def test_private_directories_are_found() -> None:
    files: dict[str, Content] = {
        "usr/share/python3-foo/a.py": "1",
        "usr/share/python3-foo-extra/a.py": "1",
        "opt/x/lib/a.py": "1",
        "usr/share/doc/python3-foo/examples/a.py": "1",
        "usr/bin/tool.py": Script("#!/usr/bin/python3\n"),
    }
    theirs, ours = ordered(files)[1], ordered(files, OWN)[1]
    assert set(theirs.private) == {"/usr/share/python3-foo"}
    assert set(ours.private) == {"/usr/share/python3-foo"}
    declared = replace(OWN, declared=(InstalledPath("/opt/x"),))
    assert set(ordered(files, declared)[1].private) == {"/usr/share/python3-foo", "/opt/x"}
    assert theirs.public.compile
    assert not ours.public.compile


@pytest.mark.parametrize("settings", [SETTINGS, OWN])
def test_metadata_in_a_private_directory_are_told(settings: TreeSettings) -> None:
    top = "usr/share/python3-foo"
    files: dict[str, Content] = {
        f"{top}/x.py": "1",
        f"{top}/foo.egg-info/requires.txt": "a",
        f"{top}/bar-1.dist-info/METADATA": "M",
        f"{top}/old.egg-info": "Name: old",
    }
    _, found = ordered(files, settings)
    assert found.requires_txt == (f"{top}/foo.egg-info/requires.txt",)
    assert found.dist_info == (f"{top}/bar-1.dist-info/METADATA",)
    assert found.egg_info == (f"{top}/old.egg-info",)


@pytest.mark.parametrize(("private", "read"), [((), False), (("opt/foo",), True)], ids=["found", "named"])
def test_metadata_of_bundled_distributions_stay_as_they_are(private: tuple[str, ...], *, read: bool) -> None:
    files: dict[str, Content] = {"opt/foo/x.py": "1", "opt/foo/bar-1.dist-info/METADATA": "M"}
    files |= {"opt/foo/bar-1.dist-info/RECORD": "x", "opt/foo/old-py3.11.egg-info": "Name: old"}
    after, found = ordered(files, asked(OWN, *private))
    assert (bool(found.dist_info), bool(found.egg_info)) == (read, read)
    assert ("opt/foo/bar-1.dist-info/RECORD" in after, "opt/foo/old.egg-info" in after) == (not read, read)


def test_named_private_directory_is_the_only_one_looked_at() -> None:
    files: dict[str, Content] = {"opt/x/a.py": "1", f"{SITE}/b.py": "1", "usr/share/python3-foo/a.py": "1"}
    after, found = ordered(files, asked(SETTINGS, "/opt/x"))
    assert after == files
    assert set(found.private) == {"/opt/x"}
    assert not found.public.compile


def test_private_directories_can_be_skipped() -> None:
    files: dict[str, Content] = {"usr/share/python3-foo/a.py": "1"}
    for settings in (SETTINGS, OWN):
        assert not ordered(files, asked(settings, "--skip-private"))[1].private


def test_what_was_found_is_told() -> None:
    files: dict[str, Content] = {
        f"{OLD}/fast.so": ELF,
        f"{OTHER}/stays.py": "2",
        f"{DIST}/stays.py": "1",
        f"{DIST}/a-1.egg-info/requires.txt": "bb\n",
        f"{INFO}/METADATA": "Requires-Dist: aa\n",
        "usr/bin/tool": Script("#!/usr/bin/env python3.12\n"),
    }
    _, found = ordered(files)
    assert found.public.compile
    assert found.public.extension_versions == {Minor(3, 11)}
    assert found.public_versions == {Minor(3, 12)}
    assert found.public.shebangs == {Shebang(path="/usr/bin/python3.12", version="3.12", debug=False)}
    assert found.requires_txt == (f"{DIST}/a-1.egg-info/requires.txt",)
    assert found.dist_info == (f"{INFO}/METADATA",)
    assert [note.origin.file for note in found.notes] == [f"{OTHER}/stays.py"]


@pytest.mark.parametrize(
    ("settings", "after", "versions"),
    [
        pytest.param(SETTINGS, "#! /usr/bin/python3\n", {"3"}, id="as usual"),
        pytest.param(asked(SETTINGS, "--shebang=/usr/bin/python3 -s"), "#! /usr/bin/python3 -s\n", {"3"}, id="command"),
        pytest.param(asked(OWN, "--no-shebang-rewrite"), "#!/usr/bin/env python3\n", {"3"}, id="not rewritten"),
        pytest.param(asked(SETTINGS, "--ignore-shebangs"), "#!/usr/bin/env python3\n", set(), id="ignored"),
    ],
)
def test_shebang_options(settings: object, after: str, versions: set[str]) -> None:
    assert isinstance(settings, type(SETTINGS))
    files, found = ordered({"usr/bin/foo": Script("#!/usr/bin/env python3\n")}, settings)
    assert files == {"usr/bin/foo": after}
    assert {shebang.version for shebang in found.public.shebangs} == versions


def test_extensions_are_not_renamed_if_not_wanted() -> None:
    files: dict[str, Content] = {f"{DIST}/fast.so": ELF}
    assert ordered(files, asked(SETTINGS, "--no-ext-rename"))[0] == files
