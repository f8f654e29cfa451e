# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Where a distribution is packaged: overrides, rules of packages, the fallback list, dpkg's file lists."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pkgtools.debhelper.requirements.names import SystemNames, advice, find, system_places
from pkgtools.debhelper.requirements.pydist import PydistRule
from pkgtools.debhelper.supported_pythons import Minor
from pkgtools.runtime.errors import UsageError

PYTHON = Minor(3, 11)
LIBRARY = "/usr/lib/python3/dist-packages"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", errors="surrogateescape")


@pytest.fixture
def names(tmp_path: Path) -> SystemNames:
    """A system that has nothing, and a source package without overrides."""
    return SystemNames(system_places(tmp_path / "source", tmp_path))


def package(root: Path, name: str, *paths: str) -> None:
    write(root / f"var/lib/dpkg/info/{name}.list", "/.\n/usr\n" + "".join(f"{path}\n" for path in paths))


def relation(names: SystemNames, name: str) -> str | None:
    found = find(names, name, PYTHON)
    return found.relation if isinstance(found, PydistRule) else found


def test_nobody_knows_where_nothing_is(names: SystemNames) -> None:
    assert find(names, "aa", PYTHON) is None
    assert names.notes() == ()


def test_overrides_go_before_packages_before_the_fallback_list_before_files(tmp_path: Path, names: SystemNames) -> None:
    package(tmp_path, "from-files", *(f"{LIBRARY}/{name}-1.0.dist-info" for name in "abcd"))
    write(
        tmp_path / "usr/share/dh-python/dist/cpython3_fallback", "a from-fallback\nb from-fallback\nc from-fallback\n"
    )
    write(tmp_path / "usr/share/python3/dist/python3-x", "a from-package\nb from-package\n")
    write(tmp_path / "source/debian/py3dist-overrides", "a from-override\n")
    assert [relation(names, name) for name in "abcd"] == [
        "from-override",
        "from-package",
        "from-fallback",
        "from-files",
    ]


def test_the_fallback_list_can_be_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere/cpython3_fallback", "aa python3-aa\n")
    names = SystemNames(system_places(tmp_path / "source", tmp_path, "/elsewhere"))
    assert relation(names, "aa") == "python3-aa"


@pytest.mark.parametrize("name", ["Foo.Bar", "foo-bar", "foo_bar", "FOO--BAR", "foo._-bar"])
@pytest.mark.parametrize("written", ["foo-bar", "Foo.Bar", "foo__bar"])
def test_names_are_canonical(tmp_path: Path, names: SystemNames, name: str, written: str) -> None:
    write(tmp_path / "source/debian/py3dist-overrides", f"{written} python3-foo;PEP440\n")
    assert relation(names, name) == "python3-foo"


FOUND = (
    (f"{LIBRARY}/aa-1.0.dist-info", True),
    (f"{LIBRARY}/aa-1.0.egg-info", True),
    (f"{LIBRARY}/AA-1.0-py3.11.egg-info", True),
    (f"{LIBRARY}/aa-1.egg-info", True),
    (f"{LIBRARY}/aa-2026a1+x.dist-info", True),
    (f"{LIBRARY}/sub/aa-1.0.egg-info", True),
    (f"{LIBRARY}/aa.egg-info", False),
    (f"{LIBRARY}/aa-1.0.dist-info/METADATA", False),
    (f"{LIBRARY}/aab-1.0.dist-info", False),
    (f"{LIBRARY}/b-aa-1.0.dist-info", False),
    (f"{LIBRARY}/aa-bb-1.0.dist-info", False),
    ("/usr/lib/python3.11/dist-packages/aa-1.0.dist-info", False),
    ("/usr/lib/python3/aa-1.0.dist-info", False),
    ("/usr/lib/pypy/dist-packages/aa-1.0.dist-info", False),
    (f"{LIBRARY}/setuptools/_vendor/aa-1.0.dist-info", False),
    (f"{LIBRARY}/pip/vendor/aa-1.0.dist-info", False),
    (f"{LIBRARY}/x/_vendored/aa-1.0.dist-info", False),
    (f"{LIBRARY}/x/extern/aa-1.0.dist-info", False),
)


