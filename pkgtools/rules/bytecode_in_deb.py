# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""bytecode-in-deb: a .deb that ships caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import Family, Kind

from .rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what="A Debian package ships cache directories with bytecode.",
    why=(
        "Debian compiles at installation, for each interpreter that is there: shipped pycs are for one "
        "version, stale where times differ, and lost files to dpkg when py3clean removes them. Debian's "
        "policy for Python forbids them."
    ),
    example="./usr/lib/python3/dist-packages/__pycache__/acme.cpython-311.pyc",
    fix=(
        "Remove them at build (`find debian -name __pycache__ -prune -exec rm -rf {} +`; dh_python3 and "
        "dh_pkgtools do), and have them made at installation. A vendor who ships bytecode on purpose ignores "
        "this rule in the manifest."
    ),
    references=(
        "Debian Python Policy, 'Module Byte-Compilation'",
        "lintian: package-installs-python-pycache-dir",
    ),
)


def find(subject: Subject) -> Iterator[Hit]:
    """Yield each cache directory of a Debian package."""
    if subject.package.family is Family.DPKG:
        for path in subject.caches:
            number = sum(pyc.file.path.startswith(f"{path}/") for pyc in subject.cached)
            yield Hit(text=f"is shipped, with {number} pycs", path=path)


RULE = Rule(
    facts=RuleFacts(
        id="bytecode-in-deb",
        title="caches in a .deb",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=frozenset({Kind.DEB, Kind.TREE}),
    find=find,
)
