# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scriptlets of packages that compile."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def rpm(post: str, preun: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"post": post, "preun": preun})


COMPILE = "pkgtools-compile -p acme /usr/share/acme || :"
TRIPS = [
    Case(id="helper", package=rpm(COMPILE, "pkgtools-clean -p acme || :"), kind=Kind.RPM, hits=(("%preun", 1),)),
    Case(
        id="rm",
        package=rpm(COMPILE, "true\nrm -rf /usr/share/acme/acme/__pycache__"),
        kind=Kind.RPM,
        hits=(("%preun", 2),),
    ),
]
SPARES = [
    Case(id="asks", package=rpm(COMPILE, 'if [ "$1" -eq 0 ]; then pkgtools-clean -p acme || :; fi'), kind=Kind.RPM),
    Case(id="does-not-compile", package=rpm("true", "pkgtools-clean -p acme || :"), kind=Kind.RPM),
    Case(
        id="dpkg-runs-them-the-other-way-round",
        package=SamplePackage(
            name="acme",
            files=MODULE,
            scripts={"postinst": f"{COMPILE}\n", "prerm": "pkgtools-clean -p acme || true\n"},
        ),
    ),
]
