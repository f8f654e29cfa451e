# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Sample packages for `pkgtools try`, and the command as a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.cli.packages import PKGTOOLS, environment
from tests.cli.test_json_schemas import strict
from tests.lab.debs import Files, SamplePackage
from tests.lab.needs import need_tools
from tests.lab.roots import root_directory

DIST = "/usr/lib/python3/dist-packages"
COMPILE = '[ "$1" != configure ] || py3compile -p {name}\n'
ABORT = 'case "$1" in configure|abort-*) py3compile -p {name};; esac\n'
CLEAN = "py3clean -p {name}\n"
TIMEOUT = 40
"""Seconds that a command may take, on a loaded machine too."""

Document = dict[str, Any]


def package(name: str, postinst: str = "", *, prerm: str = CLEAN, files: Files | None = None) -> SamplePackage:
    """Return a package with one module, whose postinst is to compile and then does what is given."""
    scripts = {"postinst": ABORT.format(name=name) + postinst, "prerm": prerm.format(name=name)}
    own = {f"{DIST}/{name}/__init__.py": "x = 1\n", **(files or {})}
    return SamplePackage(name=name, files=own, scripts={key: text for key, text in scripts.items() if text})


def pyc(name: str) -> str:
    """Return the pyc of the one module."""
    return f"{DIST}/{name}/__pycache__/__init__.cpython-311.pyc"


def root(name: str = "bookworm-minimal") -> Path:
    """Return a base system; the usual one has python3-minimal alone."""
    need_tools(["bwrap", "mmdebstrap", "zstd", "dpkg-deb"])
    return root_directory(name)


def play(*arguments: str | Path, status: int | None = None, base: str = "bookworm-minimal") -> Document:
    """Run `pkgtools try --json`; return its report, whose exit status is that of the command."""
    argv = [*PKGTOOLS, "try", "--json", "--root", root(base), "--timeout", str(TIMEOUT), *arguments]
    done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment(), timeout=570)
    assert done.stderr == ""
    document: Document = json.loads(done.stdout)
    strict("try").validate(document)
    assert document["exit"] == done.returncode
    assert status is None or done.returncode == status, done.stdout
    return document


def faults(steps: Iterable[Document]) -> set[tuple[str, str]]:
    """Return step and check of each fault."""
    return {(step["step"], fault["check"]) for step in steps for fault in step["faults"]}
