# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What the names of files and dependencies tell of a package's Python modules."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pkgtools.model.asked_versions import range_of_dependencies, range_of_requirement
from pkgtools.model.manifest import Strategy
from pkgtools.model.package import File, Kind, Package, PackageManager
from pkgtools.readers.unreadable import UnreadablePackage
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.version_range import parse_version_range
from pkgtools.survey.module_survey import Survey, survey
from pkgtools.survey.project import read_surveys

PUBLIC = "/usr/lib/python3/dist-packages"

ROOTS = {
    "one directory": (["/usr/share/a/m.py"], ["/usr/share/a"]),
    "below it": (["/usr/share/a/m.py", "/usr/share/a/b/c/m.py"], ["/usr/share/a"]),
    "only deeper": (["/usr/share/a/b/m.py", "/usr/share/a/b/c/m.py"], ["/usr/share/a/b"]),
    "siblings of one application": (["/usr/lib/a/x/m.py", "/usr/lib/a/y/z/m.py"], ["/usr/lib/a"]),
    "two applications": (["/opt/a/m.py", "/srv/b/m.py", "/opt/a-b/m.py"], ["/opt/a", "/opt/a-b", "/srv/b"]),
    "multiarch": (["/usr/lib/x86_64-linux-gnu/a/x/m.py", "/usr/lib/x86_64-linux-gnu/b/m.py"],
                  ["/usr/lib/x86_64-linux-gnu/a/x", "/usr/lib/x86_64-linux-gnu/b"]),
    "public": ([f"{PUBLIC}/m.py", "/usr/lib64/python3.11/site-packages/m.py"], []),
    "documentation": (["/usr/share/doc/a/examples/m.py", "/usr/share/a/examples/m.py", "/opt/a/doc/x/m.py"], []),
    "shared directories": (["/usr/bin/m.py", "/usr/share/m.py", "/etc/a/m.py", "/m.py", "/opt/m.py"], []),
    "debugger": (["/usr/share/gdb/auto-load/usr/lib/libx-gdb.py"], []),
    "no modules": (["/usr/share/a/.py", "/usr/share/a/m.pyi", "/usr/share/a/py"], []),
}  # fmt: skip

DEPENDENCIES = {
    ("python3 (>= 3.9~)",): "3.9-",
    ("python3:any (>= 3.9)", "python3 (<< 3.13)"): "3.9-3.13",
    ("python3 (<< 3.12), x", "python3 (>= 3.11~)"): "3.11-",
    ("python3 (<< 3.12)", "python3 (>= 3.11~)"): "3.11",
    ("python3 (<< 3.12)",): "-3.12",
    ("python3 (<= 3.12)",): "-3.13",
    ("python3 (= 3.11.2-1)",): "3.11",
    ("python3.11-minimal:any",): "3.11",
    ("/usr/bin/python3.11",): "3.11",
    ("python(abi) = 3.13", "python3 >= 3.9"): "3.13",
    ("python3 >= 3.9.2", "rpmlib(x) <= 3.0"): "3.9-",
    ("python3",): "",
    ("python3-six (>= 3.9)",): "",
    ("python3 (>= 3.9) | pypy3",): "",
    ("python3 (>= 3.13)", "python3 (<< 3.9)"): "",
    (): "",
}

REQUIREMENTS = {
    ">=3.9": "3.9-",
    ">=3.9,<4": "3.9-4.0",
    ">=3.8.1, !=3.9.*": "3.8-",
    "<3.13,>=3.9": "3.9-3.13",
    "==3.11.*": "3.11",
    "==3.11.2": "3.11",
    "~=3.9": "3.9-4.0",
    "~=3.9.2": "3.9",
    ">3.8": "",
    ">=3": "3.0-",
    "": "",
    "newest": "",
}


def listing(*paths: str, dependencies: tuple[str, ...] = (), kind: int = stat.S_IFREG) -> Package:
    files = tuple(File(path=InstalledPath(path), mode=kind | 0o644) for path in paths)
    return Package(
        origin="x", kind=Kind.TREE, family=PackageManager.UNKNOWN, name="acme", dependencies=dependencies, files=files
    )


@pytest.mark.parametrize(("paths", "expected"), ROOTS.values(), ids=ROOTS)
def test_private_directories_are_the_topmost_of_applications(paths: list[str], expected: list[str]) -> None:
    assert list(survey(listing(*paths)).private) == expected


def test_directories_are_no_modules() -> None:
    found = survey(listing("/opt/a/m.py", kind=stat.S_IFDIR))
    assert found == Survey(name="acme")


def test_directory_that_a_manifest_cannot_name_is_left_out() -> None:
    found = survey(listing("/opt/a|b/m.py", "/opt/caf\udce9/m.py", "/opt/x\ny/m.py", "/opt/c/m.py"))
    assert found.private == ("/opt/c",)
    assert found.left_out == ("/opt/a|b", "/opt/caf\udce9", "/opt/x\ny")


