# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Directories that nobody lists."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, pair
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
SITE = "/usr/lib/python3.11/site-packages"
TRIPS = [
    Case(
        id="private",
        package=SamplePackage(name="acme", files=pair(M)),
        kind=Kind.RPM,
        unlisted=(f"{PRIVATE}/__pycache__",),
        hits=((f"{PRIVATE}/__pycache__", None),),
    ),
    Case(
        id="of-a-package-of-modules",
        package=SamplePackage(name="acme", files=pair(f"{SITE}/acme/m.py")),
        kind=Kind.RPM,
        unlisted=(f"{SITE}/acme/__pycache__",),
        hits=((f"{SITE}/acme/__pycache__", None),),
    ),
    Case(
        id="of-another-package",
        package=SamplePackage(name="acme-plugin", files=pair(M), fields={"Requires": "acme"}),
        kind=Kind.RPM,
        unlisted=(PRIVATE, f"{PRIVATE}/__pycache__"),
        hits=((f"{PRIVATE}/__pycache__", None),),
        severity=Severity.INFO,
    ),
]
SPARES = [
    Case(id="listed", package=SamplePackage(name="acme", files=pair(M)), kind=Kind.RPM),
    Case(
        id="pythons-own",
        package=SamplePackage(name="acme", files=pair(f"{SITE}/m.py")),
        kind=Kind.RPM,
        unlisted=(f"{SITE}/__pycache__",),
    ),
    Case(id="deb", package=SamplePackage(name="acme", files=pair(M))),
]
