# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: how much of a package or system was compared with its sources, and what the rest needs."""

from __future__ import annotations

from collections import Counter
from posixpath import basename
from typing import TYPE_CHECKING

from pkgtools.model.finding import Coverage, Gap
from pkgtools.model.package import CodeMatch, Kind, Obstacle, PycFacts, SourceFacts
from pkgtools.readers.system.installed_pythons import python_of
from pkgtools.runtime.policy.layout import parse_pyc_name
from pkgtools.runtime.pythons import tag_version

from .verification import unread_pycs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pkgtools.model.package import File, Package
    from pkgtools.runtime.facts import InstalledPath

_NOT_TAKEN = frozenset({CodeMatch.STALE, CodeMatch.NO_SOURCE})
"""Import doesn't take them, so there is nothing to compare."""
_REASONS = {
    Obstacle.NO_INTERPRETER: "no interpreter of this machine loads them",
    Obstacle.OTHER_RELEASE: "they differ from what another release of their interpreter makes of the sources",
    Obstacle.UNREADABLE: "they or their sources are links, too big, locked, or changed while they were read",
    Obstacle.WORKER: "the interpreter crashed, or took too much time or memory, over their sources",
    Obstacle.NOT_ASKED: "only some of a package's are compared",
}


def coverage_of(package: Package, *, is_required: bool, with_sources: bool = False) -> Coverage | None:
    """Say how much was compared, once `verify_package` was there; None where there was nothing to compare.

    `with_sources`: all sources were to be compiled, too.
    """
    pycs = [(one, one.facts) for one in package.files if isinstance(one.facts, PycFacts)]
    taken = [(one, facts) for one, facts in pycs if facts.match is not None and facts.match not in _NOT_TAKEN]
    left = [(one, facts.obstacle) for one, facts in taken if facts.obstacle is not None]
    compared = len(taken) - len(left)
    left += [(one, Obstacle.UNREADABLE) for one in unread_pycs(package)]
    sources = [one.facts for one in package.files if isinstance(one.facts, SourceFacts)] if with_sources else []
    unfit = sum(one.is_unfit for one in sources)
    unread = unread_paths(package)
    if not (taken or left or with_sources or unread):
        return None
    return Coverage(
        is_required=is_required,
        pycs=compared + len(left),
        compared=compared,
        sources=len(sources) if with_sources else None,
        compiled=len(sources) - unfit,
        gaps=(
            *_gaps(package, left),
            *([_gap_of_sources(unfit)] if unfit else []),
            *([_gap_of_paths(len(unread))] if unread else []),
        ),
    )


def unread_coverage(package: Package) -> Coverage | None:
    """Say what of a system could not be read, where nothing was to be compared; None if all could."""
    number = len(package.unread)
    return Coverage(is_required=True, pycs=0, compared=0, gaps=(_gap_of_paths(number),)) if number else None


def unread_paths(package: Package) -> frozenset[InstalledPath]:
    """Return what could not be read but for modules and bytecode, which are counted by themselves."""
    return package.unread - {file.path for file in package.files if file.is_regular}


def _gaps(package: Package, left: Iterable[tuple[File, Obstacle]]) -> Iterator[Gap]:
    """Yield one gap for each tag, obstacle and, where there are interpreters of their own, release."""
    counts: Counter[tuple[str, Obstacle, str]] = Counter()
    for file, obstacle in left:
        name = parse_pyc_name(basename(file.path))
        tag = name.tag if name else ""
        python = python_of(package.pythons, file.path, tag)
        counts[tag, obstacle, python.release if python else ""] += 1
    for (tag, obstacle, release), number in sorted(counts.items(), key=lambda one: (one[0][0], -one[1])):
        yield Gap(
            what="pycs",
            tag=tag,
            number=number,
            obstacle=obstacle,
            reason=_REASONS[obstacle],
            remedy=_remedy(package, tag, obstacle, release),
        )


def _remedy(package: Package, tag: str, obstacle: Obstacle, release: str) -> str:
    version = tag_version(tag)
    wanted = f"Python {release}" if release else f"Python {version[0]}.{version[1]}" if version else tag
    match obstacle:
        case Obstacle.NO_INTERPRETER | Obstacle.OTHER_RELEASE if package.kind is Kind.ROOT:
            return f"name {wanted} by --python PATH, or run pkgtools where it is"
        case Obstacle.NO_INTERPRETER | Obstacle.OTHER_RELEASE:
            return f"run pkgtools where {wanted} is in /usr/bin, or `pkgtools verify --python PATH` with it"
        case Obstacle.UNREADABLE:
            return "`pkgtools verify --all` lists them; run it as root and while nothing is installed"
        case Obstacle.WORKER:
            return "run it again with --jobs 1, or where there is more memory"
        case _:
            return "--compile compares all"


def _gap_of_sources(number: int) -> Gap:
    return Gap(
        what="sources",
        tag="",
        number=number,
        obstacle=Obstacle.NO_INTERPRETER,
        reason="this machine has no interpreter that they are for, or it failed",
        remedy="run pkgtools where there is one: `pkgtools inspect` shows the versions that the package asks for",
    )


def _gap_of_paths(number: int) -> Gap:
    return Gap(
        what="paths",
        tag="",
        number=number,
        obstacle=Obstacle.UNREADABLE,
        reason="their content is unknown",
        remedy="run it as root; the notes name them",
    )
