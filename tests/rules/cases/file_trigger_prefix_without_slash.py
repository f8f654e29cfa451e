# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""File triggers with all sorts of prefixes."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case


def rpm(line: str, body: str) -> SamplePackage:
    return SamplePackage(name="acme", scripts={line: body})


TRIPS = [
    Case(
        id="python",
        package=rpm("%transfiletriggerin -- /usr/lib/python3", "true"),
        kind=Kind.RPM,
        hits=(("%transfiletriggerin", None),),
    ),
    Case(
        id="compiles",
        package=rpm("%filetriggerun -- /opt/acme", "pkgtools-clean --rpm-stdin || :"),
        kind=Kind.RPM,
        hits=(("%filetriggerun", None),),
    ),
]
SPARES = [
    Case(
        id="slash",
        package=rpm("%transfiletriggerin -- /usr/lib/python3.11/site-packages/", "pkgtools-compile --rpm-stdin || :"),
        kind=Kind.RPM,
    ),
    Case(id="not-python", package=rpm("%transfiletriggerin -- /usr/share/icons", "touch /x"), kind=Kind.RPM),
]
