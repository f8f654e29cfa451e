# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""no-dependency-on-python: modules in a package that doesn't depend on any Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pkgtools.model.finding import Confidence, Page, Persona, RuleFacts, Severity
from pkgtools.model.package import Family, ProgramFacts
from pkgtools.runtime.layout import third_party_base

from .compilers import depends_on_runtime
from .rule import PACKED, Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .subject import Subject


_PAGE = Page(
    what=("A package ships public modules, or a program that python3 runs, and depends on no package of Python's."),
    why=(
        "Without the interpreter the modules are of no use, and the maintainer scripts find no tool to "
        "compile them; when the interpreter comes later, nobody compiles them then."
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
    r"(?:lib)?(?:python|pypy)[\d.]*(?:[^\w.].*|-.*|-)?|/usr/bin/(?:python|pypy)\S*.*|python\(abi\).*", re.DOTALL
)
_PROGRAM = re.compile(r"/usr/s?bin/[^/]+")
_LINE = re.compile(rb"#!\s*(?:/usr)?/bin/(?:env\s+)?python3?\b")


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
    return subject.package.family is Family.UNKNOWN or any(
        path.startswith("/usr/bin/python3") for path in subject.files
    )


RULE = Rule(
    facts=RuleFacts(
        id="no-dependency-on-python",
        title="modules without an interpreter",
        severity=Severity.ERROR,
        confidence=Confidence.MEDIUM,
        persona=Persona.MAINTAINER,
        page=_PAGE,
    ),
    kinds=PACKED,
    find=find,
)