def test_sources_alone_leave_compiling_to_the_triggers() -> None:
    found = survey(listing(f"{PUBLIC}/m.py", "/opt/a/m.py"))
    assert (found.strategy, found.levels, found.public) == (Strategy.TRIGGER, (0,), True)
    assert not survey(listing("/opt/a/m.py")).public


def test_bytecode_beside_its_sources_is_shipped() -> None:
    cache = "/opt/a/__pycache__"
    paths = ("/opt/a/m.py", f"{cache}/m.cpython-311.pyc", f"{cache}/m.cpython-311.opt-1.pyc")
    found = survey(listing(*paths, f"{cache}/orphan.cpython-311.pyc", f"{cache}/m.cpython-311.opt-x.pyc"))
    assert (found.strategy, found.levels) == (Strategy.SHIPPED, (0, 1))
    assert (found.sources, found.cached, found.sourceless) == (1, 2, 0)


@pytest.mark.parametrize(
    ("path", "dependency", "python"),
    [
        ("/opt/a/m.pyc", "python3.11", "3.11"),
        ("/usr/lib/python3.12/site-packages/m.pyc", "", "3.12"),
        ("/opt/a/m.pyc", "python3 (>= 3.9)", "3.9-"),
        ("/opt/a/m.pyc", "", ""),
    ],
)
def test_bytecode_without_sources_is_sourceless(path: str, dependency: str, python: str) -> None:
    found = survey(listing(path, dependencies=(dependency,)))
    assert (found.strategy, found.python.asked, found.sourceless) == (Strategy.SOURCELESS, python, 1)
    assert found.decided is (python in {"3.11", "3.12"})


@pytest.mark.parametrize(("dependencies", "expected"), DEPENDENCIES.items(), ids=lambda one: str(one) or "none")
def test_dependencies_give_a_range(dependencies: tuple[str, ...], expected: str) -> None:
    assert range_of_dependencies(dependencies).asked == expected


@pytest.mark.parametrize(("text", "expected"), REQUIREMENTS.items(), ids=[one or "none" for one in REQUIREMENTS])
def test_simple_requirement_gives_a_range(text: str, expected: str) -> None:
    assert range_of_requirement(text).asked == expected


@given(st.lists(st.from_regex(r"(>=|<|==|~=|!=|>|<=|===)(2|3|4)\.[0-9]{1,12}(\.[0-9*])?(rc1)?", fullmatch=True)))
def test_every_range_can_be_read(specifiers: list[str]) -> None:
    dependencies = (f"python3 ({one[:2]} {one[2:]})" for one in specifiers)
    for found in (range_of_requirement(",".join(specifiers)), range_of_dependencies(dependencies)):
        assert parse_version_range(found.asked) == parse_version_range(str(found)) == found


def test_source_package_has_the_binary_packages_of_its_control_file(tmp_path: Path) -> None:
    (tmp_path / "debian/python3-acme/usr/share/acme").mkdir(parents=True)
    (tmp_path / "debian/python3-acme/usr/share/acme/m.py").touch()
    (tmp_path / "debian/control").write_text(
        "Source: acme\nX-Python3-Version: >= 3.9, << 3.14\n\n"
        "# a comment\nPackage: python3-acme\nDepends: ${misc:Depends},\n\n"
        "Package: acme\nDepends:\n python3 (>= 3.10),\n"
    )
    first, second = read_surveys(tmp_path)
    assert first == Survey(
        name="python3-acme",
        python=parse_version_range("3.9-3.14"),
        public=False,
        private=(InstalledPath("/usr/share/acme"),),
        doubtful=(InstalledPath("/usr/share/acme"),),
        sources=1,
    )
    assert second == Survey(name="acme", python=parse_version_range("3.10-3.14"))


def test_project_has_the_name_and_versions_of_its_metadata(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('[project]\nname = "Acme_Tools.x"\nrequires-python = ">=3.9"\n')
    assert (
        read_surveys(path)
        == read_surveys(tmp_path)
        == (Survey(name="acme-tools-x", python=parse_version_range("3.9-")),)
    )
    path.write_text("[build-system]\n")
    assert read_surveys(path) == (Survey(name=tmp_path.name),)


@pytest.mark.parametrize("content", [b"=", b"\xff", b"x = " + b"[" * 3000, b"x = " + b"1" * 5000])
def test_broken_metadata_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(UnreadablePackage, match=r"pyproject\.toml"):
        read_surveys(tmp_path)


@pytest.mark.parametrize("content", [b"", b"Source: a\n", b"Source: a\n\nPackage: \xff\n", b"\0\n\n\n:"])
def test_broken_control_file_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "debian").mkdir()
    (tmp_path / "debian/control").write_bytes(content)
    with pytest.raises(UnreadablePackage, match="debian/control"):
        read_surveys(tmp_path)
