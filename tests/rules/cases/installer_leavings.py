# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Files that an installer leaves beside metadata."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC, cached, pair
from tests.rules.case import Case

SITE = "/usr/lib/python3.11/site-packages"
METADATA = "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n"
MODULE = "acme/__init__.py"


def dist_info(base: str = PUBLIC, name: str = "acme-1.0", **contents: str) -> dict[str, str | bytes]:
    named = {key.replace("url", "direct_url.json"): text for key, text in contents.items()}
    return {f"{base}/{name}.dist-info/{file}": text for file, text in {"METADATA": METADATA, **named}.items()}


def ships(*parts: dict[str, str | bytes], base: str = PUBLIC) -> SamplePackage:
    files: dict[str, str | bytes] = {f"{base}/{MODULE}": ""}
    for part in parts:
        files |= part
    return SamplePackage(name="acme", files=files)


def record(*paths: str) -> str:
    return "".join(f"{path},sha256=x,1\n" for path in (MODULE, "acme-1.0.dist-info/RECORD", *paths))


PYC = "acme/__pycache__/__init__.cpython-311.pyc"
BUILD = '{"dir_info": {}, "url": "file:///build/acme-1.0"}'
INFO = f"{PUBLIC}/acme-1.0.dist-info"
TRIPS = [
    Case(
        id="pip",
        package=ships(dist_info(INSTALLER="pip\n", REQUESTED="")),
        hits=((f"{INFO}/INSTALLER", None), (f"{INFO}/REQUESTED", None)),
        severity=Severity.INFO,
    ),
    Case(
        id="many-distributions",
        package=ships(dist_info(INSTALLER="uv"), dist_info(name="till-1", INSTALLER="pip\n")),
        hits=((f"{INFO}/INSTALLER", None),),
    ),
    Case(
        id="record",
        package=ships(dist_info(RECORD=record(PYC, '"acme/__pycache__/a,b.cpython-311.pyc"'))),
        hits=((f"{INFO}/RECORD", None),),
        severity=Severity.WARNING,
    ),
    Case(
        id="built-from",
        package=ships(dist_info(SITE, url=BUILD), base=SITE),
        kind=Kind.RPM,
        hits=((f"{SITE}/acme-1.0.dist-info/direct_url.json", None),),
        severity=Severity.WARNING,
    ),
    Case(id="tree", package=ships(dist_info(url=BUILD)), kind=Kind.TREE, hits=((f"{INFO}/direct_url.json", None),)),
]
VENV = "/opt/acme/lib/python3.11/site-packages"
SPARES = [
    Case(id="metadata-alone", package=ships(dist_info())),
    Case(id="the-package-manager", package=ships(dist_info(INSTALLER="debian\n"))),
    Case(id="a-build-backend", package=ships(dist_info(INSTALLER="flit"))),
    Case(id="record-of-what-is-there", package=ships(dist_info(RECORD=record()))),
    Case(
        id="record-of-shipped-bytecode",
        package=SamplePackage(
            name="acme",
            files={
                **pair(f"{SITE}/{MODULE}"),
                **dist_info(SITE, RECORD=record(cached(MODULE), "../../../bin/acme")),
            },
        ),
        kind=Kind.RPM,
    ),
    Case(id="from-the-network", package=ships(dist_info(url='{"url": "https://example.org/acme.tar.gz"}'))),
    Case(id="damaged", package=ships(dist_info(url="[", RECORD="\x00\n", INSTALLER="\udcff"))),
    Case(id="list", package=ships(dist_info(url="[]", RECORD=""))),
    Case(
        id="vendored",
        package=ships({f"{PUBLIC}/acme/_vendor/till-1.dist-info/INSTALLER": "pip\n"}),
    ),
    Case(id="elsewhere", package=ships({"/usr/share/acme/till-1.dist-info/INSTALLER": "pip\n"})),
    Case(id="alpine", package=ships(dist_info(SITE, RECORD=record(PYC)), base=SITE), kind=Kind.APK),
]
