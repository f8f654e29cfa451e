# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Parts of the runtime by themselves, where a whole run shows what they do only by chance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pkgtools.runtime.compile.observe import _read_header
from pkgtools.runtime.facts import InstalledPath
from pkgtools.runtime.policy.sources import _base_of
from pkgtools.runtime.record import Record
from tests.runtime.records import know, know_by_rpm
from tests.runtime.sandbox import APP, CHECKOUT, Sandbox, pyc_of


@pytest.mark.parametrize(
    ("directory", "base"),
    [
        ("/opt/x", "/opt/x"),
        ("/opt/y", "/opt/y"),
        ("/opt/y/deep/er", "/opt/y"),
        ("/opt/yy", "/opt/yy"),
        ("/opt", "/opt"),
        ("/usr/lib/python3/dist-packages/p", "/usr/lib/python3/dist-packages"),
    ],
)
def test_the_base_of_a_directory_is_the_one_that_it_lies_in(directory: str, base: str) -> None:
    bases = (InstalledPath("/opt/x"), InstalledPath("/opt/y"))
    assert _base_of(InstalledPath(directory), bases) == base


def test_a_header_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)  # reading a directory fails, as a broken disk does
    try:
        assert _read_header(descriptor) == b""
    finally:
        os.close(descriptor)


def test_what_is_written_after_write_nowhere_meets_no_closed_pipe() -> None:
    write = "write_nowhere(); os.write(1, b'a'); os.write(2, b'b')"
    code = f"import os; from pkgtools.runtime.interrupts import write_nowhere; {write}"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=writing, cwd=CHECKOUT, check=False)
    os.close(writing)
    assert done.returncode == 0


def test_bytecode_that_a_package_came_to_ship_is_forgotten_where_it_stays(sandbox: Sandbox) -> None:
    shipped, own = (sandbox.write(f"{APP}/{name}.py") for name in ("shipped", "own"))
    sandbox.compile(APP)
    know(sandbox, [shipped, pyc_of(shipped), own])
    directory, _, name = pyc_of(shipped).rpartition("/")
    tree = sandbox.tree()
    assert name in Record(tree).of(InstalledPath(directory))
    sandbox.clean(APP)
    assert sandbox.exists(pyc_of(shipped))
    assert not sandbox.exists(pyc_of(own))
    assert Record(tree).of(InstalledPath(directory)) == {}


def test_modules_go_with_the_registration_that_rpm_lists(sandbox: Sandbox) -> None:
    files = ["/usr/share/acme/m.py", "/usr/share/pkgtools/private.d/acme.conf"]
    source = sandbox.write(files[0])
    drop_in = sandbox.write(files[1], "compile||/usr/share/acme\n")
    know_by_rpm(sandbox, "/usr/share", files)
    sandbox.compile("/usr/share/acme")
    assert sandbox.exists(pyc_of(source))
    sandbox.clean("--rpm-stdin", given=f"{drop_in}\n".encode())
    assert not sandbox.exists(pyc_of(source))
