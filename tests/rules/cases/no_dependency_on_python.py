# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules without an interpreter."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, SOURCE
from tests.rules.case import Case

MODULE = f"{PUBLIC}/acme.py"
SITE = "/usr/lib/python3.12/site-packages/acme.py"


def needs(depends: str, path: str = MODULE, content: str = SOURCE, mode: int = 0o644) -> SamplePackage:
    return SamplePackage(name="acme", files={path: SampleFile(content, mode)}, fields={"Depends": depends})


TRIPS = [
    Case(id="module", package=needs("libc6 (>= 2.36)"), hits=((MODULE, None),)),
    Case(
        id="program",
        package=needs("libc6", "/usr/bin/acme", "#!/usr/bin/python3\n", 0o755),
        hits=(("/usr/bin/acme", None),),
    ),
    Case(id="alpine", package=needs("busybox", SITE), kind=Kind.APK, hits=((SITE, None),)),
    Case(id="arch", package=needs("bash", SITE), kind=Kind.ALPM, hits=((SITE, None),)),
]
SPARES = [
    Case(
        id="program-beside-the-point",
        package=SamplePackage(
            name="acme",
            files={"/usr/bin/acme": SampleFile("#!/usr/bin/python3\n", 0o755)},
            fields={"Suggests": "foo, python3:any"},
        ),
    ),
    Case(
        id="rpm-program-beside-the-point",
        package=SamplePackage(
            name="acme",
            files={"/usr/bin/acme": SampleFile("#!/usr/bin/python3\n", 0o755)},
            fields={"Recommends": "python3"},
        ),
        kind=Kind.RPM,
    ),
    Case(id="python3", package=needs("python3:any")),
    Case(id="range", package=needs("python3 (>= 3.9~)")),
    Case(id="alternative", package=needs("foo | python3")),
    Case(id="through-a-module", package=needs("python3-six")),
    Case(id="version", package=needs("python3.11-minimal")),
    Case(id="private", package=needs("libc6", f"{PRIVATE}/m.py")),
    Case(
        id="abi",
        package=SamplePackage(
            name="acme",
            files={"/usr/lib/python3.11/site-packages/acme.py": SOURCE},
            fields={"Requires": "python(abi) = 3.11"},
        ),
        kind=Kind.RPM,
    ),
    Case(id="own-interpreter", package=needs("libc6", "/usr/bin/acme", "#!/opt/acme/bin/python3\n", 0o755)),
    *(
        Case(id=f"alpine-{depends}", package=needs(depends, SITE), kind=Kind.APK)
        for depends in ("python3~3.12", "py3-yaml", "so:libpython3.12.so.1.0", "py3.12:yaml", "cmd:python3")
    ),
    *(
        Case(id=f"arch-{depends}", package=needs(depends, SITE), kind=Kind.ALPM)
        for depends in ("python", "python>=3.13", "python-yaml")
    ),
]
