# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""SOURCE_DATE_EPOCH and headers."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SOME_DAY, SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, hashed, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
FUTURE = 4_000_000_000
"""After the day on which the tests run; dpkg-deb gives the package the time of the build."""


def of_time(mtime: int) -> SamplePackage:
    return SamplePackage(name="acme", files={M: SampleFile(SOURCE, mtime=mtime), cached(M): pyc(M, mtime=mtime)})


CHANGELOG = {"%changelog": "* Tue Nov 14 2023 Nobody <nobody@example.org>\n- A sample."}
TRIPS = [
    Case(id="newer-than-the-package", package=of_time(FUTURE), hits=((cached(M), None),)),
    Case(
        id="newer-than-the-changelog",
        package=SamplePackage(name="acme", files=of_time(SOME_DAY + 86400 * 9).files, scripts=CHANGELOG),
        kind=Kind.RPM,
        hits=((cached(M), None),),
    ),
]
SPARES = [
    Case(id="older", package=of_time(SOME_DAY)),
    Case(id="no-changelog", package=of_time(FUTURE), kind=Kind.RPM),
    Case(
        id="older-than-the-changelog",
        package=SamplePackage(name="acme", files=of_time(SOME_DAY - 86400 * 9).files, scripts=CHANGELOG),
        kind=Kind.RPM,
    ),
    Case(
        id="hash",
        package=SamplePackage(name="acme", files={M: SampleFile(SOURCE, mtime=FUTURE), cached(M): hashed(M)}),
    ),
]
