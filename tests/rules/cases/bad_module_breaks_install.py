# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Compilations that end a script, or not."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


COMPILE = "python3 -m compileall -q /usr/share/acme"

TRIPS = [
    Case(id="plain", package=postinst(f"{COMPILE}\n"), hits=(("postinst", 3),)),
    Case(id="gives-up", package=postinst(f"{COMPILE} || exit 1\n"), hits=(("postinst", 3),)),
    Case(
        id="sh-e",
        package=postinst("#!/bin/sh -e\n/usr/bin/python3 -E -S /usr/lib/python3.11/py_compile.py $files\n"),
        hits=(("postinst", 2),),
    ),
    Case(
        id="in-code",
        package=postinst("python3 -c 'import sys, py_compile; py_compile.main()' /usr/share/acme/acme/core.py\n"),
        hits=(("postinst", 3),),
    ),
]
SPARES = [
    Case(id="tolerated", package=postinst(f"{COMPILE} || true\n")),
    Case(id="condition", package=postinst(f"if ! {COMPILE}; then echo bad; fi\n")),
    Case(id="group", package=postinst("{\n" + COMPILE + "\n} || true\n")),
    Case(id="goes-on", package=postinst(f"#!/bin/sh\n{COMPILE}\nexit 0\n")),
    Case(id="set-plus-e", package=postinst(f"set +e\n{COMPILE}\n")),
    Case(id="what-dh_python3-writes", package=postinst("py3compile -p acme /usr/share/acme\n")),
]
