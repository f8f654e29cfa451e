# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Caches in packages of dpkg."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, pair, pyc
from tests.rules.case import Case

FILES = pair(f"{PRIVATE}/m.py")
TRIPS = [
    Case(id="deb", package=SamplePackage(name="acme", files=FILES), hits=((f"{PRIVATE}/__pycache__", None),)),
    Case(
        id="below-one-another",
        package=SamplePackage(
            name="acme",
            files={**FILES, **pair(f"{PRIVATE}/a/b.py"), **pair(f"{PRIVATE}-x/m.py"), **pair("/opt/a/m.py")},
        ),
        hits=tuple((f"{place}/__pycache__", None) for place in ("/opt/a", PRIVATE, f"{PRIVATE}-x")),
    ),
    Case(
        id="tree",
        package=SamplePackage(name="acme", files=FILES),
        kind=Kind.TREE,
        hits=((f"{PRIVATE}/__pycache__", None),),
    ),
]
SPARES = [
    Case(id="rpm", package=SamplePackage(name="acme", files=FILES), kind=Kind.RPM),
    Case(id="sourceless", package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(f"{PRIVATE}/m.py")})),
]
