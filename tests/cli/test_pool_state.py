# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a directory's state remembers of a package holds for that file and no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.packages import run, write_deb

_IN_PROCESS = "import sys; from pkgtools.cli.group import main; main(sys.argv[1:], standalone_mode=False)"


def _replace(package: Path) -> None:
    shutil.copy2(package, package.with_suffix(".new"))
    os.replace(package.with_suffix(".new"), package)


def _touch(package: Path) -> None:
    found = package.stat()
    os.utime(package, ns=(found.st_atime_ns, found.st_mtime_ns + 1))


def _grow(package: Path) -> None:
    found = package.stat()
    package.write_bytes(package.read_bytes() + b"x")
    os.utime(package, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_touch, id="written-within-the-second-with-the-same-size"),
        pytest.param(_grow, id="another-size-with-the-time-restored"),
        pytest.param(_replace, id="another-file-of-the-same-size-and-time"),
    ],
)
def test_package_that_changed_in_one_respect_is_not_known(change: Callable[[Path], None], tmp_path: Path) -> None:
    package = tmp_path / "pool/p_1_all.deb"
    write_deb(package, "p", bad=False)
    argv = ("check", "--state", tmp_path / "state", package.parent)
    assert [len(run(tmp_path, *argv).stdout.splitlines()) for _ in range(2)] == [1, 0]
    change(package)
    assert len(run(tmp_path, *argv).stdout.splitlines()) == 1


def test_the_file_is_closed(tmp_path: Path) -> None:
    package = tmp_path / "pool/p_1_all.deb"
    write_deb(package, "p", bad=False)
    argv = [sys.executable, "-X", "dev", "-c", _IN_PROCESS, "check", "--state", str(tmp_path / "state"), str(package)]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert (done.returncode, "ResourceWarning" in done.stderr) == (0, False), done.stderr
