# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Byte-compilation in a build root beside Python's own compileall, as distributions call it there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pkgtools.build.build_root import byte_compile
from pkgtools.runtime.compile import worker
from tests.rpmbuild.test_bytecompile import EPOCH, FOUND, PYTHON, fill, order

pytestmark = pytest.mark.skipif(FOUND is None, reason="no /usr/bin/python3")


@pytest.mark.skipif(not worker.DETERMINISTIC, reason="two runs of this Python differ")
def test_bytes_are_those_of_compileall_as_distributions_call_it(tmp_path: Path) -> None:
    """By the documentation of Fedora's and openSUSE's macros; equal levels are one file there, too."""
    ours, theirs = (fill(tmp_path / name, mtime=EPOCH) for name in ("ours", "theirs"))
    byte_compile(order(ours))
    options = ("-q", "-f", "-o", "0", "-o", "1", "-s", str(theirs), "-p", "/", "--hardlink-dupes", "-e", str(theirs))
    subprocess.run([PYTHON, "-IB", "-m", "compileall", *options, f"{theirs}/usr/lib"], check=True)
    found = [
        {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_nlink) for path in root.rglob("*.pyc")}
        for root in (ours, theirs)
    ]
    assert found[0] == found[1]
    assert {links for _, links in found[0].values()} == {1, 2}
