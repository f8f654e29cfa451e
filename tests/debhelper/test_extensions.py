# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Names of extension modules, and the links that libtool makes."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from pkgtools.debhelper.extension_suffixes import suffixes_loaded
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.debhelper.tree.extensions import tagged_name
from pkgtools.debhelper.tree.scan import put_in_order
from pkgtools.debhelper.tree.virtual_tree import NodeKind, TreeNode, VirtualTree
from tests.debhelper.trees import DIST, OLD, OTHER, OWN, SETTINGS, TAG, Content, Link, ordered

ELF = "\x7fELF PyInit_fast"
NAMES = {
    "fast.so": f"fast.{TAG}.so",
    "fastmodule.so": f"fast.{TAG}.so",
    "module.so": f"module.{TAG}.so",
    "fast_d.so": "fast_d.so",
    "fast.abi3.so": "fast.abi3.so",
    "fast.abi3t.so": "fast.abi3t.so",
    "fast.abi3-x86_64-linux-gnu.so": "fast.abi3-x86_64-linux-gnu.so",
    "fast.abi3t-x86_64-linux-gnu.so": "fast.abi3t-x86_64-linux-gnu.so",
    "fast.abi3-arm-linux-gnueabihf.so": "fast.abi3-arm-linux-gnueabihf.so",
    "fast.cpython-311.so": f"fast.{TAG}.so",
    "fast.cpython-311d.so": "fast.cpython-311d.so",
    "fast.cpython-313t.so": "fast.cpython-313t.so",
    "fast.cpython-313t-x86_64-linux-gnu.so": "fast.cpython-313t-x86_64-linux-gnu.so",
    "fast.cpython-311-i386-gnu.so": "fast.cpython-311-i386-gnu.so",
    "fast.i386-gnu.so": "fast.i386-gnu.so",
    "fast.arm-linux-gnueabihf.so": "fast.arm-linux-gnueabihf.so",
    "fast.x86_64-linux-gnux32.so": "fast.x86_64-linux-gnux32.so",
    "fast.sparc64-linux-gnu.so": "fast.sparc64-linux-gnu.so",
    "fast.x86_64-linux-gnu.so": f"fast.{TAG}.so",
    "a.b.so": f"a.b.{TAG}.so",
    "fast.so.1": "fast.so.1",
}


@pytest.mark.parametrize(("name", "wanted"), NAMES.items(), ids=NAMES)
def test_names(name: str, wanted: str) -> None:
    assert tagged_name(name, Minor(3, 11), SETTINGS) == wanted


