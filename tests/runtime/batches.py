# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Made-up packages of made-up systems, and the batches that serve them."""

from __future__ import annotations

import os

from tests.runtime.records import forget, know
from tests.runtime.sandbox import PUBLIC, Ran, Sandbox, pyc_of

STATE = "/var/lib/pkgtools"
HOST = "/usr/share/host"
"""A registered directory."""
WHEN = 1_700_000_000
"""The time of all modules and file lists."""
OLD, NEW = "value = 'old'\n", "value = 'new'\n"
"""Two texts of one size."""


def batch(sandbox: Sandbox, *options: str) -> Ran:
    """Run pkgtools-trigger."""
    return sandbox.run("pkgtools-trigger", *options)


def install(sandbox: Sandbox, name: str, *modules: str, version: str = "1", text: str = OLD) -> list[str]:
    """Install a made-up package with modules in its directory, all of one size and time, and return their paths."""
    paths = [sandbox.write(f"{PUBLIC}/{name}/{module}.py", text, mtime=WHEN) for module in modules]
    know(sandbox, [f"{PUBLIC}/{name}", *paths], name, version=version, mtime=WHEN)
    return paths


def remove(sandbox: Sandbox, name: str, sources: list[str]) -> None:
    """Remove a made-up package."""
    for source in sources:
        os.unlink(sandbox.path(source))
    forget(sandbox, name)


def spoil(sandbox: Sandbox, source: str) -> bytes:
    """Make a pyc one that each look at it would replace, and return its content."""
    os.truncate(sandbox.path(pyc_of(source)), 20)
    return sandbox.read(pyc_of(source))


def paths_of(ran: Ran) -> set[str]:
    """Return the paths of all outcomes."""
    return {one.path for one in ran.told}
