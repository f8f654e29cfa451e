# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What no import survives."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import MAGIC, PRIVATE, SOURCE, cached, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def holding(content: bytes) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, cached(M): content})


OLD_CODE = b"\xe3" + bytes(20) + b"s\2\0\0\0S\0" + b")\0" * 5 + b"\xfa\1m\xda\1m" + b"\1\0\0\0" + b"s\0\0\0\0"
"""As 3.6 writes it, whose headers have 12 bytes."""

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
    Case(id="cut-to-40-bytes", package=holding(pyc(M)[:40]), hits=HIT, severity=Severity.ERROR),
    Case(id="cut-to-100-bytes", package=holding(pyc(M)[:100]), hits=HIT, severity=Severity.ERROR),
    Case(id="cut-by-a-byte", package=holding(pyc(M)[:-1]), hits=HIT, severity=Severity.ERROR),
    Case(id="header-alone-is-an-error", package=holding(pyc(M)[:16]), hits=HIT, severity=Severity.ERROR),
    Case(id="shorter-is-compiled-anew", package=holding(pyc(M)[:15]), hits=HIT, severity=Severity.WARNING),
    Case(id="unknown-flags", package=holding(MAGIC + b"\4\0\0\0" + pyc(M)[8:]), hits=HIT, severity=Severity.WARNING),
    Case(
        id="sourceless-is-an-error",
        package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(M)[:8]}),
        hits=((f"{PRIVATE}/m.pyc", None),),
        severity=Severity.ERROR,
    ),
    Case(id="alpine", package=holding(pyc(M)[:40]), kind=Kind.APK, hits=HIT),
    Case(id="arch", package=holding(b""), kind=Kind.ALPM, hits=HIT),
]
SPARES = [
    Case(id="whole", package=holding(pyc(M))),
    Case(id="old-header", package=holding(b"\x33\x0d\r\n" + pyc(M)[8:16] + OLD_CODE)),
    Case(
        id="python-2",
        package=SamplePackage(
            name="acme", files={"/usr/lib/python2.7/m.pyc": b"\x03\xf3\r\n" + bytes(4) + b"c" + bytes(60)}
        ),
    ),
    Case(id="pypy", package=holding(b"\x50\x01\r\n" + pyc(M)[4:])),
]
