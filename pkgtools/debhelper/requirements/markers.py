# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: an environment marker -> for which Python versions it holds (PEP 508).

What can't change on a Debian system is fixed: CPython, Linux, the architecture. The rest is tried out: the marker is
evaluated for all Python versions that could make a difference, and those for which it holds make up intervals.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, product
from typing import TYPE_CHECKING, NamedTuple

from pkgtools.model.pep508 import holds
from pkgtools.runtime.pythons import CPYTHON

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.markers import Marker

    from pkgtools.debhelper.supported_pythons import Minor

_NUMBERS = re.compile(r"(\d+)\.(\d{1,2})(?:\.(\d{1,2}))?(?!\d)", re.ASCII)
_LITERALS = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_FULL = re.compile(r"python_full_version|implementation_version")
_KERNEL = re.compile(r"platform_(?:release|version)")
_SUBSTRING = re.compile(r"\bin\b")
_HIGHEST_MINOR = 30
MACHINES = {
    "alpha": "alpha", "amd64": "x86_64", "arm64": "aarch64", "armel": "armv5tel", "armhf": "armv7l", "hppa": "parisc64",
    "hurd-amd64": "x86_64", "hurd-i386": "i686", "i386": "i686", "loong64": "loongarch64", "m68k": "m68k",
    "mips64el": "mips64", "mipsel": "mips", "powerpc": "ppc", "ppc64": "ppc64", "ppc64el": "ppc64le",
    "riscv64": "riscv64", "s390x": "s390x", "sh4": "sh4a", "sparc64": "sparc64", "x32": "x86_64",
}  # fmt: skip
"""Debian's name of an architecture -> platform_machine there."""


class Point(NamedTuple):
    """A Python release, such as 3.11.2."""

    major: int
    """The first number, as 3."""
    minor: int
    """The second number, as 11."""
    patch: int
    """The third number, as 2; 0 also for the first release of a version."""

    def __str__(self) -> str:
        short = f"{self.major}.{self.minor}"
        return f"{short}.{self.patch}" if self.patch else short

    @property
    def text(self) -> str:
        """Return it as python_full_version has it."""
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSpan:
    """Neighbouring Python releases."""

    first: Point | None
    """None: from the oldest one on."""
    end: Point | None
    """The first one that isn't in it; None: up to the newest one."""

    def has(self, version: Minor) -> bool:
        """Whether a release of a version is among them."""
        begins = self.first is None or self.first[:2] <= version
        return begins and (self.end is None or self.end > (*version, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about the systems that a package is for."""

    machines: tuple[str, ...]
    """platform_machine: one for a package of one architecture, all for an independent one."""
    oldest: Minor
    """No older Python is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerVerdict:
    """When a marker holds."""

    spans: tuple[VersionSpan, ...]
    """Ascending, with releases between them for which it doesn't hold. One without bounds: always. None: never."""
    doubt: str
    """What it depends on that can't be known at build time; the spans are for those systems where it holds."""


def machines(architecture: str, *, independent: bool) -> tuple[str, ...]:
    """Return platform_machine of a Debian architecture, or of all where a package is independent of it."""
    if independent:
        return tuple(dict.fromkeys(MACHINES.values()))
    return (MACHINES.get(architecture, architecture),)


def judge(markers: Iterable[Marker | None], extras: Iterable[str], facts: Facts) -> MarkerVerdict:
    """Find out when all of some markers hold, at least one of the extras being asked for ("": none).

    Raises RequirementError.
    """
    given = [marker for marker in markers if marker is not None]
    if not given:
        return MarkerVerdict(spans=(VersionSpan(first=None, end=None),), doubt="")
    text = " and ".join(map(str, given))
    asked = tuple(extras) if "extra" in text else ("",)
    points = _points(text, facts.oldest)
    answers = [_answers(given, points, system, asked) for system in _systems(text, facts)]
    holding = [any(column) for column in zip(*answers, strict=True)]
    doubt = "" if all(answer == answers[0] for answer in answers) else _doubt(text)
    return MarkerVerdict(spans=tuple(_spans(points, holding)), doubt=doubt)


def _points(text: str, oldest: Minor) -> list[Point]:
    """List the releases that can make a difference: all minor versions, and patches around those of the text."""
    numbers = [tuple(int(part or 0) for part in found) for found in _NUMBERS.findall(text)]
    highest = max([_HIGHEST_MINOR, *(minor for major, minor, _ in numbers if major == oldest.major)])
    highest_patch = max([1, *(patch for _, _, patch in numbers)]) + 1
    if not _FULL.search(text):
        highest_patch = 0
    elif _SUBSTRING.search(text):
        highest_patch = max(highest_patch, _HIGHEST_MINOR)
    following = max([0, *(minor for major, minor, _ in numbers if major == oldest.major + 1)]) + 1
    minors = [(oldest.major, minor) for minor in range(oldest.minor, highest + 2)]
    minors += [(oldest.major + 1, minor) for minor in range(following + 1)]
    near = {(major, minor + step) for major, minor, _ in numbers for step in (-1, 0, 1)}
    everywhere = bool(_SUBSTRING.search(text))
    return [
        Point(*minor, patch)
        for minor in minors
        for patch in range((highest_patch if everywhere or minor in near else min(highest_patch, 1)) + 1)
    ]


def _systems(text: str, facts: Facts) -> Iterator[dict[str, str]]:
    """Yield the environments that a system could have, Python's versions left out."""
    fixed = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_python_implementation": "CPython",
        "implementation_name": CPYTHON.name,
    }
    architectures = facts.machines if "machine" in text else facts.machines[:1]
    kernels = ["0"]
    if _KERNEL.search(text):
        kernels += [*(one or other for one, other in _LITERALS.findall(text)), "999999"]
    for machine, kernel in product(architectures, dict.fromkeys(kernels)):
        yield fixed | {"platform_machine": machine, "platform_release": kernel, "platform_version": kernel}


def _answers(markers: list[Marker], points: list[Point], system: dict[str, str], extras: tuple[str, ...]) -> list[bool]:
    answers = []
    for point in points:
        environment = system | {
            "python_version": f"{point.major}.{point.minor}",
            "python_full_version": point.text,
            "implementation_version": point.text,
        }
        environments = [environment | {"extra": extra} for extra in extras]
        answers.append(any(all(holds(marker, one) for marker in markers) for one in environments))
    return answers


def _spans(points: list[Point], holding: list[bool]) -> Iterator[VersionSpan]:
    position = 0
    for value, group in groupby(holding):
        end = position + len(list(group))
        if value:
            first = points[position] if position else None
            yield VersionSpan(first=first, end=points[end] if end < len(points) else None)
        position = end


def _doubt(text: str) -> str:
    known = [name for name in ("platform_machine", "platform_release", "platform_version") if name in text]
    return " and ".join(known)
