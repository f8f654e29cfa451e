# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a system's configuration says of bytecode, and which interpreters it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from pkgtools.bytecode.examine import ReadingOptions
from pkgtools.readers.image.image import Image
from pkgtools.readers.system.bytecode_settings import find_settings, find_tags, is_setting, tags_of
from pkgtools.readers.system.root_directory import RootDirectory
from pkgtools.runtime.facts import InstalledPath
from tests.readers.images import docker_image, layer
from tests.readers.test_ownership import Fake
from tests.readers.test_root import make


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "/etc/environment",
            "PYTHONPYCACHEPREFIX=/p\n",
            [(1, "PYTHONPYCACHEPREFIX", "/p")],
        ),
        ("/etc/environment", '\n\nPYTHONPYCACHEPREFIX="/x"\n', [(3, "PYTHONPYCACHEPREFIX", "/x")]),
        ("/etc/profile", "export PYTHONDONTWRITEBYTECODE=1\n", [(1, "PYTHONDONTWRITEBYTECODE", "1")]),
        ("/etc/profile.d/x.sh", "if :; then PYTHONPYCACHEPREFIX='/x' ; fi\n", [(1, "PYTHONPYCACHEPREFIX", "/x")]),
        ("/etc/security/pam_env.conf", "PYTHONPYCACHEPREFIX DEFAULT=/x\n", [(1, "PYTHONPYCACHEPREFIX", "/x")]),
        (
            "/etc/systemd/system/x",
            "Environment=A=1 PYTHONPYCACHEPREFIX=/x\n",
            [(1, "PYTHONPYCACHEPREFIX", "/x")],
        ),
        ("/etc/environment", "PYTHONPYCACHEPREFIX=/\udcff\n", [(1, "PYTHONPYCACHEPREFIX", "/\udcff")]),
        ("/etc/environment", "# PYTHONPYCACHEPREFIX=/x\n", []),
        ("/etc/environment", "MYPYTHONPYCACHEPREFIX=/x\n", []),
        ("/etc/motd", "PYTHONPYCACHEPREFIX=/x\n", []),
    ],
)
def test_settings(path: str, text: str, expected: list[tuple[int, str, str]]) -> None:
    found = find_settings(Fake({path: text.encode(errors="surrogateescape")}))
    assert [(one.line, one.name, one.value) for one in found] == expected


UNIT = "/etc/systemd/system/acme.service"
DROP_INS: dict[str, str | bytes] = {
    UNIT: "[Service]\n",
    f"{UNIT}.d/10-python.conf": '[Service]\nEnvironment="PYTHONPYCACHEPREFIX=/x"\n',
    f"{UNIT}.d/README": "Environment=PYTHONPYCACHEPREFIX=/unread\n",
    "/usr/lib/systemd/system/service.d/a.conf": "Environment=PYTHONDONTWRITEBYTECODE=1\n",
    "/etc/systemd/system/multi-user.target.wants/acme.service": "Environment=PYTHONPYCACHEPREFIX=/unread\n",
    "/etc/systemd/system.conf.d/a.conf": "DefaultEnvironment=PYTHONPYCACHEPREFIX=/y\n",
    "/etc/default/grub.d/x.cfg": "",
    "/etc/profile.d/below/x.sh": "",
}
IN_DROP_INS = [
    ("/etc/systemd/system.conf.d/a.conf", 1, "/y"),
    (f"{UNIT}.d/10-python.conf", 2, "/x"),
    ("/usr/lib/systemd/system/service.d/a.conf", 1, "1"),
]


def test_drop_ins_of_units_are_read_and_directories_are_no_files(tmp_path: Path) -> None:
    root = RootDirectory(make(tmp_path, DROP_INS))
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert [(one.path, one.line, one.value) for one in find_settings(root)] == IN_DROP_INS
    assert root.problems == []
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
    root.close()


def test_drop_ins_of_units_of_an_image_are_read(tmp_path: Path) -> None:
    files = {path[1:]: text.encode() if isinstance(text, str) else text for path, text in DROP_INS.items()}
    path = tmp_path / "image.tar"
    path.write_bytes(docker_image(layer(*files.items())))
    package = Image(path).read(ReadingOptions())
    assert [(one.path, one.line, one.value) for one in package.settings] == IN_DROP_INS
    assert [note for note in package.notes if "irectory" in note] == []


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        (["python3.11", "python3", "python3.11-config", "python3.14t"], {"cpython-311", "cpython-314"}),
        (["platform-python3.6"], {"cpython-36"}),
        (["python2.7", "perl", "python3.x"], set()),
    ],
)
def test_tags_by_the_names_of_programs(programs: list[str], expected: set[str]) -> None:
    assert tags_of(programs) == expected


def test_pypy_tells_no_version() -> None:
    assert {"pypy39", "pypy310", "pypy311"} <= tags_of(["pypy3"])


def test_interpreters_of_images_count() -> None:
    files = dict.fromkeys(("/usr/bin/python3.11", "/usr/local/bin/python3.13", "/opt/bin/python3.12"), b"")
    assert find_tags(Fake(files)) == {"cpython-311", "cpython-313"}
    assert [path for path in files if is_setting(InstalledPath(path))] == [
        "/usr/bin/python3.11",
        "/usr/local/bin/python3.13",
    ]
