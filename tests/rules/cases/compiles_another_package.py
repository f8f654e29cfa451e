# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Names behind -p."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


TRIPS = [
    Case(id="other", package=postinst("py3compile -p acme-old\n"), hits=(("postinst", 3),)),
    Case(id="architecture", package=postinst("py3clean -pacme2:amd64\n"), hits=(("postinst", 3),)),
    Case(id="ours", package=postinst("pkgtools-compile --package=acme2 || true\n"), hits=(("postinst", 3),)),
]
SPARES = [
    Case(id="own", package=postinst("py3compile -p acme:amd64\n")),
    Case(id="variable", package=postinst('py3compile -p "$DPKG_MAINTSCRIPT_PACKAGE"\n')),
    Case(id="loop", package=postinst('for package in a b; do py3compile -p "$package"; done\n')),
]
