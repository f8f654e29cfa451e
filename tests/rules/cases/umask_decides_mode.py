# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scripts that set a umask, and where it ends."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.case import Case

OPEN = "umask 002\npython3 -m compileall -q /usr/share/acme || true\n"
MODULE = {"/usr/share/acme/acme/__init__.py": "", "/usr/share/acme/acme/core.py": "x = 1\n"}


def postinst(body: str) -> SamplePackage:
    return SamplePackage(name="acme", files=MODULE, scripts={"postinst": body})


TRIPS = [
    Case(
        id="tight",
        package=postinst("umask 077\necho x > /etc/acme\npython3 -m compileall -q /usr/share/acme || true\n"),
        hits=(("postinst", 5),),
        severity=Severity.WARNING,
    ),
    Case(
        id="open",
        package=postinst("umask 002\npy3compile -p acme /usr/share/acme\n"),
        hits=(("postinst", 4),),
        severity=Severity.DANGER,
    ),
    Case(
        id="alpine",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post-install": OPEN}),
        kind=Kind.APK,
        hits=(("post-install", 4),),
    ),
    Case(
        id="arch",
        package=SamplePackage(name="acme", files=MODULE, scripts={"post_install": OPEN}),
        kind=Kind.ALPM,
        hits=(("post_install", 5),),
    ),
]
SPARES = [
    Case(id="usual", package=postinst("umask 022\npy3compile -p acme /usr/share/acme\n")),
    Case(id="reset", package=postinst("umask 077\numask 0022\npy3compile -p acme /usr/share/acme\n")),
    Case(id="subshell", package=postinst("(umask 077; echo x > /etc/acme)\npy3compile -p acme /usr/share/acme\n")),
    Case(id="behind", package=postinst("py3compile -p acme /usr/share/acme\numask 077\n")),
    Case(id="ours", package=postinst("umask 077\npkgtools-compile -p acme /usr/share/acme || true\n")),
]
