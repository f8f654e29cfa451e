# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What no import survives."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def holding(content: bytes) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, cached(M): content})


HIT = ((cached(M), None),)
TRIPS = [
    Case(id="empty", package=holding(b""), hits=HIT),
    Case(id="within-the-header", package=holding(pyc(M)[:15]), hits=HIT),
    Case(id="header-alone", package=holding(pyc(M)[:16]), hits=HIT),
    Case(id="zeros", package=holding(pyc(M)[:16] + bytes(100)), hits=HIT),
    Case(
        id="sourceless",
        package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": b""}),
        hits=((f"{PRIVATE}/m.pyc", None),),
    ),
]
SPARES = [
    Case(id="whole", package=holding(pyc(M))),
    Case(id="old-header", package=holding(b"\x33\x0d\r\n" + pyc(M)[8:])),
]
