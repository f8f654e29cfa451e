# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Settings of Python's bytecode in scripts and units."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme.py": "x = 1\n"}
UNIT = "/usr/lib/systemd/system/acme.service"
DROP_IN = "/usr/lib/systemd/system/acme.service.d/50-acme.conf"
DEFAULT = "/etc/default/acme"
START = "ExecStart=/usr/bin/python3 -I /usr/share/acme/acme.py\n"


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


def ships(path: str, content: str, **scripts: str) -> SamplePackage:
    return SamplePackage(name="acme", files={**MODULE, path: content}, scripts=scripts)


def unit(line: str) -> str:
    return f"[Service]\n{line}\n{START}"


TRIPS = [
    Case(
        id="exported",
        package=postinst("export PYTHONPYCACHEPREFIX=/var/cache/acme\npy3compile -p acme\n"),
        hits=(("postinst", 3),),
        severity=Severity.WARNING,
    ),
    Case(
        id="for-one-command",
        package=postinst("PYTHONPYCACHEPREFIX=/srv/acme python3 -m compileall -q /usr/share/acme || true\n"),
        hits=(("postinst", 3),),
    ),
    Case(
        id="open-to-all",
        package=postinst("env PYTHONPYCACHEPREFIX=/tmp/acme python3 -m compileall -q /usr/share/acme || true\n"),
        hits=(("postinst", 3),),
        severity=Severity.DANGER,
    ),
    Case(
        id="scriptlet",
        package=SamplePackage(
            name="acme",
            files=MODULE,
            scripts={"post": "export PYTHONPYCACHEPREFIX=/var/cache/acme\npython3 -m compileall /usr/share/acme\n"},
        ),
        kind=Kind.RPM,
        count=1,
    ),
    Case(
        id="unit",
        package=ships(UNIT, unit('Environment="PYTHONPYCACHEPREFIX=/var/cache/acme"')),
        hits=((UNIT, 2),),
        severity=Severity.WARNING,
    ),
    Case(
        id="unit-of-a-tree",
        package=ships(DROP_IN, unit("Environment=PYTHONPYCACHEPREFIX=/var/tmp/acme")),
        kind=Kind.TREE,
        hits=((DROP_IN, 2),),
        severity=Severity.DANGER,
    ),
    Case(
        id="no-writing",
        package=ships(DEFAULT, "# for acme.service\nPYTHONDONTWRITEBYTECODE=1\n"),
        kind=Kind.RPM,
        hits=((DEFAULT, 2),),
        severity=Severity.INFO,
    ),
]
SPARES = [
    Case(id="nothing-compiled", package=postinst("export PYTHONPYCACHEPREFIX=/tmp/acme\npython3 -I -c 'pass'\n")),
    Case(id="no-writing-in-a-script", package=postinst("export PYTHONDONTWRITEBYTECODE=1\npy3compile -p acme\n")),
    Case(
        id="of-another-command",
        package=postinst("PYTHONPYCACHEPREFIX=/var/cache/acme acme --init\npy3compile -p acme\n"),
    ),
    Case(id="emptied", package=ships(UNIT, unit("Environment=PYTHONPYCACHEPREFIX="))),
    Case(id="comment", package=ships(UNIT, unit("# Environment=PYTHONPYCACHEPREFIX=/var/cache/acme"))),
    Case(
        id="filled-by-a-compiler",
        package=ships(
            UNIT,
            unit("Environment=PYTHONPYCACHEPREFIX=/var/cache/python"),
            postinst="pkgtools-compile --cache-prefix /var/cache/python -p acme\n",
        ),
    ),
    Case(id="elsewhere", package=ships("/usr/share/acme/environment", "PYTHONPYCACHEPREFIX=/tmp/acme\n")),
]
