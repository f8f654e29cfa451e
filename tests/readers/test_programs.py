# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Which interpreters a system has, and their releases, is read from it; none of them is run."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pkgtools.bytecode.examine import NAMES_ONLY
from pkgtools.model.package import File, Kind, Package, PackageManager, PythonProgram
from pkgtools.readers.image.image import Image
from pkgtools.readers.system.installed import read_root
from pkgtools.readers.system.installed_pythons import as_interpreters, find_pythons, python_of, release_in
from pkgtools.runtime.facts import InstalledPath
from tests.readers.images import docker_image, layer
from tests.readers.test_root import make

PROGRAM = "/usr/bin/python3.13"
STATUS = """\
Package: python3-acme
Version: 3.99.1

Package: libpython3.13-minimal
Status: install ok installed
Version: 3.13.5-2+deb13u1

Package: python3.14-minimal
Version: 3.14.0~rc2-1
"""


def bytes_of(release: str) -> bytes:
    return b"\x7fELF" + bytes(100) + f"\0{release}\0 3.13.77 \0".encode()


def releases(found: tuple[PythonProgram, ...]) -> dict[str, str]:
    return {one.path: one.release for one in found}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({PROGRAM: bytes_of("3.13.5")}, {PROGRAM: "3.13.5"}, id="bytes"),
        pytest.param({PROGRAM: bytes_of("3.13.5+")}, {PROGRAM: "3.13.5"}, id="a development version"),
        pytest.param({PROGRAM: bytes_of("3.13.0rc2")}, {PROGRAM: "3.13.0rc2"}, id="a candidate"),
        pytest.param({PROGRAM: b"/home/acme/versions/3.13.5\0"}, {PROGRAM: "3.13.5"}, id="the end of a longer text"),
        pytest.param({PROGRAM: b"/versions/3.13.5\0x3.13.4\0"}, {PROGRAM: ""}, id="several"),
        pytest.param({PROGRAM: bytes_of("3.12.5")}, {PROGRAM: ""}, id="another version's text"),
        pytest.param(
            {PROGRAM: b"", "/usr/lib64/libpython3.13.so.1.0": bytes_of("3.13.5")}, {PROGRAM: "3.13.5"}, id="library"
        ),
        pytest.param({PROGRAM: b"", "/var/lib/dpkg/status": STATUS}, {PROGRAM: "3.13.5"}, id="dpkg"),
        pytest.param(
            {"/usr/bin/python3.14": b"", "/var/lib/dpkg/status": STATUS},
            {"/usr/bin/python3.14": "3.14.0rc2"},
            id="dpkg, a candidate",
        ),
        pytest.param(
            {"/opt/a/bin/python3.13": b"", "/var/lib/dpkg/status": STATUS},
            {"/opt/a/bin/python3.13": ""},
            id="dpkg says nothing of an application's",
        ),
        pytest.param(
            {"/opt/a/bin/python3.13": b"", PROGRAM: bytes_of("3.13.5")},
            {"/opt/a/bin/python3.13": "3.13.5", PROGRAM: "3.13.5"},
            id="a virtual environment",
        ),
        pytest.param({"/opt/a/python3.13": b"", "/opt/python3.13/x.py": b""}, {}, id="no program"),
    ],
)
def test_releases(tmp_path: Path, files: Mapping[str, str | bytes], expected: dict[str, str]) -> None:
    top = make(tmp_path / "root", files)
    assert releases(read_root(top, NAMES_ONLY).pythons) == expected
    image = tmp_path / "image.tar"
    members = [(path[1:], text.encode() if isinstance(text, str) else text) for path, text in files.items()]
    image.write_bytes(docker_image(layer(*members)))
    assert releases(Image(image).read(NAMES_ONLY).pythons) == expected


def test_the_release_of_an_interpreter_that_rpm_owns() -> None:
    owned = File(path=InstalledPath(PROGRAM), mode=0o100755)
    rpm = Package(
        origin="", kind=Kind.RPM, family=PackageManager.RPM, name="python3", version="1:3.13.5-2.fc42", files=(owned,)
    )

    class System:
        def read(self, _path: InstalledPath, _limit: int) -> bytes | None:
            return None

        def names(self, _directory: InstalledPath) -> list[str]:
            return []

        def link(self, _path: InstalledPath) -> str:
            return ""

    assert releases(find_pythons(System(), [owned.path], [rpm])) == {PROGRAM: "3.13.5"}


def test_the_text_of_the_interpreter_that_runs_here() -> None:
    version = "{}.{}".format(*sys.version_info)
    content = Path("/usr/bin", f"python{version}").read_bytes()
    assert release_in(content, version) in {platform.python_version(), ""}


@pytest.mark.parametrize(
    ("pyc", "expected"),
    [
        ("/opt/a/lib/python3.13/site-packages/__pycache__/m.cpython-313.pyc", "/opt/a/bin/python3.13"),
        ("/opt/a/share/__pycache__/m.cpython-313.pyc", "/opt/a/bin/python3.13"),
        ("/opt/b/share/__pycache__/m.cpython-313.pyc", PROGRAM),
        ("/usr/lib/python3/dist-packages/__pycache__/m.cpython-313.pyc", PROGRAM),
    ],
)
def test_the_nearest_interpreter_loads_a_pyc(pyc: InstalledPath, expected: str) -> None:
    tags = frozenset({"cpython-313"})
    paths = (PROGRAM, "/opt/a/bin/python3.13", "/opt/c/bin/python3.13")
    pythons = tuple(PythonProgram(path=InstalledPath(path), tags=tags) for path in paths)
    found = python_of(pythons, pyc, "cpython-313")
    assert found is not None
    assert found.path == expected
    assert python_of(pythons, pyc, "cpython-312") is None


def test_interpreters_by_their_names() -> None:
    names = ("python3", "python3.9", "python3.13", "python3.13-config", "pypy3", "python3.99", "python2.7")
    found = as_interpreters(InstalledPath(f"/usr/bin/{name}") for name in names)
    assert [(one.version, one.cache_tag, one.inside) for one in found] == [
        ((3, 9), "cpython-39", False),
        ((3, 13), "cpython-313", False),
        ((3, 99), "cpython-399", False),
    ]
