# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scripts that work on the host."""

from __future__ import annotations

from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


DH_PYTHON3 = "# Automatically added by dh_python3\npy3compile -p acme\n# End automatically added section\n"

TRIPS = [
    Case(
        id="compileall",
        package=postinst("python3 -m compileall /usr/share/acme\npython3 -m compileall /opt\n"),
        hits=(("postinst", 3),),
    ),
    Case(id="cleans", package=postinst("rm -rf /usr/share/acme/acme/__pycache__\n"), hits=(("postinst", 3),)),
]
SPARES = [
    Case(id="heeds", package=postinst('[ -n "${DPKG_ROOT:-}" ] || python3 -m compileall /usr/share/acme\n')),
    Case(id="debhelper", package=postinst(DH_PYTHON3)),
    Case(id="ours", package=postinst("pkgtools-compile -p acme || true\n")),
    Case(id="not-bytecode", package=postinst("rm -rf /var/cache/acme\n")),
]
