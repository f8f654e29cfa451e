# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Names in cache directories."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, TAG, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def named(name: str) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, f"{PRIVATE}/__pycache__/{name}": pyc(M)})


def trip(name: str) -> Case:
    return Case(id=name, package=named(name), hits=((f"{PRIVATE}/__pycache__/{name}", None),))


TRIPS = [trip("m.pyc"), trip("m.cpython.pyc"), trip("m.opt-1.pyc"), trip("m.cpython-311-pytest-7.pyc")]
SPARES = [
    Case(id="level-0", package=named(f"m.{TAG}.pyc")),
    Case(id="level-2", package=named(f"m.{TAG}.opt-2.pyc")),
    Case(id="dots", package=named(f"a.b.{TAG}.pyc")),
    Case(id="pypy", package=named("m.pypy39.pyc")),
    Case(id="legacy", package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(M)})),
    Case(id="pypy310", package=named("m.pypy310.pyc")),
    Case(id="to-come", package=named("m.cpython-316.pyc")),
    Case(id="another-implementation", package=named("m.graalpy-38.pyc")),
    Case(id="a-build-with-a-tag-of-its-own", package=named("m.cpython-313t.opt-1.pyc")),
]
