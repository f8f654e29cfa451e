# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""undeclared-version: modules or bytecode for a version of Python that the package doesn't ask for."""

from __future__ import annotations

from posixpath import dirname
from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import version_served
from pkgtools.check.rule import PACKED, Hit, rule
from pkgtools.model.finding import Page, Severity
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.policy.version_range import ANY_VERSION
from pkgtools.runtime.pythons import CPYTHON_TAG, tag_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "Modules lie in the directory of one version of Python, or the tag of a shipped pyc stands for one, that the "
        "package's dependencies leave out."
    ),
    why=(
        "The interpreter that gets installed with the package searches another directory, and looks for another name: "
        "it doesn't find the modules, or finds no bytecode and compiles at run time."
    ),
    example="Requires: python(abi) = 3.11, and /usr/lib/python3.9/site-packages/acme.py or m.cpython-39.pyc",
    fix=(
        "Build with the interpreter that the package depends on; don't let tests of other versions leave their caches "
        "in the tree."
    ),
    references=("PEP 3147",),
)


@rule(title="for a version of Python that isn't asked for", severity=Severity.WARNING, kinds=PACKED, page=_PAGE)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for each directory of modules, and for each directory and version of bytecode."""
    if subject.python == ANY_VERSION:
        return
    bases = {base for file in subject.modules if (base := third_party_base(file.path))}
    for base in sorted(bases):
        served = version_served(f"{base}/")
        if served is not None and served not in subject.python:
            text = f"only Python {served[0]}.{served[1]} searches here, which the dependencies leave out"
            yield Hit(text=text, path=base, severity=Severity.ERROR)
    seen = set()
    for pyc in subject.cached:
        # what dependencies say of python3 they don't say of PyPy
        version = tag_version(pyc.name.tag) if pyc.name and pyc.name.tag.startswith(CPYTHON_TAG) else None
        place = (dirname(pyc.file.path), version)
        if version is not None and version not in subject.python and place not in seen:
            seen.add(place)
            text = f"bytecode for Python {version[0]}.{version[1]}, which the dependencies leave out"
            yield Hit(text=text, path=pyc.file.path)
