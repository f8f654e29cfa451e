# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Stores that are named with --store: filled by one system, used by another, with or without a key."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable

from pkgtools.runtime.compile.named_store import MARK
from tests.runtime.sandbox import APP, SHELF, Ran, Sandbox

KEY = "/etc/pkgtools/store.key"
SECRET = "0123456789abcdef" * 4
MODULES = ("a", "b", "deep/c")
TEXT = "def value():\n    return {name!r}\n"


def lay_out(sandbox: Sandbox, names: Iterable[str] = MODULES) -> list[str]:
    """Write some modules that everybody can read, and return their paths."""
    sandbox.directory("/srv")
    return [sandbox.write(f"{APP}/{name}.py", TEXT.format(name=name)) for name in names]


def with_key(sandbox: Sandbox, secret: str = SECRET, mode: int = 0o600) -> tuple[str, ...]:
    """Write a key, and return the options for it."""
    return ("--store-key", sandbox.write(KEY, f"{secret}\n", mode=mode))


def build(sandbox: Sandbox, *options: str) -> Ran:
    """Compile the modules as an image build does it: what an earlier build has made is in the store alone."""
    subprocess.run(["rm", "-rf", *(sandbox.path(f"{APP}{sub}/__pycache__") for sub in ("", "/deep"))], check=True)
    subprocess.run(["rm", "-rf", sandbox.path("/var/lib/pkgtools/record")], check=True)
    return sandbox.compile("--store", SHELF, *options, APP)


def entries(sandbox: Sandbox, shelf: str = SHELF) -> list[str]:
    """Return the names of a store's entries."""
    found = sorted(os.listdir(sandbox.path(shelf))) if sandbox.exists(shelf) else []
    return [name for name in found if name != MARK]
