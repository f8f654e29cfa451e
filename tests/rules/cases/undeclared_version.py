# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Versions that nobody asks for."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC, cached, of_version, pair, pyc
from tests.rules.case import Case

SITE = "/usr/lib/python3.11/site-packages/acme"
OTHER = cached(f"{SITE}/m.py", tag="cpython-39")


def ships(requires: str, *names: str) -> SamplePackage:
    files = {name: of_version(pyc(f"{SITE}/m.py"), (3, 9)) for name in names}
    return SamplePackage(name="acme", files={**pair(f"{SITE}/m.py"), **files}, fields={"Requires": requires})


TRIPS = [
    Case(id="abi", package=ships("python(abi) = 3.11", OTHER), kind=Kind.RPM, hits=((OTHER, None),)),
    Case(
        id="modules",
        package=SamplePackage(name="acme", files={f"{SITE}/m.py": ""}, fields={"Requires": "python(abi) = 3.9"}),
        kind=Kind.RPM,
        hits=(("/usr/lib/python3.11/site-packages", None),),
        severity=Severity.ERROR,
    ),
    Case(
        id="modules-of-debian",
        package=SamplePackage(
            name="acme",
            files={"/usr/lib/python3.11/dist-packages/acme.py": ""},
            fields={"Depends": "python3 (>= 3.12)"},
        ),
        hits=(("/usr/lib/python3.11/dist-packages", None),),
        severity=Severity.ERROR,
    ),
]
SPARES = [
    Case(id="right", package=ships("python(abi) = 3.11"), kind=Kind.RPM),
    Case(
        id="modules-for-all",
        package=SamplePackage(name="acme", files={f"{PUBLIC}/acme.py": ""}, fields={"Depends": "python3 (>= 3.12)"}),
    ),
    Case(id="not-said", package=ships("bash", OTHER), kind=Kind.RPM),
    Case(id="range", package=ships("python3 >= 3.9", OTHER), kind=Kind.RPM),
    Case(
        id="pypy",
        package=SamplePackage(
            name="acme",
            files={**pair(f"{SITE}/m.py"), cached(f"{SITE}/m.py", tag="pypy39"): b"\x50\x01\r\n" + bytes(20)},
            fields={"Requires": "python(abi) = 3.11"},
        ),
        kind=Kind.RPM,
    ),
]
