# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Bytecode of interpreters that are there, and of others."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import Files, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, cached, of_version, pyc
from tests.rules.case import Case

M = f"{PUBLIC}/m.py"
OLD = cached(M, tag="cpython-39")


def system(files: Files, python: str = "/usr/bin/python3.11") -> SamplePackage:
    return SamplePackage(name="acme", files={python: "", M: SOURCE, **files})


TRIPS = [
    Case(id="public", package=system({OLD: of_version(pyc(M), (3, 9))}), kind=Kind.ROOT, hits=((OLD, None),)),
    Case(
        id="application-once",
        package=system({cached(f"{PRIVATE}/{name}.py", tag="cpython-39"): "" for name in "abc"}),
        kind=Kind.ROOT,
        count=1,
    ),
]
SPARES = [
    Case(id="there", package=system({cached(M): pyc(M)}), kind=Kind.ROOT),
    Case(
        id="built-by-hand",
        package=system({OLD: of_version(pyc(M), (3, 9))}, "/usr/local/bin/python3.9"),
        kind=Kind.ROOT,
    ),
    Case(id="of-an-image-without-interpreters", package=SamplePackage(name="acme", files={OLD: ""}), kind=Kind.ROOT),
    Case(
        id="owned",
        package=system({OLD: of_version(pyc(M), (3, 9)), "/var/lib/dpkg/info/acme.list": f"{OLD}\n"}),
        kind=Kind.ROOT,
    ),
]
