# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Links in the place of caches."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pair
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
CACHE = f"{PRIVATE}/__pycache__"


def linked(path: str, to: str) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE}, symlinks={path: to})


TRIPS = [
    Case(id="directory", package=linked(CACHE, "/var/lib/acme"), hits=((CACHE, None),)),
    Case(id="pyc", package=linked(cached(M), "../m.txt"), kind=Kind.ROOT, hits=((cached(M), None),)),
    Case(
        id="to-everybody's",
        package=linked(CACHE, "/tmp/cache"),
        kind=Kind.ROOT,
        hits=((CACHE, None),),
        severity=Severity.DANGER,
    ),
    Case(id="rpm", package=linked(CACHE, "/var/lib/acme"), kind=Kind.RPM, hits=((CACHE, None),)),
]
SPARES = [
    Case(id="files", package=SamplePackage(name="acme", files=pair(M))),
    Case(id="source", package=SamplePackage(name="acme", symlinks={M: "n.py"}), kind=Kind.ROOT),
]
