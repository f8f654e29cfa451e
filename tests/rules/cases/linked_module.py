# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Modules that are links."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import Files, SamplePackage
from tests.rules.bytecode import PRIVATE, PUBLIC, cached, pair, pyc
from tests.rules.case import Case

LINK = f"{PUBLIC}/acme/till.py"
SITE = "/usr/lib/python3.11/site-packages/acme"


def ships(link: str, depends: str = "", *, postinst: str = "", files: Files | None = None) -> SamplePackage:
    modules = {f"{PUBLIC}/acme/__init__.py": "", f"{PRIVATE}/till.py": "x = 1\n", f"{PRIVATE}/core/__init__.py": ""}
    return SamplePackage(
        name="acme",
        files={**modules, **(files or {})},
        symlinks={link: "/usr/share/acme/till.py"},
        scripts={"postinst": postinst} if postinst else {},
        fields={"Depends": depends} if depends else {},
    )


TRIPS = [
    Case(id="triggers", package=ships(LINK, "pkgtools-runtime"), hits=((LINK, None),)),
    Case(id="direct", package=ships(LINK, postinst="pkgtools-compile -p acme || true\n"), hits=((LINK, None),)),
    Case(
        id="private",
        package=ships(f"{PRIVATE}/core/till.py", "pkgtools-runtime"),
        hits=((f"{PRIVATE}/core/till.py", None),),
    ),
    Case(
        id="shipped",
        package=ships(f"{SITE}/till.py", files=pair(f"{SITE}/__init__.py")),
        kind=Kind.RPM,
        hits=((f"{SITE}/till.py", None),),
    ),
]
SPARES = [
    Case(id="py3compile", package=ships(LINK, "python3", postinst="py3compile -p acme\n")),
    Case(
        id="with-bytecode",
        package=ships(
            f"{SITE}/till.py",
            files={
                **pair(f"{SITE}/__init__.py"),
                cached(f"{SITE}/till.py"): pyc(f"{SITE}/till.py", "x = 1\n"),
            },
        ),
        kind=Kind.RPM,
    ),
    Case(id="program", package=ships("/usr/bin/till.py", "pkgtools-runtime")),
    Case(id="settings", package=ships(f"{PRIVATE}/settings.py", "pkgtools-runtime")),
    Case(id="data", package=ships(f"{PUBLIC}/acme/till.json", "pkgtools-runtime")),
    Case(id="uncompiled", package=ships(LINK)),
]