@pytest.mark.parametrize(("path", "known"), FOUND, ids=[path for path, _ in FOUND])
def test_files_tell_the_package(tmp_path: Path, names: SystemNames, path: str, known: bool) -> None:
    package(tmp_path, "python3-aa:amd64", "/usr/lib", path, "/usr/share/doc/x")
    package(tmp_path, "python3-other", f"{LIBRARY}/other-1.dist-info")
    assert names.owners("aa") == (("python3-aa",) if known else ())


def test_distributions_go_before_those_in_subdirectories(tmp_path: Path, names: SystemNames) -> None:
    package(tmp_path, "python3-bundle", f"{LIBRARY}/bundle/lib/aa-1.0.dist-info")
    package(tmp_path, "python3-aa", f"{LIBRARY}/aa-1.0.dist-info")
    assert relation(names, "aa") == "python3-aa"


def test_several_packages_need_a_decision(tmp_path: Path, names: SystemNames) -> None:
    package(tmp_path, "python3-aa", f"{LIBRARY}/aa-1.0.dist-info")
    package(tmp_path, "python3-aa2", f"{LIBRARY}/Aa-2.0.egg-info")
    with pytest.raises(
        UsageError, match=r"python3-aa, python3-aa2: choose, with `aa python3-aa` in debian/py3dist-over"
    ):
        find(names, "AA", PYTHON)


def test_one_package_twice_is_one(tmp_path: Path, names: SystemNames) -> None:
    package(tmp_path, "python3-aa:amd64", f"{LIBRARY}/aa-1.0.dist-info", f"{LIBRARY}/aa-1.1.dist-info")
    package(tmp_path, "python3-aa:i386", f"{LIBRARY}/aa-1.0.dist-info")
    assert names.owners("aa") == ("python3-aa",)
    assert names.owners("bb") == ()


def test_file_names_needn_be_utf8(tmp_path: Path, names: SystemNames) -> None:
    package(tmp_path, "python3-aa", f"{LIBRARY}/\udcff-1.0.dist-info", f"{LIBRARY}/aa-1.0.dist-info")
    assert names.owners("aa") == ("python3-aa",)


def test_a_wrong_line_is_told_of_when_it_matters(tmp_path: Path, names: SystemNames) -> None:
    write(tmp_path / "usr/share/python3/dist/python3-x", "aa Python3-AA\nbb python3-bb\naa python3-aa\ncc (((\n")
    assert relation(names, "bb") == "python3-bb"
    assert names.notes() == ()
    assert relation(names, "aa") == "python3-aa"
    assert relation(names, "aa") == "python3-aa"
    (note,) = names.notes()
    assert str(note.origin) == f"{tmp_path}/usr/share/python3/dist/python3-x:1"
    assert not note.loss


def test_rules_for_other_pythons_are_passed_over(tmp_path: Path, names: SystemNames) -> None:
    write(
        tmp_path / "source/debian/py3dist-overrides", "aa -3.2 python3-old\naa 3.2- python3-new\nbb 3.2 python3-old\n"
    )
    assert relation(names, "aa") == "python3-new"
    assert relation(names, "bb") is None


@pytest.mark.parametrize(
    ("name", "line"),
    [("aa", "aa python3-aa"), ("Foo.Bar", "foo-bar python3-foo-bar"), ("python-x", "python-x python3-x")],
)
def test_advice_says_what_to_add_where(name: str, line: str) -> None:
    assert f"`{line}` to debian/py3dist-overrides" in advice(name)


@pytest.mark.skipif(not Path("/usr/bin/dpkg").exists(), reason="needs dpkg")
@pytest.mark.parametrize("name", ["pygments", "pyyaml", "six", "urllib3", "packaging", "nonesuch"])
def test_dpkg_says_the_same(tmp_path: Path, name: str) -> None:
    pattern = "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in name)
    argv = ["/usr/bin/dpkg", "-S", f"*python3/*/{pattern}-?*.*-info"]
    answer = subprocess.run(argv, check=False, capture_output=True, text=True).stdout
    expected = {line.partition(":")[0] for line in answer.splitlines() if "/_vendor/" not in line}
    owners = SystemNames(system_places(tmp_path, Path("/"))).owners(name)
    assert set(owners) == expected
