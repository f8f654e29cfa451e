# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Owners of pycs and sources."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import SOURCE, cached, pyc
from tests.rules.case import Case

M = "/srv/app/m.py"


def owned(source: int, bytecode: int) -> SamplePackage:
    files = {M: SampleFile(SOURCE, uid=source), cached(M): SampleFile(pyc(M), uid=bytecode)}
    return SamplePackage(name="acme", files=files)


HIT = ((cached(M), None),)
TRIPS = [
    Case(id="root's-pyc", package=owned(1234, 0), kind=Kind.ROOT, hits=HIT),
    Case(id="another's-pyc", package=owned(1234, 1235), kind=Kind.ROOT, hits=HIT),
]
SPARES = [
    Case(id="user's", package=owned(1234, 1234), kind=Kind.ROOT),
    Case(id="root's", package=owned(0, 0), kind=Kind.ROOT),
    Case(id="root's-source", package=owned(0, 1234), kind=Kind.ROOT),
]
