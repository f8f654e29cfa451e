# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules that packages own, and others."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import Files, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE, body
from tests.rules.case import Case

M = f"{PUBLIC}/m.py"
LIST = "/var/lib/dpkg/info/acme.list"


def system(files: Files, *owned: str) -> SamplePackage:
    return SamplePackage(name="acme", files={**files, LIST: "".join(f"{path}\n" for path in owned)})


TRIPS = [
    Case(id="source", package=system({M: SOURCE}), kind=Kind.ROOT, hits=((M, None),)),
    Case(
        id="bytecode",
        package=system({f"{M}c": b"\xa7\r\r\n" + bytes(12) + body(M)}),
        kind=Kind.ROOT,
        hits=((f"{M}c", None),),
    ),
    Case(id="of-others", package=system({M: SOURCE, f"{PUBLIC}/n.py": ""}, M), kind=Kind.ROOT, count=1),
]
SPARES = [
    Case(id="owned", package=system({M: SOURCE}, "/usr", M), kind=Kind.ROOT),
    Case(id="by-the-old-path", package=system({M: SOURCE}, M.removeprefix("/usr")), kind=Kind.ROOT),
    Case(id="local", package=system({"/usr/local/lib/python3.11/dist-packages/m.py": SOURCE}), kind=Kind.ROOT),
    Case(id="private", package=system({f"{PRIVATE}/m.py": SOURCE}), kind=Kind.ROOT),
    Case(id="no-packages", package=SamplePackage(name="acme", files={M: SOURCE}), kind=Kind.ROOT),
]
