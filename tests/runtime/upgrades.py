# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Upgrades of a made-up package: its prerm cleans, another version comes, and a batch serves it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pkgtools.runtime.compile.reuse import STORE
from tests.runtime.batches import OLD, WHEN, batch, install
from tests.runtime.records import forget
from tests.runtime.sandbox import PUBLIC, Ran, Sandbox

PRERM = {"DPKG_MAINTSCRIPT_NAME": "prerm", "DPKG_MAINTSCRIPT_PACKAGE": "acme"}
POSTINST = {**PRERM, "DPKG_MAINTSCRIPT_NAME": "postinst"}
SETTINGS = "/etc/pkgtools/bytecode.conf"
REUSED = ("compiled", "reused")
COMPILED = ("compiled", "missing")


def stored(sandbox: Sandbox) -> list[str]:
    """Return the names of the files in the store, alone or in directories, without lists of what was put aside."""
    top = sandbox.path(STORE)
    paths = (os.path.relpath(f"{above}/{name}", top) for above, _, names in os.walk(top) for name in names)
    return sorted(path for path in paths if not path.startswith("package-"))


def prerm(sandbox: Sandbox, script: Mapping[str, str] = PRERM) -> None:
    """Let the package's prerm clean; dpkg finds no bytecode of it."""
    ran = sandbox.clean("-p", "acme", environment=script)
    assert (ran.status, ran.talk) == (0, "")
    assert sandbox.pycs(f"{PUBLIC}/acme") == set()
    assert not sandbox.exists(f"{PUBLIC}/acme/__pycache__")


def upgrade(sandbox: Sandbox, *modules: str, text: str = OLD, mtime: float = WHEN, version: str = "2") -> Ran:
    """Unpack another version of the package and run the batch."""
    forget(sandbox, "acme")
    install(sandbox, "acme", *modules, version=version, text=text)
    for module in modules:
        os.utime(sandbox.path(f"{PUBLIC}/acme/{module}.py"), (mtime, mtime))
    return batch(sandbox)


def stray(sandbox: Sandbox, *modules: str) -> None:
    """Put other tools' caches of modules into the cache directory, which then can't be moved as a whole."""
    for module in modules:
        sandbox.write(f"{PUBLIC}/acme/__pycache__/{module}.cpython-311-pytest-7.4.0.pyc", b"traced")


def installed(sandbox: Sandbox, *modules: str) -> list[str]:
    """Install the package and compile it."""
    sources = install(sandbox, "acme", *modules)
    assert batch(sandbox).status == 0
    return sources
