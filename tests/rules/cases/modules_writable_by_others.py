# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Who may change sources."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE
from tests.rules.case import Case

M = f"{PRIVATE}/m.py"


P = f"{PUBLIC}/acme.py"
OWNED = {"/var/lib/dpkg/info/acme.list": f"{M}\n", "/var/lib/dpkg/status": ""}


def of_user(uid: int, path: str = M, **more: str) -> SamplePackage:
    return SamplePackage(name="acme", files={path: SampleFile(SOURCE, uid=uid, gid=uid), **more})


def with_modes(mode: int, directory: int = 0o755, gid: int = 0) -> SamplePackage:
    return SamplePackage(
        name="acme", files={M: SampleFile(SOURCE, mode, gid=gid)}, directory_modes={PRIVATE: directory}
    )


TRIPS = [
    Case(id="source", package=with_modes(0o666), hits=((M, None),)),
    Case(id="directory", package=with_modes(0o644, 0o777), hits=((PRIVATE, None),)),
    Case(id="group", package=with_modes(0o664, gid=33), hits=((M, None),)),
    Case(id="rpm", package=with_modes(0o644, 0o777), kind=Kind.RPM, hits=((PRIVATE, None),)),
    Case(id="staff", package=with_modes(0o664, gid=50), hits=((M, None),)),
    Case(
        id="staff's",
        package=with_modes(0o644, 0o2775),
        kind=Kind.ROOT,
        groups=((PRIVATE, 50),),
        hits=((PRIVATE, None),),
    ),
    Case(
        id="roots-group",
        package=with_modes(0o664, 0o775),
        hits=((PRIVATE, None),),
        severity=Severity.WARNING,
    ),
    Case(
        id="roots-group-on-a-system",
        package=with_modes(0o664),
        kind=Kind.ROOT,
        hits=((PRIVATE, None),),
        severity=Severity.WARNING,
    ),
    Case(id="builder", package=of_user(1000), hits=((M, None),)),
    Case(id="public", package=of_user(33, P), hits=((P, None),)),
    Case(id="public-on-a-system", package=of_user(33, P), kind=Kind.ROOT, hits=((P, None),)),
    Case(
        id="public-directory",
        package=SamplePackage(name="acme", files={f"{PUBLIC}/acme/m.py": SOURCE}),
        kind=Kind.ROOT,
        owners=((f"{PUBLIC}/acme", 33),),
        hits=((f"{PUBLIC}/acme", None),),
    ),
    Case(id="packaged", package=of_user(1000, **OWNED), kind=Kind.ROOT, hits=((M, None),)),
    Case(id="alpine", package=with_modes(0o666), kind=Kind.APK, hits=((M, None),)),
    Case(id="arch", package=with_modes(0o644, 0o777), kind=Kind.ALPM, hits=((PRIVATE, None),)),
]
SPARES = [
    Case(id="right", package=with_modes(0o644)),
    Case(
        id="other-files",
        package=SamplePackage(name="acme", files={M: SOURCE, f"{PRIVATE}/spool/x": SampleFile("", 0o666)}),
    ),
    Case(id="service", package=of_user(33)),
    Case(id="packaged-service", package=of_user(33, **OWNED), kind=Kind.ROOT),
    Case(id="user's-own", package=of_user(1000), kind=Kind.ROOT),
    Case(id="tree", package=with_modes(0o664, 0o775, gid=1000), kind=Kind.TREE),
    Case(
        id="trees-builder", package=SamplePackage(name="acme", files={M: SampleFile(SOURCE, uid=1000)}), kind=Kind.TREE
    ),
]
