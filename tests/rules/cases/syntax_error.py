# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Sources that don't compile."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE
from tests.rules.case import Case

BAD = "def answer(:\n    return 42\n"
MODULE = f"{PUBLIC}/acme.py"


def ships(path: str, source: str) -> SamplePackage:
    return SamplePackage(name="acme", files={path: source})


TRIPS = [
    Case(id="public", package=ships(MODULE, BAD), compiles=True, hits=((MODULE, 1),)),
    Case(id="private", package=ships(f"{PRIVATE}/m.py", BAD), compiles=True, hits=((f"{PRIVATE}/m.py", 1),)),
    Case(id="nul", package=ships(MODULE, "x = 1\n\0\n"), compiles=True, hits=((MODULE, None),)),
]
SPARES = [
    Case(id="good", package=ships(MODULE, SOURCE), compiles=True),
    Case(id="nobody-tried", package=ships(MODULE, BAD)),
    Case(id="documentation", package=ships("/usr/share/doc/acme/examples/x.py", BAD), compiles=True),
    Case(id="python-2", package=ships(MODULE, 'print "hello"\n'), compiles=True),
]
