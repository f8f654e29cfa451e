# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Shebangs: which lines change into what, and which files are looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pkgtools.rpmbuild.shebangs import fix, new_shebang
from pkgtools.runtime.errors import UsageError

PYTHON = "/usr/bin/python3"


@pytest.mark.parametrize(
    ("first", "flags", "expected"),
    [
        (b"#!/usr/bin/env python\n", "s", b"#!/usr/bin/python3 -s\n"),
        (b"#! /usr/bin/env -S python3.12 -u\n", "sP", b"#!/usr/bin/python3 -sPu\n"),
        (b"#!/usr/local/bin/python2.7 -Es\n", "sP", b"#!/usr/bin/python3 -PEs\n"),
        (b"#!python -W error\n", "s", b"#!/usr/bin/python3 -sW error\n"),
        (b"#!/usr/bin/env -S python3 -u -E\n", "s", b"#!/usr/bin/env -S /usr/bin/python3 -s -u -E\n"),
        (b"#!/usr/bin/env -S python3 -Es  -m app\n", "s", b"#!/usr/bin/env -S /usr/bin/python3 -Es  -m app\n"),
        (b"#!/usr/bin/env -S A=1 python3 -X utf8\n", "s", b"#!/usr/bin/env -S A=1 /usr/bin/python3 -s -X utf8\n"),
        (b"#!/usr/bin/env -S python3 --help-all\n", "", b"#!/usr/bin/env -S /usr/bin/python3 --help-all\n"),
        (b"#!/usr/bin/python3 --help-all\n", "s", None),
        (b"#!/usr/bin/python3 -Wignore::sample.W\n", "s", b"#!/usr/bin/python3 -sWignore::sample.W\n"),
        (b"#!/usr/bin/python3\r\n", "", b"#!/usr/bin/python3\n"),
        (b"#!/usr/bin/python3 -O\n", "", b"#!/usr/bin/python3 -O\n"),
        (b"#!/usr/bin/env -S A=1 B_2=x:y python3 -u\n", "s", b"#!/usr/bin/env -S A=1 B_2=x:y /usr/bin/python3 -su\n"),
        (b"#!/usr/bin/env A=1 python\n", "", b"#!/usr/bin/env -S A=1 /usr/bin/python3\n"),
        (b"#!/usr/bin/env -S A='1 2' python\n", "s", None),
        (b"#!/usr/bin/env -S A=1 sh\n", "s", None),
        (b"#!/bin/sh\n", "s", None),
        (b"#!/usr/bin/pythonista\n", "s", None),
        (b"#!/usr/bin/python3 /usr/share/app/main\n", "s", None),
        (b"import os\n", "s", None),
        (b"", "s", None),
    ],
)
def test_first_line(first: bytes, flags: str, expected: bytes | None) -> None:
    assert new_shebang(first, PYTHON, flags) == expected


def test_only_modules_are_looked_for_in_directories(tmp_path: Path) -> None:
    names = ("a.py", "b-c.py", "script", "sub/d.py")
    (tmp_path / "sub").mkdir()
    for name in names:
        (tmp_path / name).write_bytes(b"#!/usr/bin/env python\nprint()\n")
    (tmp_path / "link.py").symlink_to("script")
    assert fix([str(tmp_path)], PYTHON, "s") == [str(tmp_path / "a.py"), str(tmp_path / "sub/d.py")]
    assert fix([str(tmp_path / "script")], PYTHON, "s") == [str(tmp_path / "script")]


def test_mode_time_and_the_rest_stay(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_bytes(b"#!/usr/bin/python\r\n\xff\r\nend")
    script.chmod(0o4751)
    os.utime(script, ns=(1, 1_234_567_890_123_456_789))
    fix([str(script)], PYTHON, "")
    state = script.stat()
    assert (state.st_mode & 0o7777, state.st_mtime_ns) == (0o4751, 1_234_567_890_123_456_789)
    assert script.read_bytes() == b"#!/usr/bin/python3\n\xff\r\nend"
    assert fix([str(script)], PYTHON, "") == []


def test_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        fix([str(tmp_path / "none")], PYTHON, "")
