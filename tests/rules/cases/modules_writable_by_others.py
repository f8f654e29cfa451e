# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Who may change sources."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


def with_modes(mode: int, directory: int = 0o755, gid: int = 0) -> SamplePackage:
    return SamplePackage(
        name="acme", files={M: SampleFile(SOURCE, mode, gid=gid)}, directory_modes={PRIVATE: directory}
    )


TRIPS = [
    Case(id="source", package=with_modes(0o666), hits=((M, None),)),
    Case(id="directory", package=with_modes(0o644, 0o777), hits=((PRIVATE, None),)),
    Case(id="group", package=with_modes(0o664, gid=33), hits=((M, None),)),
    Case(id="rpm", package=with_modes(0o644, 0o777), kind=Kind.RPM, hits=((PRIVATE, None),)),
    Case(
        id="builder",
        package=SamplePackage(name="acme", files={M: SampleFile(SOURCE, uid=1000, gid=1000)}),
        hits=((M, None),),
    ),
]
SPARES = [
    Case(id="right", package=with_modes(0o644)),
    Case(id="roots-group", package=with_modes(0o664, 0o775)),
    Case(
        id="other-files",
        package=SamplePackage(name="acme", files={M: SOURCE, f"{PRIVATE}/spool/x": SampleFile("", 0o666)}),
    ),
    Case(id="service", package=SamplePackage(name="acme", files={M: SampleFile(SOURCE, uid=33, gid=33)})),
    Case(id="tree", package=with_modes(0o664, 0o775, gid=1000), kind=Kind.TREE),
    Case(
        id="trees-builder", package=SamplePackage(name="acme", files={M: SampleFile(SOURCE, uid=1000)}), kind=Kind.TREE
    ),
]
