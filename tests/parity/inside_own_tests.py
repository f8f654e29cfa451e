# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Run inside a build system: dh-python's tests of packages with each helper; what failed as JSON.

Usage: inside_own_tests.py ARCHIVE RESULTS CHECKOUT. Stands alone: it runs under the system's own Python.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.parity import inside
else:
    sys.path.append(sys.argv[3])
    from tests.parity import inside

WORK = Path("/tmp/own-tests")
SECONDS = 300


def main(archive: Path, results: Path, checkout: str) -> None:
    """Run all tests twice."""
    found: dict[str, dict[str, str]] = {}
    for who in ("theirs", "ours"):
        top = unpack(archive)
        if who == "ours":
            stand_in(top / "dh_python3", inside.our_command(checkout))
        for directory in sorted(path for path in (top / "tests").iterdir() if (path / "Makefile").is_file()):
            found.setdefault(directory.name, {})[who] = run(directory)
    results.write_text(json.dumps(found))


def unpack(archive: Path) -> Path:
    """Unpack the source anew, and return its top directory."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir()
    subprocess.run(["tar", "--extract", f"--file={archive}", f"--directory={WORK}"], check=True)
    (top,) = WORK.iterdir()
    return top


def stand_in(path: Path, command: tuple[str, ...]) -> None:
    """Put another program into the place of dh_python3."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    path.chmod(0o755)


def run(directory: Path) -> str:
    """Build a test's package and check it; return the end of what was said if that failed."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    for target in ("run", "check"):
        argv = ["make", "-C", str(directory), target]
        done = subprocess.run(
            argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False
        )
        if done.returncode:
            said = done.stdout.decode(errors="replace").strip().splitlines()
            return f"{target}: " + " / ".join(said[-6:])
    return ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
