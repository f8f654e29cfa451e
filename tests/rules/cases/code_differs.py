# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Code that isn't in the source."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, hashed, of_version, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
OTHER = SOURCE.replace("42", "41")


def holding(content: bytes) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, cached(M): content})


OLD = SamplePackage(name="acme", files={M: SOURCE, cached(M, tag="cpython-38"): of_version(pyc(M, OTHER), (3, 8))})
HIT = ((cached(M), None),)
TRIPS = [
    Case(id="planted", package=holding(pyc(M, OTHER)), compiles=True, hits=HIT),
    Case(id="rpm", package=holding(pyc(M, OTHER)), kind=Kind.RPM, compiles=True, hits=HIT),
    Case(id="hash", package=holding(hashed(M, OTHER, of=SOURCE)), compiles=True, hits=HIT),
    Case(
        id="level-1",
        package=SamplePackage(name="acme", files={M: SOURCE, cached(M, ".opt-1"): pyc(M, OTHER)}),
        compiles=True,
        hits=((cached(M, ".opt-1"), None),),
    ),
    Case(id="garbage", package=holding(pyc(M)[:60]), compiles=True, hits=HIT),
]
SPARES = [
    Case(id="right", package=holding(pyc(M)), compiles=True),
    Case(id="build-path", package=holding(pyc(f"/build{M}")), compiles=True),
    Case(id="nobody-compared", package=holding(pyc(M, OTHER))),
    Case(id="another-version", package=OLD, compiles=True),
    Case(id="stale", package=holding(pyc(M, "x = 1\n")), compiles=True),
]
