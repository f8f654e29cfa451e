# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Where no interpreter looks."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import SOURCE
from tests.rules.case import Case


def at(directory: str) -> SamplePackage:
    return SamplePackage(name="acme", files={f"{directory}/acme/__init__.py": SOURCE, f"{directory}/acme/m.py": ""})


def trip(directory: str, kind: Kind = Kind.DEB) -> Case:
    return Case(id=f"{kind.value}{directory}", package=at(directory), kind=kind, hits=((directory, None),))


def spare(directory: str, kind: Kind = Kind.DEB) -> Case:
    return Case(id=f"{kind.value}{directory}", package=at(directory), kind=kind)


TRIPS = [
    trip("/usr/lib/python3.11/site-packages"),
    trip("/usr/lib/python3/site-packages"),
    trip("/usr/local/lib/python3.11/site-packages"),
    trip("/usr/lib/python3/dist-packages", Kind.RPM),
    Case(
        id="python3.11-acme",
        package=SamplePackage(name="python3.11-acme", files={"/usr/lib/python3/dist-packages/acme.py": ""}),
        kind=Kind.RPM,
        hits=(("/usr/lib/python3/dist-packages", None),),
    ),
]
SPARES = [
    spare("/usr/lib/python3/dist-packages"),
    spare("/usr/lib/python3.11/dist-packages"),
    spare("/opt/acme/lib/python3.11/site-packages"),
    spare("/usr/lib/python3.11/site-packages", Kind.RPM),
    Case(
        id="python-itself",
        package=SamplePackage(
            name="python3.11-minimal",
            files={"/usr/lib/python3.11/os.py": "", "/usr/lib/python3.11/site-packages/README.py": ""},
        ),
    ),
]
