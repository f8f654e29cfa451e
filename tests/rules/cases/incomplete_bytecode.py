# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Some have it and others not."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pyc
from tests.rules.case import Case

NAMES = [f"{PRIVATE}/m{number}.py" for number in range(5)]


def without(missing: str, levels: tuple[str, ...] = ("", ".opt-1")) -> SamplePackage:
    pycs = {cached(name, level): pyc(name) for name in NAMES for level in levels}
    pycs.pop(missing, None)
    return SamplePackage(name="acme", files={**dict.fromkeys(NAMES, SOURCE), **pycs})


def with_more(*paths: str, source: str = SOURCE) -> SamplePackage:
    return SamplePackage(name="acme", files={**without("").files, **dict.fromkeys(paths, source)})


TRIPS = [
    Case(id="a-level", package=without(cached(NAMES[1], ".opt-1")), kind=Kind.RPM, hits=((NAMES[1], None),)),
    Case(id="level-0", package=without(cached(NAMES[4])), kind=Kind.RPM, hits=((NAMES[4], None),)),
]
SPARES = [
    Case(id="all", package=without(""), kind=Kind.RPM),
    Case(id="one-level", package=without("", ("",)), kind=Kind.RPM),
    Case(id="none", package=SamplePackage(name="acme", files=dict.fromkeys(NAMES, SOURCE)), kind=Kind.RPM),
    Case(
        id="one-by-chance",
        package=SamplePackage(name="acme", files={**dict.fromkeys(NAMES, SOURCE), cached(NAMES[0]): pyc(NAMES[0])}),
        kind=Kind.RPM,
    ),
    Case(id="what-nobody-imports", package=with_more("/usr/bin/tool.py", "/usr/share/doc/acme/x.py"), kind=Kind.RPM),
    Case(id="of-another-version", package=with_more("/usr/lib/python3.9/site-packages/m.py"), kind=Kind.RPM),
    Case(
        id="does-not-compile", package=with_more(f"{PRIVATE}/bad.py", source="def f(:\n"), kind=Kind.RPM, compiles=True
    ),
]
