# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Interests of both sorts."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.case import Case

TRIPS = [
    Case(
        id="directory",
        package=SamplePackage(name="acme", triggers="interest /usr/lib/python3/dist-packages\n"),
        hits=(("triggers", None),),
    ),
    Case(
        id="explicit",
        package=SamplePackage(name="acme", triggers="# ours\ninterest-await /usr/lib/python3.11\n"),
        hits=(("triggers", None),),
    ),
]
SPARES = [
    Case(
        id="noawait", package=SamplePackage(name="acme", triggers="interest-noawait /usr/lib/python3/dist-packages\n")
    ),
    Case(id="not-python", package=SamplePackage(name="acme", triggers="interest /usr/share/icons\n")),
]
