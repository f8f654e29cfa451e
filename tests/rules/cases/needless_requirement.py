# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""Conditions that never hold, and dependencies."""

from __future__ import annotations

from pkgtools.model.package import Kind
from tests.lab.debs import Files, SamplePackage
from tests.rules.bytecode import PUBLIC
from tests.rules.case import Case
from tests.rules.cases.missing_requirement import INFO, SITE, ships

WINDOWS = 'colorama; sys_platform == "win32"'
OLD = "importlib-metadata>=1; python_version < '3.8'"
EGG = f"{PUBLIC}/acme-1.0.egg-info"
OF_EGG: Files = {
    f"{EGG}/PKG-INFO": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    f"{EGG}/requires.txt": '\n[:platform_system == "Windows"]\ncolorama\n',
}
"""dh_python3 takes out of requires.txt what it has made a dependency of: what is left says nothing."""
TRIPS = [
    Case(id="another-system", package=ships("python3-colorama, python3:any", WINDOWS), hits=((INFO, None),)),
    Case(
        id="older-interpreter",
        package=ships("python3 (>= 3.9~), python3-importlib-metadata (>= 1)", OLD),
        hits=((INFO, None),),
    ),
    Case(
        id="two-conditions",
        package=ships("python3 (>= 3.9~), python3-colorama", WINDOWS, "colorama; python_full_version < '3.8.1'"),
        count=2,
    ),
    Case(
        id="another-implementation",
        package=ships("python3-pyreadline, python3:any", 'pyreadline; platform_python_implementation == "IronPython"'),
        hits=((INFO, None),),
    ),
    Case(
        id="rpm",
        package=ships("python3-colorama, python(abi) = 3.11", 'colorama ; (os_name=="nt")', path=SITE),
        kind=Kind.RPM,
        hits=((SITE, None),),
    ),
]
SPARES = [
    Case(
        id="egg-info",
        package=SamplePackage(name="python3-acme", files=OF_EGG, fields={"Depends": "python3-colorama, python3:any"}),
    ),
    Case(
        id="more-than-is-kept",
        package=ships("python3-colorama", WINDOWS, *(f"a{number}; python_version > '3'" for number in range(100))),
    ),
    Case(id="not-asked-for", package=ships("python3:any", WINDOWS)),
    Case(id="recommended", package=ships("python3:any", WINDOWS, recommends="python3-colorama")),
    Case(id="alternative", package=ships("python3-colorama | python3-colorlog", WINDOWS)),
    Case(id="required-elsewhere", package=ships("python3-colorama", WINDOWS, "colorama")),
    Case(id="extra", package=ships("python3-colorama", WINDOWS, 'colorama; extra == "colour"')),
    Case(id="machine", package=ships("python3-acme-fast", 'acme-fast; platform_machine == "riscv64"')),
    Case(id="any-interpreter", package=ships("python3:any, python3-importlib-metadata", OLD)),
    Case(id="holds", package=ships("python3:any, python3-colorama", 'colorama; sys_platform != "win32"')),
    Case(
        id="pypy",
        package=ships("python3-greenlet", 'greenlet; platform_python_implementation == "PyPy"'),
    ),
    Case(id="broken", package=ships("python3-colorama", 'colorama; sys_platform === "win32" and')),
    Case(id="without-conditions", package=ships("python3-colorama", "requests")),
]
