# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""`python -m tools.command_reference`: write docs/reference/commands.md from what --help of each command says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pkgtools.cli.group import main as group
from tools.house.documents import COMMANDS, commands_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).resolve().parent.parent
PAGE = TOP / "docs/reference/commands.md"
_HEAD = """\
<!-- Written by tools/command_reference.py from --help of each command. -->
# Commands

What each command says with `--help`. The manual pages say more:
[pkgtools(1)](../man/pkgtools.rst), [pkgtools-compile(1)](../man/pkgtools-compile.rst),
[pkgtools-clean(1)](../man/pkgtools-clean.rst), [pkgtools-trigger(8)](../man/pkgtools-trigger.rst),
[dh_pkgtools(1)](../man/dh_pkgtools.rst).
"""
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "80"}


def page() -> str:
    """Return the page. Raises CalledProcessError."""
    return _HEAD + "".join(f"\n## {name}\n```text\n{text.rstrip()}\n```\n" for name, text in _helps())


def _helps() -> Iterator[tuple[str, str]]:
    yield "pkgtools", _help((sys.executable, "-m", "pkgtools.cli"))
    for name, _ in commands_of(group):
        yield f"pkgtools {name}", _help((sys.executable, "-m", "pkgtools.cli", *name.split()))
    for name, argv in COMMANDS:
        yield name, _help(argv)


def _help(argv: tuple[str, ...]) -> str:
    environment = {**_ENVIRONMENT, "PYTHONPATH": str(TOP), "HOME": os.devnull}
    done = subprocess.run([*argv, "--help"], check=True, capture_output=True, text=True, cwd=TOP, env=environment)
    return done.stdout


def main() -> int:
    """Write the page; return 0."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
