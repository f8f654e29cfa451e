# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a system's configuration says of bytecode, and which interpreters it has."""

from __future__ import annotations

import pytest

from pkgtools.readers.settings import find_settings, find_tags, is_setting, tags_of
from pkgtools.runtime.facts import InstalledPath
from tests.readers.test_ownership import Fake


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
