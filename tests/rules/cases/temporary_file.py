# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Leftovers of compilers."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, cached, pair
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def with_file(name: str) -> SamplePackage:
    return SamplePackage(name="acme", files={**pair(M), name: "half"})


TRIPS = [
    Case(id="of-import", package=with_file(f"{cached(M)}.140231"), hits=((f"{cached(M)}.140231", None),)),
    Case(
        id="ours",
        package=with_file(f"{PRIVATE}/__pycache__/.pkgtools-0123456789abcdef-00000000-1.tmp"),
        hits=((f"{PRIVATE}/__pycache__/.pkgtools-0123456789abcdef-00000000-1.tmp", None),),
    ),
]
SPARES = [
    Case(id="elsewhere", package=with_file(f"{PRIVATE}/.pkgtools-0123456789abcdef-00000000-1.tmp")),
    Case(id="something-else", package=with_file(f"{PRIVATE}/__pycache__/README")),
]
