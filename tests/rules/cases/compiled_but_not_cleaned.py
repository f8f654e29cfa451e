# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Packages that compile, with and without a clean."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}

COMPILE = "py3compile -p acme /usr/share/acme\n"
OURS = "pkgtools-compile /usr/share/acme || true\n"
CLEANS = "pkgtools-clean /usr/share/acme\n"
IN_RPM = "python3 -m compileall /usr/share/acme || :"
PYC = "/usr/share/acme/acme/__pycache__/core.cpython-311.pyc"
PURGE = 'case "$1" in\npurge)\n  rm -rf /usr/share/acme\n  ;;\nesac\n'


def deb(**scripts: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts=scripts)


TRIPS = [
    Case(id="no-prerm", package=deb(postinst=COMPILE), hits=(("postinst", 3),)),
    Case(id="other-directory", package=deb(postinst=COMPILE, postrm="rm -rf /var/lib/acme\n"), hits=(("postinst", 3),)),
    Case(
        id="other-directory-of-the-package",
        package=deb(postinst="py3compile -p acme\n", postrm="rm -rf /usr/share/acme/acme/sub\n"),
        hits=(("postinst", 3),),
    ),
    Case(id="cleans-too-early", package=deb(preinst="py3clean -p acme\n", postinst=COMPILE), hits=(("postinst", 3),)),
    Case(
        id="rpm",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post": IN_RPM}),
        kind=Kind.RPM,
        hits=(("%post", 1),),
    ),
    Case(
        id="alpine",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post-install": OURS}),
        kind=Kind.APK,
        hits=(("post-install", 3),),
    ),
    Case(
        id="arch",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post_install": OURS}),
        kind=Kind.ALPM,
        hits=(("post_install", 4),),
    ),
]
SPARES = [
    Case(id="prerm", package=deb(postinst=COMPILE, prerm="py3clean -p acme\n")),
    Case(id="by-hand", package=deb(postinst=COMPILE, prerm="rm -rf /usr/share/acme/acme/__pycache__\n")),
    Case(id="whole-tree", package=deb(postinst=COMPILE, postrm="rm -rf /usr/share/acme/\n")),
    Case(id="whole-tree-of-the-package", package=deb(postinst="py3compile -p acme\n", postrm=PURGE)),
    Case(id="all-in-a-tree", package=deb(postinst=COMPILE, postrm="rm -rf /usr/share/acme/*\n")),
    Case(id="nothing-compiled", package=deb(postinst="true\n")),
    Case(
        id="ghosts",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post": IN_RPM}),
        kind=Kind.RPM,
        ghosts=(PYC,),
    ),
    Case(
        id="alpine",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post-install": OURS, "pre-deinstall": CLEANS}),
        kind=Kind.APK,
    ),
    Case(
        id="arch",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post_install": OURS, "pre_remove": CLEANS}),
        kind=Kind.ALPM,
    ),
    Case(
        id="arch-hook",
        package=SamplePackage(
            name="acme",
            files={**MODULE, "/usr/share/libalpm/hooks/acme.hook": f"[Action]\nExec = /usr/bin/{CLEANS}"},
            scripts={"post_install": OURS},
        ),
        kind=Kind.ALPM,
    ),
]