NEW = (".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".abi3-x86_64-linux-gnu.so", ".abi9q-x86_64-linux-gnu.so", ".so")
"""What a newer interpreter loads."""
OLDER = (".cpython-312-x86_64-linux-gnu.so", ".abi3.so", ".so")
NAMES_OF_NEWER = {
    "fast.abi3.so": "fast.abi3-x86_64-linux-gnu.so",
    "fast.abi3t.so": "fast.abi3t.so",
    "fast.abi9q-x86_64-linux-gnu.so": "fast.abi9q-x86_64-linux-gnu.so",
    "fast.abi9r-x86_64-linux-gnu.so": f"fast.abi9r-x86_64-linux-gnu.{TAG}.so",
    "fast.so": f"fast.{TAG}.so",
}


@pytest.mark.parametrize(("name", "wanted"), NAMES_OF_NEWER.items(), ids=NAMES_OF_NEWER)
def test_what_an_interpreter_loads_keeps_its_name_or_gets_one_that_all_load(name: str, wanted: str) -> None:
    newer = replace(OWN, loaded=lambda _version, _triplet: NEW)
    mixed = replace(OWN, loaded=lambda version, _triplet: NEW if version == Minor(3, 11) else OLDER)
    assert tagged_name(name, Minor(3, 11), newer) == wanted
    assert tagged_name(name, Minor(3, 11), mixed) == (name if name == "fast.abi3.so" else wanted)


def test_suffixes_are_those_of_the_interpreter_with_the_triplet_of_the_architecture() -> None:
    version = Minor(*sys.version_info[:2])
    if not Path(f"/usr/bin/python{version}").exists():
        pytest.skip(f"no /usr/bin/python{version}")
    assert suffixes_loaded(version, sys.implementation._multiarch) == tuple(EXTENSION_SUFFIXES)
    assert f".cpython-{version.major}{version.minor}-other-linux-gnu.so" in suffixes_loaded(version, "other-linux-gnu")
    assert suffixes_loaded(Minor(3, 2), "x86_64-linux-gnu") == ()


@pytest.mark.parametrize(
    ("name", "begins", "stem"),
    [
        ("foomodule.so", "PyInit_foo", "foo"),
        ("foomodule.so", "PyInit_foomodule", "foomodule"),
        ("_module.so", "PyInit__module", "_module"),
        ("foomodule.so", "PyInit_foomodule_x PyInit_foo", "foo"),
    ],
)
def test_module_keeps_the_name_that_imports_use(name: str, begins: str, stem: str) -> None:
    after, _ = ordered({f"{DIST}/{name}": f"\x7fELF {begins}\0"}, OWN)
    assert set(after) == {f"{DIST}/{stem}.{TAG}.so"}


def test_stable_abi_is_for_all_versions() -> None:
    files: dict[str, Content] = {f"{OLD}/a.abi3.so": ELF, f"{OTHER}/b.abi3-x86_64-linux-gnu.so": ELF}
    _, found = ordered({**files, "usr/share/python3-foo/c.abi3.so": ELF}, OWN)
    stable = {f"{DIST}/a.abi3.so", f"{DIST}/b.abi3-x86_64-linux-gnu.so"}
    assert found.public.stable_extensions == stable
    assert [one.extension_versions | one.untagged_extensions for one in (found.public, *found.private.values())] == [
        frozenset()
    ] * (1 + len(found.private))


def test_stable_abi_gets_the_architecture_where_a_build_put_it_only() -> None:
    files: dict[str, Content] = {f"{OLD}/a.abi3.so": ELF, f"{DIST}/b.abi3.so": ELF}
    after, _ = ordered(files, replace(OWN, loaded=lambda _version, _triplet: NEW))
    assert set(ordered(files, replace(SETTINGS, loaded=lambda _version, _triplet: NEW))[0]) == {
        f"{DIST}/{name}.abi3.so"
        for name in "ab"  # dh-python 5 and 6 leave the name
    }
    assert set(after) == {f"{DIST}/a.abi3-x86_64-linux-gnu.so", f"{DIST}/b.abi3.so"}


def test_module_of_a_free_threaded_build_asks_nothing_of_python3() -> None:
    _, found = ordered({f"{DIST}/fast.cpython-313t-x86_64-linux-gnu.so": ELF, f"{DIST}/a.py": ""})
    assert (found.public.extension_versions, found.public.untagged_extensions) == (frozenset(), frozenset())


LINKS: dict[str, tuple[dict[str, Content], dict[str, str]]] = {
    "all links of a library go": (
        {f"{OLD}/a.so": Link("a.so.0.1"), f"{OLD}/a.so.0": Link("a.so.0.1"), f"{OLD}/a.so.0.1": ELF},
        {f"{DIST}/a.{TAG}.so": ELF},
    ),
    "library for other programs stays": (
        {f"{DIST}/a.so": Link("../../liba.so.1"), "usr/lib/liba.so.1": ELF},
        {f"{DIST}/a.{TAG}.so": "-> ../../liba.so.1", "usr/lib/liba.so.1": ELF},
    ),
    "loop": (
        {f"{DIST}/a.so": Link("b.so"), f"{DIST}/b.so": Link("a.so")},
        {f"{DIST}/a.{TAG}.so": f"-> b.{TAG}.so", f"{DIST}/b.{TAG}.so": f"-> a.{TAG}.so"},
    ),
    "link to a module that gets a tag": (
        {f"{OLD}/a.so": ELF, f"{OLD}/b.so": Link("a.so"), f"{OLD}/0.so": Link("a.so")},
        {f"{DIST}/a.{TAG}.so": ELF, f"{DIST}/b.{TAG}.so": f"-> a.{TAG}.so", f"{DIST}/0.{TAG}.so": f"-> a.{TAG}.so"},
    ),
    "same link for two versions": (
        {f"{OLD}/x.py": Link("y.py"), f"{OLD}/y.py": "1", f"{OTHER}/x.py": Link("y.py"), f"{OTHER}/y.py": "1"},
        {f"{DIST}/x.py": "-> y.py", f"{DIST}/y.py": "1"},
    ),
    "file against directory": (
        {f"{OLD}/x/a.py": "1", f"{DIST}/x": "1", f"{OLD}/y": "1", f"{DIST}/y/a.py": "1"},
        {f"{OLD}/x/a.py": "1", f"{DIST}/x": "1", f"{OLD}/y": "1", f"{DIST}/y/a.py": "1"},
    ),
    "directory against link": (
        {f"{OLD}/x/a.py": "1", f"{DIST}/x": Link("/etc")},
        {f"{OLD}/x/a.py": "1", f"{DIST}/x": "-> /etc"},
    ),
    "names that differ in case": (
        {f"{OLD}/A.py": "1", f"{DIST}/a.py": "2"},
        {f"{DIST}/A.py": "1", f"{DIST}/a.py": "2"},
    ),
    "WHEEL without newline, RECORD with other bytes": (
        {
            f"{OLD}/f-1.dist-info/WHEEL": "Tag: a",
            f"{OLD}/f-1.dist-info/RECORD": "a",
            f"{DIST}/f-1.dist-info/WHEEL": "Tag: b",
            f"{DIST}/f-1.dist-info/RECORD": "b",
        },
        {f"{DIST}/f-1.dist-info/INSTALLER": "debian\n"},
    ),
    "egg-info of old and new versions": (
        {f"{OLD}/f-1-py3.9.egg-info/PKG-INFO": "Name: f\n", f"{OLD}/f-1-py3.13.egg-info/PKG-INFO": "Name: f\n"},
        {f"{DIST}/f-1.egg-info/PKG-INFO": "Name: f\n"},
    ),
}


@pytest.mark.parametrize(("before", "after"), LINKS.values(), ids=LINKS)
def test_links_and_conflicts(before: dict[str, Content], after: dict[str, str]) -> None:
    assert ordered(before)[0] == after


def test_link_to_a_module_gets_its_tag_our_way() -> None:
    before, after = LINKS["link to a module that gets a tag"]
    assert ordered(before, OWN)[0] == after


class Counting(VirtualTree):
    """A tree that counts the names that it gave out."""

    given = 0

    def names(self, directory: str) -> list[str]:
        names = super().names(directory)
        self.given += len(names)
        return names


def test_work_grows_with_the_number_of_modules_only() -> None:
    files = {f"{OLD}/p/m{number}.so": TreeNode(kind=NodeKind.FILE, content=ELF.encode()) for number in range(1000)}
    tree = Counting(files)
    put_in_order(tree, SETTINGS)
    assert tree.given < 20 * len(files)
