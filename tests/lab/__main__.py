# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""`python3 -m tests.lab [ROOT...]`: build and cache base systems (all by default), two at a time."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.lab.recipes import RECIPES
from tests.lab.roots import root_directory


def _prepare(name: str) -> str:
    started = time.monotonic()
    path = root_directory(name)
    return f"{name:18} {time.monotonic() - started:5.1f} s  {path}"


def main(arguments: list[str]) -> int:
    """Prepare the roots named by `arguments` and say how long each took."""
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(_prepare, arguments or list(RECIPES)):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
