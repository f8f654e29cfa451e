# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""A difference that the compiler of another release may have made is another thing than one of the same."""

from __future__ import annotations

import platform
import sys

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, cached, pyc
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"
PROGRAM = "/usr/bin/python{}.{}".format(*sys.version_info)
OTHER = "{}.{}.99".format(*sys.version_info)
DIFFERENT = pyc(M, SOURCE.replace("42", "43"))


def served_by(release: str, content: bytes = DIFFERENT) -> SamplePackage:
    program = b"\x7fELF\0" + release.encode() + b"\0"
    return SamplePackage(name="acme", files={PROGRAM: program, M: SOURCE, cached(M): content})


HITS = ((cached(M), None),)
TRIPS = [Case(id="another-release", kind=Kind.ROOT, package=served_by(OTHER), hits=HITS, compiles=True)]
SPARES = [
    Case(id="the-same-release", kind=Kind.ROOT, package=served_by(platform.python_version()), compiles=True),
    Case(id="the-same-code", kind=Kind.ROOT, package=served_by(OTHER, pyc(M)), compiles=True),
    Case(id="an-unknown-release", kind=Kind.ROOT, package=served_by("none"), compiles=True),
    Case(id="not-compared", kind=Kind.ROOT, package=served_by(OTHER)),
]
