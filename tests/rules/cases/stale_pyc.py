# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Headers and sources."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SOME_DAY, SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, hashed, of_version, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def made_of(content: bytes, mtime: int = SOME_DAY) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SampleFile(SOURCE, mtime=mtime), cached(M): content})


HIT = ((cached(M), None),)
OTHER = SOURCE.replace("42", "41")
TRIPS = [
    Case(id="time", package=made_of(pyc(M, mtime=SOME_DAY - 1)), hits=HIT),
    Case(id="size", package=made_of(pyc(M, size=7)), hits=HIT),
    Case(id="checked-hash", package=made_of(hashed(M, of=OTHER)), hits=HIT),
    Case(id="unchecked-hash", package=made_of(hashed(M, of=OTHER, checked=False)), hits=HIT),
    Case(id="rpm", package=made_of(pyc(M, mtime=SOME_DAY - 1)), kind=Kind.RPM, hits=HIT),
    Case(id="rpm-hash", package=made_of(hashed(M, of=OTHER)), kind=Kind.RPM, hits=HIT),
    Case(id="tree", package=made_of(pyc(M, mtime=SOME_DAY - 1)), kind=Kind.TREE, hits=HIT),
    Case(id="before-1970", package=made_of(pyc(M, mtime=SOME_DAY), mtime=-5), kind=Kind.TREE, hits=HIT),
    Case(id="alpine", package=made_of(pyc(M, mtime=SOME_DAY - 1)), kind=Kind.APK, hits=HIT),
    Case(id="arch", package=made_of(hashed(M, of=OTHER)), kind=Kind.ALPM, hits=HIT),
]
SPARES = [
    Case(id="time", package=made_of(pyc(M))),
    Case(id="hash", package=made_of(hashed(M), mtime=SOME_DAY + 9)),
    Case(id="unchecked-hash", package=made_of(hashed(M, checked=False))),
    Case(id="rpm", package=made_of(pyc(M)), kind=Kind.RPM),
    Case(id="rpm-hash", package=made_of(hashed(M)), kind=Kind.RPM),
    Case(id="no-source", package=SamplePackage(name="acme", files={cached(M): pyc(M)})),
    Case(id="hash-of-python-3.9", package=made_of(of_version(hashed(M), (3, 9)))),
    Case(id="beyond-2106", package=made_of(pyc(M, mtime=5), mtime=(1 << 32) + 5), kind=Kind.TREE),
    Case(id="right-before-1970", package=made_of(pyc(M, mtime=(1 << 32) - 5), mtime=-5), kind=Kind.TREE),
    Case(id="python-3.2", package=made_of(b"\x6c\x0c\r\n" + bytes(4) + b"c" + bytes(60))),
    Case(
        id="symlinked-source",
        package=SamplePackage(name="acme", files={cached(M): pyc(M)}, symlinks={M: "/usr/share/other/m.py"}),
    ),
    Case(id="alpine", package=made_of(pyc(M)), kind=Kind.APK),
    Case(id="arch", package=made_of(hashed(M)), kind=Kind.ALPM),
]
