# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Documentation with and without Sphinx's cache."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

HTML = "/usr/share/doc/python3-acme/html"


def ships(*paths: str) -> SamplePackage:
    return SamplePackage(name="python3-acme", files={f"{HTML}/index.html": "", **dict.fromkeys(paths, "")})


PICKLES = (f"{HTML}/.doctrees/environment.pickle", f"{HTML}/.doctrees/api/till.doctree")
TRIPS = [
    Case(id="deb", package=ships(*PICKLES), hits=((f"{HTML}/.doctrees", None),)),
    Case(id="rpm", package=ships(*PICKLES), kind=Kind.RPM, hits=((f"{HTML}/.doctrees", None),)),
    Case(
        id="beside",
        package=ships("/usr/share/doc/python3-acme/doctrees/index.doctree"),
        kind=Kind.TREE,
        hits=(("/usr/share/doc/python3-acme/doctrees", None),),
    ),
]
SPARES = [
    Case(id="html", package=ships(f"{HTML}/_sources/till.rst.txt")),
    Case(id="another-pickle", package=ships(f"{HTML}/environment.pickle")),
    Case(id="a-page-of-that-name", package=ships(f"{HTML}/doctrees/index.html", f"{HTML}/.doctrees.txt")),
]
