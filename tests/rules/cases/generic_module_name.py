# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What lies at the top of the import path."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case

SITE = "/usr/lib/python3.11/site-packages"


def ships(*paths: str) -> SamplePackage:
    return SamplePackage(name="acme", files={f"{PUBLIC}/acme/__init__.py": "", **dict.fromkeys(paths, "")})


def trips(name: str, *paths: str, at: str) -> Case:
    return Case(id=name, package=ships(*paths), hits=((at, None),))


TRIPS = [
    trips("tests", f"{PUBLIC}/tests/__init__.py", f"{PUBLIC}/tests/unit/test_till.py", at=f"{PUBLIC}/tests"),
    trips("namespace", f"{PUBLIC}/docs/conf.py", at=f"{PUBLIC}/docs"),
    trips("setup", f"{PUBLIC}/setup.py", at=f"{PUBLIC}/setup.py"),
    trips("capital", f"{PUBLIC}/Examples/till.py", at=f"{PUBLIC}/Examples"),
    trips("sourceless", f"{PUBLIC}/conftest.pyc", at=f"{PUBLIC}/conftest.pyc"),
    Case(id="rpm", package=ships(f"{SITE}/src/acme.py"), kind=Kind.RPM, hits=((f"{SITE}/src", None),)),
    Case(id="tree", package=ships(f"{PUBLIC}/examples/a.py"), kind=Kind.TREE, hits=((f"{PUBLIC}/examples", None),)),
]
SPARES = [
    Case(
        id="project-of-this-name",
        package=SamplePackage(
            name="python3-build",
            files={f"{PUBLIC}/build/__init__.py": "", f"{PUBLIC}/build-1.0.dist-info/METADATA": "Name: build\n"},
        ),
    ),
    Case(id="inside", package=ships(f"{PUBLIC}/acme/tests/__init__.py", f"{PUBLIC}/acme/setup.py")),
    Case(id="begins-alike", package=ships(f"{PUBLIC}/tests_of_acme/__init__.py", f"{PUBLIC}/testing.py")),
    Case(id="no-modules", package=ships(f"{PUBLIC}/docs/index.html")),
    Case(id="private", package=ships("/usr/share/acme/tests/__init__.py")),
    Case(id="standard-library", package=ships("/usr/lib/python3.11/test/__init__.py")),
]
