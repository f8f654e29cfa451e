# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Registrations and activations with and without pkgtools-runtime."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

CONF = "/usr/share/pkgtools/private.d/acme.conf"
ACTIVATE = "activate-noawait pkgtools-bytecode\n"

TRIPS = [
    Case(id="activates", package=SamplePackage(name="acme", triggers=ACTIVATE), hits=(("triggers", None),)),
    Case(id="registers", package=SamplePackage(name="acme", files={CONF: ""}), hits=((CONF, None),)),
    Case(id="rpm", package=SamplePackage(name="acme", files={CONF: ""}), kind=Kind.RPM, hits=((CONF, None),)),
    Case(
        id="another-runtime",
        package=SamplePackage(name="acme", files={CONF: ""}, fields={"Depends": "pkgtools-runtime-extra"}),
        hits=((CONF, None),),
    ),
]
SPARES = [
    Case(id="left-alone", package=SamplePackage(name="acme", files={CONF: "leave|none|acme\n"})),
    Case(
        id="depends",
        package=SamplePackage(
            name="acme", files={CONF: ""}, triggers=ACTIVATE, fields={"Depends": "python3, pkgtools-runtime (>= 1)"}
        ),
    ),
    Case(
        id="requires",
        package=SamplePackage(name="acme", files={CONF: ""}, fields={"Requires": "pkgtools-runtime >= 1"}),
        kind=Kind.RPM,
    ),
    Case(id="runtime", package=SamplePackage(name="pkgtools-runtime", files={CONF: ""}, triggers=ACTIVATE)),
    Case(
        id="embedded",
        package=SamplePackage(
            name="acme", files={CONF: ""}, scripts={"postinst": "/usr/lib/acme/pkgtools.pyz compile -p acme || true\n"}
        ),
    ),
    Case(id="other-trigger", package=SamplePackage(name="acme", triggers="activate-noawait ldconfig\n")),
]
