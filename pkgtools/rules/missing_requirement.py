# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""missing-requirement: a distribution requires another, and the package depends on nothing that is called so."""

from __future__ import annotations

import re
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from pkgtools.check.distribution_names import CALLED, core_of, is_public_metadata, names_in
from pkgtools.check.rule import PACKED, Hit, rule
from pkgtools.model.distribution import DistributionFacts
from pkgtools.model.finding import Confidence, Page, Persona, Severity
from pkgtools.runtime.policy.layout import third_party_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pkgtools.check.subject import Subject


_PAGE = Page(
    what=(
        "The metadata of a distribution require another one, under no condition, and no dependency or recommendation "
        "of the package has a name like it."
    ),
    why=(
        "The program ends with ModuleNotFoundError, or its launcher with PackageNotFoundError, on each system where "
        "nothing else brings the requirement. Helpers turn requirements into dependencies; one that they know no "
        "package for is only a line in the build's log.\n\n"
        "Names are compared loosely, for python3-yaml is PyYAML and python3-bs4 is beautifulsoup4. A single package "
        "doesn't say what its dependencies bring in their turn, which is why this is for auditors: see whether one of "
        "them depends on it."
    ),
    example="Requires-Dist: editables>=0.3\n\nDepends: python3-packaging, python3-pathspec, python3:any",
    fix=(
        "Depend on the package that has it, by hand or by `${python3:Depends}` and debian/py3dist-overrides. "
        "If the package works without it, take the requirement out of pyproject.toml with a patch."
    ),
    references=("dh_pkgtools(1)", "dh_python3(1), 'dependencies'", "PEP 508"),
)
_STANDARD_LIBRARY = frozenset(
    {
        *("argparse", "asyncio", "configparser", "contextvars", "dataclasses", "enum34", "futures", "importlib"),
        *("importlib-metadata", "importlib-resources", "mock", "ordereddict", "pathlib", "pathlib2", "pysqlite3"),
        *("tomli", "typing", "typing-extensions", "tzdata", "unittest2", "zipp"),
    }
)
"""What newer versions of Python have themselves or depend on, whatever old metadata say."""
_NEEDLESS = frozenset({"setuptools", "pip", "wheel"})
"""Named by habit: what builds a distribution seldom has to be there when it runs."""
_SHORTEST = 3
"""Characters that a name needs for another one to be like it."""


@rule(
    title="requirement that nothing brings",
    severity=Severity.INFO,
    confidence=Confidence.LOW,
    persona=Persona.AUDITOR,
    kinds=PACKED,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for the metadata of each public distribution, with all requirements that nothing brings."""
    told = {file.path: file.facts for file in subject.package.files if isinstance(file.facts, DistributionFacts)}
    told = {path: facts for path, facts in told.items() if facts.requires and is_public_metadata(path)}
    if not told:
        return
    names = {core_of(name) for name in _names(subject)}
    for path, facts in told.items():
        known = names | {core_of(name) for name in _of_family(subject, facts.name)}
        missing = [name for name in _required(facts) if not _is_like_one(core_of(CALLED.get(name, name)), known)]
        if missing:
            yield Hit(text=f"no dependency is called like {', '.join(missing)}, which it requires", path=path)


def _names(subject: Subject) -> Iterator[str]:
    """Yield the names of dependencies, of the distributions in a package and of its modules."""
    package = subject.package
    yield package.name
    for one in (*package.dependencies, *package.recommendations):
        yield from names_in(one)
    for file in package.files:
        if isinstance(file.facts, DistributionFacts):
            yield file.facts.name
        base = third_party_base(file.path)
        if base in {dirname(file.path), dirname(dirname(file.path))} and file.path.endswith(".py"):
            yield basename(dirname(file.path)) if file.path.endswith("/__init__.py") else basename(file.path)[:-3]


def _of_family(subject: Subject, distribution: str) -> Iterator[str]:
    """Yield the distributions whose packages are called after theirs as this package is after its own.

    tryton-modules-sale has trytond-sale: so tryton-modules-account, which it depends on, has trytond-account.
    """
    theirs, ours = (re.split(r"[-_.]", name.lower()) for name in (distribution, subject.package.name))
    while theirs and ours and theirs[-1] == ours[-1]:
        theirs.pop()
        ours.pop()
    before = f"{'-'.join(ours)}-"
    if theirs and ours:
        for name in (name for one in subject.package.dependencies for name in names_in(one)):
            if name.startswith(before):
                yield "-".join([*theirs, name.removeprefix(before)])


def _required(facts: DistributionFacts) -> Iterator[str]:
    """Yield what is required, by its canonical name."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - 15 ms, which few packages cost

    from pkgtools.model.pep508 import RequirementError, read_requirement  # noqa: PLC0415 - as above

    for text in facts.requires:
        try:
            requirement = read_requirement(text)
        except RequirementError:
            continue
        name = canonicalize_name(requirement.name)
        if name not in _STANDARD_LIBRARY | _NEEDLESS:
            yield name


def _is_like_one(core: str, names: set[str]) -> bool:
    """Whether a name is one of some names, a part of one, or has one as its part."""
    return core in names or any(
        (len(core) >= _SHORTEST and core in other) or (len(other) >= _SHORTEST and other in core) for other in names
    )
