# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Ways to modules."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, pair
from tests.rules.case import Case

M = f"{PRIVATE}/lib/m.py"
PACKAGE = SamplePackage(name="acme", files=pair(M))
THEIRS = SamplePackage(name="acme", files={M: SampleFile(SOURCE, uid=1234, gid=1234)})


def open_to(mode: int, directory: str) -> SamplePackage:
    return SamplePackage(name="acme", files=pair(M), directory_modes={directory: mode})


TRIPS = [
    Case(id="owner", package=PACKAGE, kind=Kind.ROOT, owners=((PRIVATE, 1234),), hits=((PRIVATE, None),)),
    Case(id="everybody", package=open_to(0o777, PRIVATE), kind=Kind.ROOT, hits=((PRIVATE, None),)),
    Case(id="top", package=open_to(0o777, "/usr"), kind=Kind.ROOT, hits=(("/usr", None),)),
    Case(
        id="acl",
        package=PACKAGE,
        kind=Kind.ROOT,
        acls=(f"{PRIVATE}/lib",),
        hits=((f"{PRIVATE}/lib", None),),
    ),
]
SPARES = [
    Case(id="root's", package=PACKAGE, kind=Kind.ROOT),
    Case(id="sticky", package=open_to(0o1777, PRIVATE), kind=Kind.ROOT),
    Case(id="root's-group", package=open_to(0o775, PRIVATE), kind=Kind.ROOT),
    Case(id="user's-modules", package=THEIRS, kind=Kind.ROOT, owners=((PRIVATE, 1234),)),
]
