# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Programs of bytecode."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, pair, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
TRIPS = [
    Case(
        id="private",
        package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(M)}),
        hits=((f"{PRIVATE}/m.pyc", None),),
    )
]
SPARES = [
    Case(id="cached", package=SamplePackage(name="acme", files=pair(M))),
    Case(id="beside-its-source", package=SamplePackage(name="acme", files={M: SOURCE, f"{PRIVATE}/m.pyc": pyc(M)})),
]
