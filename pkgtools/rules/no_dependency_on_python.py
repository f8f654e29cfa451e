# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""no-dependency-on-python: modules in a package that doesn't depend on any Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.check.rule import PACKED, Hit, rule
from pkgtools.model.finding import Confidence, Page, Severity
from pkgtools.model.package import PackageManager, ProgramFacts
from pkgtools.runtime.policy.layout import third_party_base
from pkgtools.runtime.pythons import CPYTHON_STEM, SHARED_NAME, STEMS
from pkgtools.runtime.system.interpreters import BIN
from pkgtools.shell.compilers import depends_on_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=("A package ships public modules, or a program that python3 runs, and depends on no package of Python's."),
    why=(
        "Without the interpreter the modules are of no use, and the maintainer scripts find no tool to "
        "compile them; when the interpreter comes later, they stay uncompiled."
    ),
    example=("Package: python3-acme\nDepends: libc6"),
    fix=(
        "Depend on `python3` (`${python3:Depends}`, `${pkgtools:Depends}`) or `python(abi) = 3.X`, which "
        "helpers and generators do by themselves."
    ),
    references=(
        "Debian Python Policy, 'Dependencies'",
        "https://docs.fedoraproject.org/en-US/packaging-guidelines/Python/",
    ),
)


_PYTHON = re.compile(
    rf"(?:so:|cmd:)?(?:lib)?(?:{STEMS})[\d.]*(?:[^\w.].*|-.*|-)?|/usr/bin/(?:{STEMS})\S*.*|{CPYTHON_STEM}\(abi\).*"
    r"|so:libpython.*|py3[-.].*",
    re.DOTALL,
)
"""Alpine's packages are called py3-NAME, and provide `py3.12:NAME`."""
_PROGRAM = re.compile(r"/usr/s?bin/[^/]+")
_LINE = re.compile(rf"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:{SHARED_NAME}|{CPYTHON_STEM})\b".encode())


@rule(
    title="modules without an interpreter",
    severity=Severity.ERROR,
    confidence=Confidence.MEDIUM,
    kinds=PACKED,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for a package that needs Python and doesn't say so."""
    package = subject.package
    if _names_python(package.dependencies) or depends_on_runtime(package) or _is_python(subject):
        return
    for file in subject.modules:
        if third_party_base(file.path):
            yield Hit(text="is a public module, and the package depends on no Python", path=file.path)
            return
    if _names_python(package.recommendations):
        return  # a program beside what the package is for
    for file in package.files:
        if (
            _PROGRAM.fullmatch(file.path)
            and isinstance(file.facts, ProgramFacts)
            and _LINE.match(file.facts.first_line)
        ):
            yield Hit(text="is run by python3, and the package depends on no Python", path=file.path)
            return


def _names_python(dependencies: tuple[str, ...]) -> bool:
    return any(_PYTHON.fullmatch(one.strip()) for dependency in dependencies for one in dependency.split("|"))


def _is_python(subject: Subject) -> bool:
    return subject.package.family is PackageManager.UNKNOWN or any(
        path.startswith(f"{BIN}/{SHARED_NAME}") for path in subject.files
    )
