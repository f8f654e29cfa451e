# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""The interpreters of this machine, found as a developer keeps them: in PATH, side by side, or named by a variable."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

VARIABLE = "PKGTOOLS_TEST_INTERPRETERS"
"""A list of programs, separated as in PATH; replaces the search."""
NAMES = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.13t", "3.14t", "pypy3")
"""Each is one case of the tests; a CI must have those that it names in VARIABLE."""
_SIDE_BY_SIDE = ".pyenv/versions"


class Found(NamedTuple):
    program: str
    name: str
    """As in NAMES."""
    magic: bytes


@cache
def other_interpreters() -> dict[str, Found]:
    """Return one interpreter for each name that this machine has."""
    found: dict[str, Found] = {}
    for program in _candidates():
        one = _ask(program)
        if one is not None:
            found.setdefault(one.name, one)
    return found


def _candidates() -> list[str]:
    named = os.environ.get(VARIABLE)
    if named is not None:
        return [program for program in named.split(os.pathsep) if program]
    in_path = [shutil.which(f"python{name}") or "" for name in NAMES] + [shutil.which("pypy3") or ""]
    kept = sorted(Path.home().glob(f"{_SIDE_BY_SIDE}/*/bin/*"))
    beside = [str(path) for path in kept if re.fullmatch(r"python3\.\d+t?|pypy3", path.name)]
    return [program for program in (*in_path, *beside) if program]


def _ask(program: str) -> Found | None:
    question = (
        "import sys, importlib.util;"
        "t = 't' * ('t' in getattr(sys, 'abiflags', ''));"
        "print(sys.implementation.name, '%d.%d' % sys.version_info[:2] + t, importlib.util.MAGIC_NUMBER.hex())"
    )
    done = subprocess.run([program, "-I", "-c", question], capture_output=True, text=True, check=False)
    words = done.stdout.split()
    if done.returncode or len(words) != 3:
        return None
    return Found(program, "pypy3" if words[0] == "pypy" else words[1], bytes.fromhex(words[2]))
