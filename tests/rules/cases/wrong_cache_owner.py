# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Owners of caches."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def owned(uid: int, source_uid: int = 0) -> SamplePackage:
    return SamplePackage(
        name="acme", files={M: SampleFile(SOURCE, uid=source_uid), cached(M): SampleFile(pyc(M), uid=uid)}
    )


def listed(*paths: str) -> dict[str, str]:
    return {"/var/lib/dpkg/info/acme.list": "".join(f"{path}\n" for path in paths)}


TRIPS = [
    Case(id="build-user", package=owned(1000), hits=((cached(M), None),)),
    Case(id="nobody", package=owned(65534), hits=((cached(M), None),)),
]
P = f"{PUBLIC}/acme.py"
TRIPS += [
    Case(
        id="both-of-a-user-in-an-interpreter's-path",
        package=SamplePackage(
            name="acme", files={P: SampleFile(SOURCE, uid=1000), cached(P): SampleFile(pyc(P), uid=1000)}
        ),
        kind=Kind.ROOT,
        hits=((cached(P), None),),
        severity=Severity.DANGER,
    ),
    Case(
        id="directory-in-an-interpreter's-path",
        package=SamplePackage(name="acme", files={P: SOURCE, cached(P): pyc(P)}),
        kind=Kind.ROOT,
        owners=((PUBLIC, 33), (f"{PUBLIC}/__pycache__", 33)),
        hits=((f"{PUBLIC}/__pycache__", None),),
        severity=Severity.DANGER,
    ),
    Case(
        id="packaged",
        package=SamplePackage(name="acme", files={**owned(1000).files, **listed(cached(M))}),
        kind=Kind.ROOT,
        hits=((cached(M), None),),
        severity=Severity.DANGER,
    ),
]
SPARES = [
    Case(id="root", package=owned(0)),
    Case(id="both-of-a-user", package=owned(1000, 1000)),
    Case(id="tree-under-construction", package=owned(1000), kind=Kind.TREE),
]
