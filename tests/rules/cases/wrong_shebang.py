# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""First lines."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SampleFile, SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case

PROGRAM = "/usr/bin/acme"


def program(line: str, depends: str = "python3", path: str = PROGRAM, mode: int = 0o755) -> SamplePackage:
    files = {path: SampleFile(f"{line}\nprint(1)\n", mode)}
    return SamplePackage(name="acme", files=files, fields={"Depends": depends} if depends else {})


def launcher(path: str, start: str = "'''exec'", end: str = '"$0" "$@"', first: str = "#!/bin/sh") -> str:
    return f"{first}\n{start} {path} {end}\n' '''\nimport acme"


LONG = f"/build/acme-1.0/{'x' * 200}/bin/python3"
HIT = ((PROGRAM, 1),)
LAUNCHER = ((PROGRAM, 2),)
TRIPS = [
    Case(id="launcher", package=program(launcher("/build/acme/venv/bin/python3")), hits=LAUNCHER),
    Case(id="launcher-long", package=program(launcher(LONG)), hits=LAUNCHER),
    Case(id="launcher-rpm", package=program(launcher(LONG), ""), kind=Kind.RPM, hits=LAUNCHER),
    Case(id="launcher-blanks", package=program(launcher('"/build/ac me/bin/python3.11"')), hits=LAUNCHER),
    Case(id="launcher-words", package=program(launcher('"/home/me/venv/bin/python"', '"exec"')), hits=LAUNCHER),
    Case(
        id="launcher-options",
        package=program(launcher("/usr/local/bin/python3 -I -u", "exec")),
        hits=LAUNCHER,
        severity=Severity.ERROR,
    ),
    Case(id="env", package=program("#!/usr/bin/env python3"), hits=HIT),
    Case(id="env-unversioned", package=program("#!/usr/bin/env python"), hits=HIT, severity=Severity.ERROR),
    Case(id="env-python2", package=program("#!/usr/bin/env python2.7"), hits=HIT, severity=Severity.ERROR),
    Case(
        id="env-unversioned-asked-for",
        package=program("#!/usr/bin/env python", "python-is-python3"),
        hits=HIT,
        severity=Severity.WARNING,
    ),
    Case(
        id="env-unversioned-module",
        package=program("#!/usr/bin/env python", path="/usr/share/acme/tool.py"),
        hits=(("/usr/share/acme/tool.py", 1),),
        severity=Severity.ERROR,
    ),
    Case(
        id="env-unversioned-tree",
        package=program("#!/usr/bin/env python", ""),
        kind=Kind.TREE,
        hits=HIT,
        severity=Severity.WARNING,
    ),
    Case(id="env-s", package=program("#!/usr/bin/env -S python3 -I"), hits=HIT),
    Case(id="local", package=program("#!/usr/local/bin/python3"), hits=HIT),
    Case(id="build", package=program("#! /build/acme/venv/bin/python3.11"), hits=HIT),
    Case(id="unversioned", package=program("#!/usr/bin/python"), hits=HIT),
    Case(id="python2", package=program("#!/usr/bin/python2.7"), hits=HIT),
    Case(id="version-not-asked-for", package=program("#!/usr/bin/python3.9 -s"), hits=HIT),
    Case(
        id="input-of-a-test",
        package=program("#!/usr/bin/env python", path="/usr/lib/acme/tests/Inputs/cd"),
        hits=(("/usr/lib/acme/tests/Inputs/cd", 1),),
        severity=Severity.INFO,
    ),
    Case(
        id="program-called-test",
        package=program("#!/usr/bin/env python3", path="/usr/bin/test_acme"),
        hits=(("/usr/bin/test_acme", 1),),
        severity=Severity.WARNING,
    ),
    Case(
        id="from-a-dependency",
        package=program("#!/opt/acme/bin/python3", "acme-python", "/opt/acme/bin/acme"),
        hits=(("/opt/acme/bin/acme", 1),),
        severity=Severity.WARNING,
    ),
    Case(
        id="from-nobody",
        package=program("#!/opt/acme/bin/python3", "", "/opt/acme/bin/acme"),
        hits=(("/opt/acme/bin/acme", 1),),
        severity=Severity.ERROR,
    ),
    Case(id="alpine-env", package=program("#!/usr/bin/env python3"), kind=Kind.APK, hits=HIT),
    Case(id="alpine-unversioned", package=program("#!/usr/bin/python", "busybox"), kind=Kind.APK, hits=HIT),
    Case(id="arch-build", package=program("#!/build/venv/bin/python"), kind=Kind.ALPM, hits=HIT),
    Case(id="arch-unversioned", package=program("#!/usr/bin/python", "bash"), kind=Kind.ALPM, hits=HIT),
]
SPARES = [
    Case(id="launcher-of-the-distribution", package=program(launcher("/usr/bin/python3"))),
    Case(id="launcher-that-searches", package=program(launcher('"$(dirname "$0")/python3"'))),
    Case(id="launcher-of-another", package=program(launcher("/build/acme/bin/perl"))),
    Case(
        id="launcher-of-another-file", package=program(launcher("/build/bin/python3", end='/usr/share/acme/x.py "$@"'))
    ),
    Case(id="launcher-text", package=program('#!/bin/sh\n\n# exec /build/bin/python3 "$0" "$@"')),
    Case(
        id="launcher-own",
        package=SamplePackage(
            name="acme",
            files={
                "/opt/acme/bin/python3": SampleFile("", 0o755),
                "/opt/acme/bin/acme": SampleFile(launcher("/opt/acme/bin/python3"), 0o755),
            },
        ),
    ),
    Case(id="right", package=program("#!/usr/bin/python3")),
    Case(id="options", package=program("#!/usr/bin/python3 -Is")),
    Case(id="version-asked-for", package=program("#!/usr/bin/python3.9", "python3.9")),
    Case(id="minimal", package=program("#!/usr/bin/python3.9", "python3.9-minimal (>= 3.9.2)")),
    Case(id="unversioned-asked-for", package=program("#!/usr/bin/python", "foo | python-is-python3")),
    Case(id="shell", package=program("#!/bin/sh")),
    Case(id="not-executable", package=program("#!/usr/bin/env python3", mode=0o644)),
    Case(id="example", package=program("#!/usr/bin/env python3", path="/usr/share/doc/acme/examples/x")),
    Case(id="env-module", package=program("#!/usr/bin/env python3", path="/usr/share/acme/tool.py")),
    Case(id="env-public", package=program("#!/usr/bin/env python", path=f"{PUBLIC}/acme.py")),
    Case(id="module", package=program("#!/usr/bin/env python3", path=f"{PUBLIC}/acme.py")),
    Case(
        id="its-own-interpreter",
        package=SamplePackage(
            name="acme",
            files={
                "/opt/acme/bin/python3": SampleFile("", 0o755),
                "/opt/acme/bin/acme": SampleFile("#!/opt/acme/bin/python3\n", 0o755),
            },
        ),
    ),
    Case(id="range-of-one-version", package=program("#!/usr/bin/python3.11", "python3 (<< 3.12), python3 (>= 3.11~)")),
    Case(id="tree", package=program("#!/usr/bin/python3.9", ""), kind=Kind.TREE),
    Case(id="private-library", package=program("#!/usr/local/bin/python", path="/opt/acme/lib/python3.12/cgi.py")),
    Case(id="platform-python", package=program("#!/usr/libexec/platform-python -s", ""), kind=Kind.RPM),
    Case(
        id="module-of-a-venv",
        package=program("#!/usr/bin/python", path="/opt/acme/lib/python3.11/site-packages/six.py"),
    ),
    Case(id="alpine-unversioned", package=program("#!/usr/bin/python", "python3~3.12"), kind=Kind.APK),
    Case(id="alpine-version", package=program("#!/usr/bin/python3.12", "python3~3.12"), kind=Kind.APK),
    Case(id="alpine-command", package=program("#!/usr/bin/python3.12", "cmd:python3.12"), kind=Kind.APK),
    Case(id="arch-unversioned", package=program("#!/usr/bin/python", "python>=3.13"), kind=Kind.ALPM),
]
