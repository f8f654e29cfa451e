# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Where no interpreter looks."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE
from tests.rules.case import Case


def at(directory: str) -> SamplePackage:
    return SamplePackage(name="acme", files={f"{directory}/acme/__init__.py": SOURCE, f"{directory}/acme/m.py": ""})


def trip(directory: str, kind: Kind = Kind.DEB) -> Case:
    return Case(id=f"{kind.value}{directory}", package=at(directory), kind=kind, hits=((directory, None),))


def spare(directory: str, kind: Kind = Kind.DEB) -> Case:
    return Case(id=f"{kind.value}{directory}", package=at(directory), kind=kind)


def system(directory: str, program: str) -> SamplePackage:
    files = {"/usr/bin/python3.11": "", program: "", f"{directory}/acme/__init__.py": SOURCE}
    return SamplePackage(name="acme", files=files)


def without(directory: str, program: str = "/usr/bin/python3.11") -> Case:
    hits = ((directory, None),)
    return Case(id=f"system{directory}", package=system(directory, program), kind=Kind.ROOT, hits=hits)


def with_interpreter(directory: str, program: str = "/usr/bin/python3.11") -> Case:
    return Case(id=f"system{directory}", package=system(directory, program), kind=Kind.ROOT)


def registered(versions: str) -> SamplePackage:
    files = {f"{PRIVATE}/m.py": SOURCE, "/usr/share/pkgtools/private.d/acme.conf": f"compile|{versions}|{PRIVATE}\n"}
    return SamplePackage(name="acme", files={"/usr/bin/python3.11": "", "/opt/acme/bin/python3.13": "", **files})


def own(program: str, *there: str, versions: str = "") -> SamplePackage:
    """Return a system whose modules are registered for an interpreter of their own; which programs it has."""
    files = {f"{PRIVATE}/m.py": SOURCE, **dict.fromkeys(("/usr/bin/python3.11", *there), "")}
    drop_in = f"compile-for|{versions}|{PRIVATE}|{program}\n"
    return SamplePackage(name="acme", files={**files, "/usr/share/pkgtools/private.d/acme.conf": drop_in})


OWN = "/opt/acme/bin/python3.13"
MISSING = own(OWN)
REPLACED = own(OWN, "/opt/acme/bin/python3.14")
OUT_OF_RANGE = own(OWN, OWN, versions="3.14-")
UNKNOWN = own("/opt/acme/bin/python")
TRIPS = [
    Case(id="own-is-missing", package=MISSING, kind=Kind.ROOT, hits=((PRIVATE, None),)),
    Case(id="own-is-replaced", package=REPLACED, kind=Kind.ROOT, hits=((PRIVATE, None),)),
    Case(id="own-is-out-of-range", package=OUT_OF_RANGE, kind=Kind.ROOT, hits=((PRIVATE, None),)),
    Case(id="own-is-unknown", package=UNKNOWN, kind=Kind.ROOT, hits=((PRIVATE, None),), severity=Severity.INFO),
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
    without("/usr/lib/python3.14/site-packages"),
    without("/usr/lib64/python3.11t/site-packages"),
    without("/usr/lib/pypy3.10/site-packages"),
    without("/usr/lib/graalpy25.0/site-packages"),
    without("/opt/acme/lib/python3.12/site-packages", program="/opt/other/bin/python3.12"),
    Case(id="registered", package=registered("3.12-"), kind=Kind.ROOT, hits=((PRIVATE, None),)),
    Case(
        id="no-interpreter-of-the-system",
        package=SamplePackage(name="acme", files={"/usr/local/bin/python3.12": "", f"{PUBLIC}/m.py": SOURCE}),
        kind=Kind.ROOT,
        hits=((PUBLIC, None),),
        severity=Severity.INFO,
    ),
    trip("/usr/lib/python3/dist-packages", Kind.APK),
    trip("/usr/lib/python3.13/dist-packages", Kind.ALPM),
]
LIBRARY = f"{PRIVATE}/lib/python3.9/site-packages"
LIBRARY_INSIDE = SamplePackage(
    name="acme",
    files={
        "/usr/bin/python3.11": "",
        f"{PRIVATE}/m.py": SOURCE,
        f"{LIBRARY}/n.py": SOURCE,
        "/usr/share/pkgtools/private.d/acme.conf": f"compile||{PRIVATE}\n",
    },
)
TRIPS.append(
    # and not the registered directory around it, which is served
    Case(id="library-in-a-registered-directory", package=LIBRARY_INSIDE, kind=Kind.ROOT, hits=((LIBRARY, None),))
)
SPARES = [
    Case(id="own", package=own(OWN, OWN), kind=Kind.ROOT),
    Case(id="own-without-a-version", package=own("/opt/acme/bin/python", OWN), kind=Kind.ROOT),
    spare("/usr/lib/python3/dist-packages"),
    spare("/usr/lib/python3.11/dist-packages"),
    spare("/opt/acme/lib/python3.11/site-packages"),
    spare("/usr/lib/python3.11/site-packages", Kind.RPM),
    Case(id="registered", package=registered("3.9-"), kind=Kind.ROOT),
    with_interpreter("/usr/lib/python3.11/site-packages"),
    with_interpreter("/usr/lib/python3/dist-packages"),
    with_interpreter("/usr/lib64/python3.13t/site-packages", "/usr/bin/python3.13t"),
    with_interpreter("/usr/lib/pypy3.10/site-packages", "/usr/bin/pypy3"),
    with_interpreter("/opt/acme/lib/python3.12/site-packages", "/opt/acme/bin/python3.12"),
    with_interpreter("/opt/acme/lib/python3.11/site-packages"),
    with_interpreter("/usr/lib/python3.12"),
    Case(
        id="python-itself",
        package=SamplePackage(
            name="python3.11-minimal",
            files={"/usr/lib/python3.11/os.py": "", "/usr/lib/python3.11/site-packages/README.py": ""},
        ),
    ),
    spare("/usr/lib/python3.12/site-packages", Kind.APK),
    spare("/usr/lib/python3.13/site-packages", Kind.ALPM),
]
