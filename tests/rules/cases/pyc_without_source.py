# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Caches of nothing."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, cached, pair, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
TRIPS = [
    Case(id="alone", package=SamplePackage(name="acme", files={cached(M): pyc(M)}), hits=((cached(M), None),)),
    Case(
        id="beside-others",
        package=SamplePackage(name="acme", files={**pair(f"{PRIVATE}/n.py"), cached(M): pyc(M)}),
        kind=Kind.RPM,
        hits=((cached(M), None),),
    ),
    Case(
        id="bytecode-in-a-package-of-its-own",
        package=SamplePackage(name="acme-pyc", files={cached(M): pyc(M)}, fields={"Depends": "acme (= 1)"}),
        hits=((cached(M), None),),
        severity=Severity.INFO,
    ),
    Case(
        id="alpine",
        package=SamplePackage(name="acme-pyc", files={cached(M): pyc(M)}),
        kind=Kind.APK,
        hits=((cached(M), None),),
        severity=Severity.INFO,
    ),
]
SPARES = [
    Case(id="with-source", package=SamplePackage(name="acme", files=pair(M))),
    Case(id="source-with-dots", package=SamplePackage(name="acme", files=pair(f"{PRIVATE}/a.b.py"))),
    Case(id="in-place-of-source", package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(M)})),
    Case(
        id="source-is-a-link",
        package=SamplePackage(name="acme", files={cached(M): pyc(M)}, symlinks={M: "/usr/share/other/m.py"}),
    ),
]
