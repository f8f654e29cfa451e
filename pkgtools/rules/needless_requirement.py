# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""needless-requirement: a dependency on what the metadata require on other systems or older interpreters alone."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING

from pkgtools.bytecode.fitting import Fitting
from pkgtools.bytecode.metadata import MOST_KEPT
from pkgtools.check.distribution_names import CALLED, core_of, is_public_metadata, names_in
from pkgtools.check.rule import PACKED, Hit, rule
from pkgtools.model.distribution import DistributionFacts
from pkgtools.model.finding import Confidence, Page, Persona, Severity
from pkgtools.runtime.pythons import CPYTHON, PYPY, RELEASED_MAGICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.check.subject import Subject
    from pkgtools.runtime.facts import InstalledPath
    from pkgtools.runtime.pythons import PythonVersion


_PAGE = Page(
    what=(
        "A package depends on another for a distribution that its metadata require under a condition, which "
        "can't hold on Linux for an interpreter that the package is for."
    ),
    why=(
        "Everybody installs what nothing imports: a backport of what the standard library has, or help for the "
        "terminal of another system. Helpers that pass over conditions write such dependencies. Those written by hand "
        "stay when the lowest version of Python rises.\n\n"
        "A program may import it all the same without its metadata saying so, which is why this is for auditors."
    ),
    example='Requires-Dist: colorama; sys_platform == "win32"\n\nDepends: python3-colorama, python3:any',
    fix=(
        "See whether a module imports it without a condition; if none does, drop the dependency, or let dh_pkgtools "
        "write it, which evaluates conditions."
    ),
    references=("dh_pkgtools(1)", "PEP 508"),
)
_OTHERS = ("extra", "platform_machine", "platform_release", "platform_version")
"""What a condition may name that is not the same wherever the package is installed."""


@rule(
    title="dependency that no condition asks for",
    severity=Severity.INFO,
    confidence=Confidence.LOW,
    persona=Persona.AUDITOR,
    kinds=PACKED,
    page=_PAGE,
)
def find(subject: Subject) -> Iterator[Hit]:
    """Yield one hit for each condition of public metadata that never holds, where the package depends on it anyway."""
    told = {
        file.path: file.facts
        for file in subject.package.files
        if isinstance(file.facts, DistributionFacts) and is_public_metadata(file.path)
    }
    if not any(facts.conditional for facts in told.values()):
        return
    if any(len(some) == MOST_KEPT for facts in told.values() for some in (facts.requires, facts.conditional)):
        return  # there may be more
    asked = {core_of(name): name for one in subject.package.dependencies if "|" not in one for name in names_in(one)}
    fitting = Fitting(subject.package)
    never: list[tuple[InstalledPath, str, str]] = []
    needed: set[str] = set()
    for path, facts in told.items():
        versions = [version for version in RELEASED_MAGICS if fitting.fits(path, version)]
        for name, condition in _required(facts):
            if not versions or _may_hold(condition, versions):
                needed.add(name)
            else:
                never.append((path, name, condition))
    for path, name, condition in never:
        if name in asked and name not in needed:
            yield Hit(text=f"{asked[name]} is for what it requires if {condition}, which never holds here", path=path)


def _required(facts: DistributionFacts) -> Iterator[tuple[str, str]]:
    """Yield the own name of what is required, and the condition, which is empty if there is none."""
    from packaging.utils import canonicalize_name  # noqa: PLC0415 - 15 ms, which few packages cost

    from pkgtools.model.pep508 import RequirementError, read_requirement  # noqa: PLC0415 - as above

    for text in (*facts.requires, *facts.conditional):
        with suppress(RequirementError):
            requirement = read_requirement(text)
            name = canonicalize_name(requirement.name)
            yield core_of(CALLED.get(name, name)), str(requirement.marker or "")


def _may_hold(condition: str, versions: Iterable[PythonVersion]) -> bool:
    """Whether a condition holds somewhere on Linux for one of some versions; what isn't known may hold."""
    from pkgtools.model.pep508 import RequirementError, holds, read_marker  # noqa: PLC0415 - as above

    if not condition or any(name in condition for name in _OTHERS):
        return True
    try:
        marker = read_marker(condition)
        return any(holds(marker, one) for version in versions for one in _environments(version))
    except RequirementError:
        return True


def _environments(version: PythonVersion) -> Iterator[dict[str, str]]:
    short = f"{version[0]}.{version[1]}"
    for kind, patch in product((CPYTHON, PYPY), ("0", "99")):
        yield {
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "python_version": short,
            "python_full_version": f"{short}.{patch}",
            "implementation_name": kind.name,
            "implementation_version": f"{short}.{patch}",
            "platform_python_implementation": kind.title,
            "extra": "",
        }
