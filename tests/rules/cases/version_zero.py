# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Versions that build tools make up."""

from __future__ import annotations

from pkgtools.model.finding import Severity
from pkgtools.model.package import Kind
from tests.lab.debs import SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case

INFO = f"{PUBLIC}/acme.egg-info/PKG-INFO"


def ships(
    told: str, version: str, path: str = INFO, *, name: str = "python3-acme", distribution: str = "acme"
) -> SamplePackage:
    metadata = f"Metadata-Version: 2.1\nName: {distribution}\n{told}\n\nVersion: 0.0.0 is what bad builds say.\n"
    return SamplePackage(name=name, version=version, files={f"{PUBLIC}/acme/__init__.py": "", path: metadata})


def trips(name: str, told: str, version: str = "1.4-2") -> Case:
    return Case(id=name, package=ships(f"Version: {told}", version), hits=((INFO, None),), severity=Severity.WARNING)


def spares(name: str, told: str, version: str) -> Case:
    return Case(id=name, package=ships(f"Version: {told}", version))


SITE = "/usr/lib/python3.11/site-packages/acme-0.0.0.dist-info/METADATA"
ONE_FILE = f"{PUBLIC}/acme-0.0.0.egg-info"
VENDORED = f"{PUBLIC}/acme/_vendor/till-0.dist-info/METADATA"
TRIPS = [
    trips("setuptools", "0.0.0"),
    trips("bare", "0"),
    trips("versioneer", "0+unknown"),
    trips("scm", "0.1.dev0+d20230101"),
    trips("scm-with-a-commit", "0.1.dev1+gabcdef0.d20230101"),
    trips("unknown", "UNKNOWN", "2:0.9+dfsg-1"),
    trips("small-release", "0.0.0", "0.0.13-1"),
    Case(
        id="another-distribution",
        package=ships("Version: 0", "1.4-2", distribution="specan"),
        hits=((INFO, None),),
        severity=Severity.INFO,
    ),
    Case(
        id="rpm",
        package=ships("Version: 0.0.0", "1.4", SITE, distribution="Acme"),
        kind=Kind.RPM,
        hits=((SITE, None),),
        severity=Severity.WARNING,
    ),
    Case(id="one-file", package=ships("Version: 0.0.0", "1.4-2", ONE_FILE), hits=((ONE_FILE, None),)),
    Case(id="tree", package=ships("Version: 0.0.0", "1.4-2"), kind=Kind.TREE, hits=((INFO, None),)),
]
SPARES = [
    spares("right", "1.4", "1.4-2"),
    spares("no-release-yet", "0.0.0", "0.0~git20230101.abcdef0-1"),
    spares("nothing-but-a-date-behind-zero", "0", "0~20230101-1"),
    spares("small", "0.1", "0.1-1"),
    spares("development", "0.1.dev3", "0.1~dev3-1"),
    spares("smallest", "0.0.1", "0.0.1-1"),
    spares("other-development", "2.0.dev0", "2.0~git1-1"),
    Case(id="not-said", package=ships("Summary: 0", "1.4-2")),
    Case(id="vendored", package=ships("Version: 0", "1.4-2", VENDORED)),
    Case(id="elsewhere", package=ships("Version: 0", "1.4-2", "/usr/share/acme/acme.egg-info/PKG-INFO")),
]
