# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules in all places, and all who may compile them."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

PUBLIC = {"/usr/lib/python3/dist-packages/acme.py": "x = 1\n", "/usr/lib/python3/dist-packages/acme2.py": "x = 1\n"}
PRIVATE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}
VERSIONED = {"/usr/lib/python3.11/site-packages/acme/__init__.py": "x = 1\n"}
COMPILES = "if command -v py3compile >/dev/null; then py3compile -p acme; fi\n"
RUNTIME = {"Depends": "python3, pkgtools-runtime (>= 1)"}
OURS = "pkgtools-compile /usr/share/acme\n"
HOOK = "/usr/share/libalpm/hooks/acme.hook"
COMPILES_IN_HOOK = "[Trigger]\nTarget = acme\n[Action]\nExec = /bin/sh -c 'pkgtools-compile /usr/share/acme || true'\n"
HOME = (("/usr/share/acme", None),)
BASE = (("/usr/lib/python3/dist-packages", None),)

TRIPS = [
    Case(id="no-script", package=SamplePackage(name="acme", files=PUBLIC), hits=BASE, severity=Severity.WARNING),
    Case(
        id="compiles-in-prerm", package=SamplePackage(name="acme", files=PUBLIC, scripts={"prerm": COMPILES}), hits=BASE
    ),
    Case(
        id="compiles-another",
        package=SamplePackage(name="acme2", files=PUBLIC, scripts={"postinst": COMPILES}),
        hits=BASE,
    ),
    Case(
        id="runtime-is-an-alternative",
        package=SamplePackage(name="acme", files=PUBLIC, fields={"Depends": "pkgtools-runtime | python3"}),
        hits=BASE,
    ),
    Case(id="private", package=SamplePackage(name="acme", files=PRIVATE), hits=HOME, severity=Severity.INFO),
    Case(
        id="private-next-door",
        package=SamplePackage(name="acme", files=PRIVATE, scripts={"postinst": "py3compile -p acme /usr/share/acm\n"}),
        hits=HOME,
    ),
    Case(
        id="staged", package=SamplePackage(name="acme", files={**PUBLIC, **PRIVATE}), kind=Kind.TREE, hits=BASE + HOME
    ),
    Case(
        id="rpm",
        package=SamplePackage(name="acme", files=VERSIONED),
        kind=Kind.RPM,
        hits=(("/usr/lib/python3.11/site-packages", None),),
    ),
    Case(
        id="alpine",
        package=SamplePackage(name="acme", files=VERSIONED),
        kind=Kind.APK,
        hits=(("/usr/lib/python3.11/site-packages", None),),
        severity=Severity.INFO,
    ),
    Case(
        id="arch",
        package=SamplePackage(name="acme", files=VERSIONED, scripts={"post_install": "echo done\n"}),
        kind=Kind.ALPM,
        hits=(("/usr/lib/python3.11/site-packages", None),),
        severity=Severity.WARNING,
    ),
]
SPARES = [
    Case(id="py3compile", package=SamplePackage(name="acme", files=PUBLIC, scripts={"postinst": COMPILES})),
    Case(
        id="own-name-in-a-variable",
        package=SamplePackage(
            name="acme", files=PUBLIC, scripts={"postinst": 'pkgtools-compile -p "$DPKG_MAINTSCRIPT_PACKAGE" || true\n'}
        ),
    ),
    Case(id="trigger", package=SamplePackage(name="acme", files=PUBLIC, fields=RUNTIME)),
    Case(
        id="registered",
        package=SamplePackage(
            name="acme",
            files={**PRIVATE, "/usr/share/pkgtools/private.d/acme.conf": "/usr/share/acme\n"},
            fields=RUNTIME,
        ),
    ),
    Case(
        id="private-compiled",
        package=SamplePackage(name="acme", files=PRIVATE, scripts={"postinst": "py3compile -p acme /usr/share/acme\n"}),
    ),
    Case(
        id="plugin-of-another",
        package=SamplePackage(name="acme-extra", files=PRIVATE, fields={"Depends": "acme (>= 1), python3"}),
    ),
    Case(
        id="embedded-runtime",
        package=SamplePackage(
            name="acme",
            files=PRIVATE,
            scripts={"postinst": "/usr/share/acme/pkgtools.pyz compile -V 3.9- /usr/share/acme || true\n"},
        ),
    ),
    Case(
        id="standard-library",
        package=SamplePackage(name="libpython3.11-stdlib", files={"/usr/lib/python3.11/os.py": "x = 1\n"}),
    ),
    Case(
        id="data",
        package=SamplePackage(
            name="acme",
            files={
                "/usr/share/doc/acme/examples/a/__init__.py": "",
                "/usr/share/acme/templates/a/__init__.py": "",
                "/usr/share/gdb/auto-load/usr/lib/acme/__init__.py": "",
                "/usr/share/acme/script.py": "",
            },
        ),
    ),
    Case(
        id="shipped-in-rpm",
        package=SamplePackage(
            name="acme",
            files={**VERSIONED, "/usr/lib/python3.11/site-packages/acme/__pycache__/__init__.cpython-311.pyc": "x"},
        ),
        kind=Kind.RPM,
    ),
    Case(
        id="alpine-script",
        package=SamplePackage(name="acme", files=PRIVATE, scripts={"post-install": OURS}),
        kind=Kind.APK,
    ),
    Case(
        id="arch-script",
        package=SamplePackage(name="acme", files=PRIVATE, scripts={"post_install": OURS}),
        kind=Kind.ALPM,
    ),
    Case(id="arch-hook", package=SamplePackage(name="acme", files={**PRIVATE, HOOK: COMPILES_IN_HOOK}), kind=Kind.ALPM),
]
