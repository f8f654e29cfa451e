# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Owners of caches."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def owned(uid: int, source_uid: int = 0) -> SamplePackage:
    return SamplePackage(
        name="acme", files={M: SampleFile(SOURCE, uid=source_uid), cached(M): SampleFile(pyc(M), uid=uid)}
    )


TRIPS = [
    Case(id="build-user", package=owned(1000), hits=((cached(M), None),)),
    Case(id="nobody", package=owned(65534), hits=((cached(M), None),)),
]
SPARES = [
    Case(id="root", package=owned(0)),
    Case(id="both-of-a-user", package=owned(1000, 1000)),
    Case(id="tree-under-construction", package=owned(1000), kind=Kind.TREE),
]
