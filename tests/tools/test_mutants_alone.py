# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A mutant can change its copy of the checkout, temporary directories of its own, and nothing else; nor can it kill."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.runtime.sandbox import CHECKOUT

ALONE = CHECKOUT / "tools/mutants_alone.sh"


@pytest.fixture
def copy() -> Path:
    """Return a directory that isn't below /tmp, which a mutant has for itself."""
    where = CHECKOUT / f"build/alone-{os.getpid()}"
    where.mkdir(parents=True, exist_ok=True)
    return where


def _alone(copy: Path, script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    argv = [str(ALONE), str(copy), "/bin/sh", "-c", script, "sh", *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode == 125 and (os.geteuid() or not os.environ.get("CI")):
        pytest.skip("needs root that may have mounts of its own")
    return done


def test_only_the_copy_can_be_changed(copy: Path, tmp_path: Path) -> None:
    mine = tmp_path / "file"
    mine.touch()
    places = ["/", "/etc", "/usr/bin", "/var/lib", "/root", CHECKOUT, CHECKOUT / "pkgtools"]
    script = (
        'for place; do touch "$place/planted" && echo "$place"; done; touch here /tmp/there /dev/shm/there; ls /tmp'
    )
    done = _alone(copy, script, *places)
    assert done.stdout == "there\n"
    assert done.stderr.count("Read-only file system") == len(places)
    assert (copy / "here").exists()
    (copy / "here").unlink()
    copy.rmdir()
    assert mine.exists()
    assert not Path("/tmp/there").exists()
    assert not Path("/dev/shm/there").exists()


def test_other_processes_are_out_of_reach(copy: Path) -> None:
    done = _alone(copy, 'kill -0 "$1" || ls -d "/proc/$1"', os.getpid() + (1 << 20))
    assert done.returncode != 0
    assert _alone(copy, "echo $$").stdout == "1\n"
    copy.rmdir()
