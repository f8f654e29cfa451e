# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What a postrm may rely on."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postrm(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postrm": body})


TRIPS = [
    Case(id="helper", package=postrm("py3clean -p acme\n"), hits=(("postrm", 3),)),
    Case(id="python", package=postrm('if [ purge = "$1" ]; then\npython3 -c pass\nfi\n'), hits=(("postrm", 4),)),
]
SPARES = [
    Case(id="tolerated", package=postrm("py3clean -p acme || true\n")),
    Case(id="tested", package=postrm("if command -v py3clean >/dev/null; then py3clean -p acme; fi\n")),
    Case(id="no-set-e", package=postrm("#!/bin/sh\npy3clean -p acme\n")),
    Case(id="prerm", package=SamplePackage(name="acme", files=MODULE, scripts={"prerm": "py3clean -p acme\n"})),
]
