# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Pycs that are taken as they are."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, hashed, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
TRIPS = [
    Case(
        id="unchecked",
        package=SamplePackage(name="acme", files={M: SOURCE, cached(M): hashed(M, checked=False)}),
        hits=((cached(M), None),),
    )
]
SPARES = [
    Case(id="checked", package=SamplePackage(name="acme", files={M: SOURCE, cached(M): hashed(M)})),
    Case(id="timestamp", package=SamplePackage(name="acme", files={M: SOURCE, cached(M): pyc(M)})),
]
