# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Calls of Python with and without options."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


TRIPS = [
    Case(id="code", package=postinst("python3 -c 'import acme'\n"), hits=(("postinst", 3),)),
    Case(id="module", package=postinst("/usr/bin/python3.11 -E -m acme\n"), hits=(("postinst", 3),)),
    Case(id="variable", package=postinst("nice $PYTHON /usr/share/acme/x.py\n"), hits=(("postinst", 3),)),
]
SPARES = [
    Case(id="isolated", package=postinst("python3 -I -c 'import acme'\npython3 -IBS /usr/share/acme/x.py\n")),
    Case(id="both", package=postinst("python3 -E -s -m acme\npython3 -ES -m acme\n")),
    Case(id="version", package=postinst("python3 --version\n")),
    Case(id="test", package=postinst("command -v python3 >/dev/null || exit 0\n")),
]
