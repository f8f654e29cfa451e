# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Metadata as a file and as a directory."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case

METADATA = "Metadata-Version: 1.1\nName: acme\nVersion: 1.0\n"
FILE = f"{PUBLIC}/acme-1.0.egg-info"
SITE = "/usr/lib64/python3.11/site-packages/acme-1.0.egg-info"


def ships(path: str) -> SamplePackage:
    return SamplePackage(name="acme", files={f"{PUBLIC}/acme.py": "", path: METADATA})


TRIPS = [
    Case(id="deb", package=ships(FILE), hits=((FILE, None),)),
    Case(id="rpm", package=ships(SITE), kind=Kind.RPM, hits=((SITE, None),)),
    Case(id="tree", package=ships(FILE), kind=Kind.TREE, hits=((FILE, None),)),
]
SPARES = [
    Case(id="directory", package=ships(f"{FILE}/PKG-INFO")),
    Case(id="dist-info", package=ships(f"{PUBLIC}/acme-1.0.dist-info/METADATA")),
    Case(id="data", package=ships(f"{PUBLIC}/acme/data/till.egg-info")),
    Case(
        id="link",
        package=SamplePackage(name="acme", files={f"{PUBLIC}/acme.py": ""}, symlinks={FILE: "acme.egg-info"}),
    ),
]
