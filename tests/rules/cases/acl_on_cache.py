# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Access lists on caches, and elsewhere."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, cached, pair
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
CACHE = f"{PRIVATE}/__pycache__"
PACKAGE = SamplePackage(name="acme", files=pair(M))

TRIPS = [
    Case(id="directory", package=PACKAGE, kind=Kind.ROOT, acls=(CACHE,), hits=((CACHE, None),)),
    Case(id="pyc", package=PACKAGE, kind=Kind.ROOT, acls=(cached(M),), hits=((cached(M), None),)),
]
SPARES = [
    Case(id="none", package=PACKAGE, kind=Kind.ROOT),
    Case(id="on-source", package=PACKAGE, kind=Kind.ROOT, acls=(M,)),
]
