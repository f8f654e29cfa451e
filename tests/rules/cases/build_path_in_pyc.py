# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""File names in code."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pair, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def compiled_as(path: str) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SOURCE, cached(M): pyc(path)})


NAMES_OTHER = 'OTHER = "/usr/share/other/o.py"\n'
HIT = ((cached(M), None),)
TRIPS = [
    Case(id="buildroot", package=compiled_as(f"/build/acme-1.0/debian/acme{M}"), hits=HIT),
    Case(id="elsewhere", package=compiled_as("/home/me/acme/m.py"), hits=HIT),
    Case(id="long", package=compiled_as("/b" + "x" * 300 + "/m.py"), hits=HIT),
    Case(id="rpm", package=compiled_as(f"/builddir/BUILDROOT{M}"), kind=Kind.RPM, hits=HIT),
    Case(
        id="a-whole-tree",
        package=SamplePackage(
            name="acme",
            files={
                cached(f"{PRIVATE}{one}"): pyc(f"/build/x{PRIVATE}{one}") for one in ("/m.py", "/a/b.py", "/a/c/d.py")
            },
        ),
        hits=((cached(M), None),),
    ),
    Case(
        id="sourceless",
        package=SamplePackage(name="acme", files={f"{PRIVATE}/m.pyc": pyc(f"/build/x{M}")}),
        hits=((f"{PRIVATE}/m.pyc", None),),
    ),
    Case(id="alpine", package=compiled_as(f"/home/builder/pkg/acme{M}"), kind=Kind.APK, hits=HIT),
    Case(id="arch", package=compiled_as(f"/build/acme/pkg/acme{M}"), kind=Kind.ALPM, hits=HIT),
]
SPARES = [
    Case(id="installed", package=compiled_as(M)),
    Case(id="relative", package=compiled_as("m.py")),
    Case(id="long-installed", package=SamplePackage(name="acme", files=pair(f"/opt/{'d' * 200}/{'e' * 80}/m.py"))),
    Case(
        id="a-path-in-a-text",
        package=SamplePackage(name="acme", files={M: NAMES_OTHER, cached(M): pyc("m.py", NAMES_OTHER)}),
    ),
]
