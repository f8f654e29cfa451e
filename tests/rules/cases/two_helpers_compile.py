# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Scripts that two helpers wrote."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case


def by(helper: str, *lines: str) -> str:
    return "".join(
        f"{line}\n" for line in (f"# Automatically added by {helper}", *lines, "# End automatically added section")
    )


def package(**scripts: str) -> SamplePackage:
    files = {f"{PUBLIC}/acme.py": "", "/usr/share/acme/acme.py": ""}
    return SamplePackage(name="acme", files=files, scripts=scripts, fields={"Depends": "python3, pkgtools-runtime"})


COMPILE = by("dh_python3", "if command -v py3compile >/dev/null 2>&1; then", "\tpy3compile -p acme:all", "fi")
CLEAN = by("dh_python3", "if command -v py3clean >/dev/null 2>&1; then", "\tpy3clean -p acme:all", "fi")
OUR_CLEAN = by("dh_pkgtools", "pkgtools-clean -q -p acme || true")
OUR_COMPILE = by("dh_pkgtools", "pkgtools-compile -q -p acme || true")
PRIVATE = by("dh_python3", "py3compile -p acme /usr/share/acme")
TRIPS = [
    Case(id="trigger", package=package(postinst=COMPILE, prerm=CLEAN + OUR_CLEAN), hits=(("postinst", 5),)),
    Case(id="clean-alone", package=package(prerm=OUR_CLEAN + CLEAN), hits=(("prerm", 8),)),
    Case(
        id="direct",
        package=package(postinst=COMPILE + OUR_COMPILE, prerm=CLEAN + OUR_CLEAN),
        hits=(("postinst", 5),),
    ),
    Case(
        id="scripts-of-generate",
        package=package(prerm="pkgtools-clean -q -p acme || true\n" + CLEAN),
        hits=(("prerm", 6),),
    ),
    Case(
        id="private",
        package=package(
            postinst=PRIVATE + by("dh_pkgtools", "pkgtools-compile -p acme /usr/share/acme/plugins || true")
        ),
        hits=(("postinst", 4),),
    ),
    Case(id="tree", package=package(prerm=CLEAN + OUR_CLEAN), kind=Kind.TREE, hits=(("prerm", 5),)),
]
SPARES = [
    Case(id="theirs", package=package(postinst=COMPILE, prerm=CLEAN)),
    Case(id="ours", package=package(postinst=OUR_COMPILE, prerm=OUR_CLEAN)),
    Case(id="another-package", package=package(prerm=CLEAN + by("dh_pkgtools", "pkgtools-clean -q -p till || true"))),
    Case(id="other-modules", package=package(postinst=PRIVATE + OUR_COMPILE, prerm=OUR_CLEAN)),
    Case(
        id="other-directories",
        package=package(postinst=PRIVATE + by("dh_pkgtools", "pkgtools-compile -p acme /usr/share/till || true")),
    ),
    Case(
        id="one-or-the-other",
        package=package(
            prerm="if command -v pkgtools-clean; then\n  pkgtools-clean -q -p acme\nelse\n  py3clean -p acme\nfi\n"
        ),
    ),
]
