# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Checksums."""

from __future__ import annotations

import hashlib

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
SUM = "d41d8cd98f00b204e9800998ecf8427e  usr/share/acme/m.py\n"
RIGHT = hashlib.md5(SOURCE.encode()).hexdigest() + "  usr/share/acme/m.py\n"


def with_sums(sums: str) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE}, md5sums=sums)


TRIPS = [Case(id="deb", package=with_sums(SUM), hits=((M, None),))]
SPARES = [
    Case(id="right", package=with_sums(RIGHT)),
    Case(id="none", package=with_sums("")),
    Case(id="of-others", package=with_sums(SUM.replace("m.py", "n.py"))),
    Case(id="rpm", package=SamplePackage(name="acme", files={M: SOURCE}), kind=Kind.RPM),
]
