# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scriptlets of several interpreters."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

BODY = "import os"


def rpm(line: str, body: str = BODY) -> SamplePackage:
    return SamplePackage(name="acme", scripts={line: body})


TRIPS = [
    Case(id="post", package=rpm("%post -p /usr/bin/python3"), kind=Kind.RPM, hits=(("%post", None),)),
    Case(id="versioned", package=rpm("%preun -p /usr/bin/python3.11"), kind=Kind.RPM, hits=(("%preun", None),)),
    Case(
        id="trigger",
        package=rpm("%transfiletriggerin -p /usr/bin/python3 -- /usr/lib/acme/"),
        kind=Kind.RPM,
        hits=(("%transfiletriggerin", None),),
    ),
]
SPARES = [
    Case(id="isolated", package=rpm('%post -p "/usr/bin/python3 -I"'), kind=Kind.RPM),
    Case(id="shell", package=rpm("%post", "python3 -I -c pass"), kind=Kind.RPM),
    Case(id="lua", package=rpm("%post -p <lua>", "print(1)"), kind=Kind.RPM),
    Case(id="deb", package=SamplePackage(name="acme", scripts={"postinst": "#!/usr/bin/python3\nimport os\n"})),
]
