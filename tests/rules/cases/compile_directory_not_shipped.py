# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Directories behind a compiler."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


TRIPS = [
    Case(
        id="empty",
        package=SamplePackage(
            name="acme",
            directory_modes={"/usr/share/acme": 0o755},
            scripts={"postinst": "python3 -m compileall -q /usr/share/acme\n"},
        ),
        hits=(("postinst", 3),),
    ),
    Case(id="mistyped", package=postinst("py3compile -p acme /usr/share/amce\n"), hits=(("postinst", 3),)),
    Case(id="compileall", package=postinst("python3 -m compileall -q /opt/acme/\n"), hits=(("postinst", 3),)),
    Case(
        id="neighbour",
        package=postinst("pkgtools-compile -p acme -V 3.9- /usr/share/acm\n"),
        hits=(("postinst", 3),),
    ),
]
SPARES = [
    Case(id="shipped", package=postinst("py3compile -p acme -V 3.9- /usr/share/acme/\n")),
    Case(
        id="directories-of-another-package",
        package=SamplePackage(
            name="acme",
            files={"/usr/lib/python3.11/site-packages/acme/a.py": ""},
            scripts={"post": "python3 -m compileall -q /usr/lib/python3.11/site-packages || :"},
        ),
        kind=Kind.RPM,
    ),
    Case(
        id="empty-directory-too",
        package=SamplePackage(
            name="acme",
            files=MODULE,
            directory_modes={"/usr/share/acme/empty": 0o755},
            scripts={"postinst": "python3 -m compileall -q /usr/share/acme\n"},
        ),
    ),
    Case(id="a-file", package=postinst("python3 -m py_compile /usr/share/acme/acme/core.py\n")),
    Case(id="made-at-run-time", package=postinst("python3 -m compileall -q /var/lib/acme\n")),
    Case(id="pattern", package=postinst("python3 -m compileall -q /usr/lib/*/acme $where\n")),
    Case(
        id="symlink",
        package=SamplePackage(
            name="acme",
            symlinks={"/opt/acme": "/srv/acme"},
            scripts={"postinst": "python3 -m compileall -q /opt/acme/lib\n"},
        ),
    ),
]
