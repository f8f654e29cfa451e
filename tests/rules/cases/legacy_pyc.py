# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode beside or before sources."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, pair, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def ships(*paths: str) -> SamplePackage:
    return SamplePackage(name="acme", files={path: pyc(M) if path.endswith(("c", "o")) else SOURCE for path in paths})


TRIPS = [
    Case(id="beside", package=ships(M, f"{PRIVATE}/m.pyc"), hits=((f"{PRIVATE}/m.pyc", None),)),
    Case(id="pyo", package=ships(f"{PRIVATE}/m.pyo"), hits=((f"{PRIVATE}/m.pyo", None),)),
    Case(id="hides", package=ships(M, f"{PRIVATE}/m/__init__.pyc"), hits=((f"{PRIVATE}/m/__init__.pyc", None),)),
]
SPARES = [
    Case(id="sourceless", package=ships(f"{PRIVATE}/m.pyc", f"{PRIVATE}/n/__init__.pyc")),
    Case(id="cached", package=SamplePackage(name="acme", files=pair(M))),
    Case(
        id="of-python-2",
        package=ships("/usr/lib/python2.7/site-packages/m.py", "/usr/lib/python2.7/site-packages/m.pyc"),
    ),
]
