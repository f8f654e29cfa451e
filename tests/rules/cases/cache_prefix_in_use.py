# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Settings of a system."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import Files, SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, SOURCE, pyc
from tests.rules.case import Case

CENTRAL = "/var/cache/python"
UNIT = "/usr/lib/systemd/system/acme.service"
M = f"{PRIVATE}/m.py"
CACHED = f"{CENTRAL}{PRIVATE}/m.cpython-311.pyc"


def system(files: Files, mode: int = 0o755) -> SamplePackage:
    below: Files = {f"{PRIVATE}/m.py": SOURCE, CACHED: pyc(f"{PRIVATE}/m.py")}
    return SamplePackage(name="acme", files={**files, **below}, directory_modes={CENTRAL: mode})


SET = {"/etc/environment": f"# ours\nPYTHONPYCACHEPREFIX={CENTRAL}\n"}
TRIPS = [
    Case(id="environment", package=system(SET), kind=Kind.ROOT, hits=(("/etc/environment", 2),)),
    Case(
        id="writable",
        package=system(SET, 0o777),
        kind=Kind.ROOT,
        hits=(("/etc/environment", 2),),
        severity=Severity.DANGER,
    ),
    Case(
        id="writable-and-empty",
        package=SamplePackage(name="acme", files={M: SOURCE, **SET}, directory_modes={CENTRAL: 0o777}),
        kind=Kind.ROOT,
        hits=(("/etc/environment", 2),),
        severity=Severity.DANGER,
    ),
    Case(
        id="missing-where-others-can-make-it",
        package=SamplePackage(name="acme", files={M: SOURCE, **SET}, directory_modes={"/var/cache": 0o1777}),
        kind=Kind.ROOT,
        hits=(("/etc/environment", 2),),
        severity=Severity.DANGER,
    ),
    Case(
        id="missing-where-only-root-can-make-it",
        package=SamplePackage(name="acme", files={M: SOURCE, **SET}, directory_modes={"/var/cache": 0o755}),
        kind=Kind.ROOT,
        hits=(("/etc/environment", 2),),
        severity=Severity.INFO,
    ),
    Case(
        id="in-tmp",
        package=system({"/etc/profile.d/python.sh": "export PYTHONPYCACHEPREFIX=/tmp/cache\n"}),
        kind=Kind.ROOT,
        hits=(("/etc/profile.d/python.sh", 1),),
        severity=Severity.DANGER,
    ),
    Case(
        id="no-writing",
        package=system(
            {"/usr/lib/systemd/system/acme.service": '[Service]\nEnvironment="PYTHONDONTWRITEBYTECODE=1"\n'}
        ),
        kind=Kind.ROOT,
        hits=((UNIT, 2),),
    ),
]
SPARES = [
    Case(id="nothing", package=system({"/etc/environment": "PATH=/usr/bin\n"}), kind=Kind.ROOT),
    Case(id="comment", package=system({"/etc/environment": "#PYTHONPYCACHEPREFIX=/tmp\n"}), kind=Kind.ROOT),
    Case(id="elsewhere", package=system({f"{PRIVATE}/env": SampleFile("PYTHONPYCACHEPREFIX=/tmp\n")}), kind=Kind.ROOT),
]
