# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages that depend on python3-minimal."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.case import Case

PROGRAM = "/usr/bin/acme"
MODULE = "/usr/share/acme/acme.py"


def ships(body: str, depends: str = "python3-minimal", path: str = PROGRAM) -> SamplePackage:
    content = f"#!/usr/bin/python3 -I\n{body}" if path == PROGRAM else body
    files = {path: SampleFile(content, 0o755 if path == PROGRAM else 0o644)}
    return SamplePackage(name="acme", files=files, fields={"Depends": depends})


def trips(name: str, body: str, depends: str = "python3-minimal", path: str = PROGRAM) -> Case:
    return Case(id=name, package=ships(body, depends, path), hits=((path, None),))


def spares(name: str, body: str, depends: str = "python3-minimal", path: str = PROGRAM) -> Case:
    return Case(id=name, package=ships(body, depends, path))


TRIPS = [
    trips("program", '"""Words."""\nimport sys\nimport tarfile\n'),
    trips("module", "from concurrent.futures import ThreadPoolExecutor\n", path=MODULE),
    trips("several", "import os, shlex as words, sys\n"),
    trips("one-version", "from xml.etree import ElementTree\n", "python3.11-minimal (>= 3.11.2), libc6"),
    trips("alternative", "import uuid;\n", "bash | dash, python3-minimal:any"),
    Case(id="tree", package=ships("import asyncio\n"), kind=Kind.TREE, hits=((PROGRAM, None),)),
]
SPARES = [
    spares("has-it", "import os, subprocess\nfrom hashlib import sha256\n"),
    spares("python3", "import tarfile\n", "python3-minimal, python3:any (>= 3.9~)"),
    spares("a-library", "import tarfile\n", "python3-minimal, python3-yaml"),
    spares("standard-library", "import tarfile\n", "python3-minimal, libpython3-stdlib"),
    spares("no-minimal", "import tarfile\n", "bash"),
    spares("in-a-try", "try:\n    import tarfile\nexcept ImportError:\n    tarfile = None\n"),
    spares("in-a-function", "def main():\n    import shlex\n"),
    spares("in-a-text", 'HELP = """\nimport tarfile\n"""\n', path=MODULE),
    spares("begins-alike", "import xmlish, queue_of_ours\nfrom httpx import get\nfrom . import http\n", path=MODULE),
    spares("documentation", "import tarfile\n", path="/usr/share/doc/acme/examples/x.py"),
]
