# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Requirements and dependencies."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case

INFO = f"{PUBLIC}/acme-1.0.dist-info/METADATA"
SITE = "/usr/lib/python3.11/site-packages/acme-1.0.dist-info/METADATA"


def ships(depends: str, *requires: str, path: str = INFO, recommends: str = "", ships: str = "") -> SamplePackage:
    lines = ("Metadata-Version: 2.1", "Name: acme", "Version: 1.0", *(f"Requires-Dist: {one}" for one in requires))
    fields = {"Depends": depends, "Recommends": recommends} if path != SITE else {"Requires": depends}
    files = {f"{PUBLIC}/acme/__init__.py": "", path: "\n".join((*lines, "", "Requires-Dist: words", ""))}
    return SamplePackage(
        name="python3-acme",
        files={**files, **({ships: ""} if ships else {})},
        fields={name: value for name, value in fields.items() if value},
    )


def of_family(depends: str, *requires: str) -> SamplePackage:
    """Return a package of those that are called otherwise than their distributions, all in one way."""
    path = f"{PUBLIC}/trytond_sale-7.0.13.egg-info/PKG-INFO"
    lines = ("Metadata-Version: 2.1", "Name: trytond_sale", *(f"Requires-Dist: {one}" for one in requires), "")
    files: dict[str, str | bytes] = {f"{PUBLIC}/trytond/modules/sale/__init__.py": "", path: "\n".join(lines)}
    return SamplePackage(name="tryton-modules-sale", files=files, fields={"Depends": depends})


FAMILY = f"{PUBLIC}/trytond_sale-7.0.13.egg-info/PKG-INFO"
TRIPS = [
    Case(
        id="family-without-one",
        package=of_family("python3:any, tryton-modules-account (>= 7.0)", "trytond_account<7.1", "trytond_party"),
        hits=((FAMILY, None),),
    ),
    Case(id="missing", package=ships("python3:any", "requests>=2"), hits=((INFO, None),)),
    Case(
        id="one-of-several",
        package=ships("python3-packaging, python3-pathspec (>= 0.10)", "packaging", "editables", "pathspec~=0.10"),
        hits=((INFO, None),),
    ),
    Case(id="with-extra", package=ships("python3:any, libc6", "requests[socks]"), hits=((INFO, None),)),
    Case(
        id="rpm",
        package=ships("python3.11dist(attrs), python(abi) = 3.11", "attrs", "requests", path=SITE),
        kind=Kind.RPM,
        hits=((SITE, None),),
    ),
    Case(
        id="egg-info",
        package=ships("python3:any", "requests", path=f"{PUBLIC}/acme.egg-info/PKG-INFO"),
        hits=((f"{PUBLIC}/acme.egg-info/PKG-INFO", None),),
    ),
]
SPARES = [
    Case(
        id="family",
        package=of_family(
            "python3:any, tryton-modules-account (>= 7.0), tryton-modules-account-invoice, tryton-server",
            "trytond_account<7.1,>=7.0",
            "trytond_account_invoice",
            "trytond<7.1",
        ),
    ),
    Case(id="same", package=ships("python3-requests (>= 2.28), python3:any", "requests>=2")),
    Case(id="alike", package=ships("python3-yaml, python3-pycryptodome", "PyYAML", "pycryptodomex")),
    Case(id="called-otherwise", package=ships("python3-bs4, python3-fitz", "beautifulsoup4", "pymupdf")),
    Case(id="alternative", package=ships("python3-chardet | python3-charset-normalizer", "charset_normalizer")),
    Case(id="recommended", package=ships("python3", "requests", recommends="python3-requests")),
    Case(id="optional", package=ships("python3", 'requests; extra == "net"', 'colorama; sys_platform == "win32"')),
    Case(id="in-the-standard-library", package=ships("python3", "dataclasses", "setuptools", "tzdata")),
    Case(id="its-own-module", package=ships("python3", "requests", ships=f"{PUBLIC}/requests/__init__.py")),
    Case(id="its-own-distribution", package=ships("python3", "acme[all]")),
    Case(id="broken", package=ships("python3", "requests >> 2 (")),
    Case(
        id="rpm",
        package=ships(
            "python3.11dist(requests) >= 2, (python3dist(attrs) with python3dist(attrs))",
            "requests",
            "attrs",
            path=SITE,
        ),
        kind=Kind.RPM,
    ),
    Case(id="vendored", package=ships("python3", "requests", path=f"{PUBLIC}/acme/_vendor/a.dist-info/METADATA")),
]
