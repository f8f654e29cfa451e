# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The scenarios: which files, in which state, who takes part, and what we want to reach."""

from dataclasses import dataclass
from enum import Enum

from benchmarks import contenders as who
from benchmarks.contenders import Contender
from benchmarks.corpus import Corpus


class State(Enum):
    """What a round finds."""

    COLD = "cold"
    NOTHING_TO_DO = "nothing to do"
    ONE_CHANGED = "one file changed"
    METADATA = "beside them the metadata of 60 distributions, which rpmbuild asks for dependencies"


class Place(Enum):
    """Where the files lie."""

    TMPFS = "tmpfs"
    DISK = "disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the ratio of two contenders' wall times should be."""

    dividend: Contender
    divisor: Contender
    at_least: float | None = None
    at_most: float | None = None
    divide_by_processors: bool = False
    """The divisor is a single process's time, which a perfect run shares among the processors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One table of the report."""

    name: str
    corpus: Corpus
    state: State
    place: Place
    contenders: tuple[Contender, ...]
    """The first one is ours; the others are compared with it."""
    levels: tuple[int, ...] = (0,)
    targets: tuple[Target, ...] = ()


def _at_least(dividend: Contender, ratio: float, divisor: Contender = who.PKGTOOLS) -> Target:
    return Target(dividend=dividend, divisor=divisor, at_least=ratio)


_COLD = (who.PKGTOOLS, who.PY3COMPILE, who.COMPILEALL_2, who.UV, who.ONE_PROCESS)
_DURABLE = (who.PKGTOOLS, who.COMPILEALL_2, who.UV)
_WARM = (who.PKGTOOLS, who.PY3COMPILE, who.COMPILEALL, who.COMPILEALL_2, who.C_WALK)
_CHANGED = (who.PKGTOOLS, who.PY3COMPILE, who.COMPILEALL)
_FLOOR = Target(
    dividend=who.PKGTOOLS,
    divisor=who.ONE_PROCESS,
    at_most=1.16,
    divide_by_processors=True,
)
_WALK = Target(
    dividend=who.PKGTOOLS,
    divisor=who.C_WALK,
    at_most=1.6,
)

_DURABILITY = Target(dividend=who.PKGTOOLS, divisor=who.NOT_DURABLE, at_most=1.1)
_MEDIUM = (
    _at_least(who.UV, 1.1),
    _at_least(who.COMPILEALL_2, 1.4),
)
_SMALL = (_at_least(who.COMPILEALL, 1.4), _at_least(who.UV, 1.2))


def _scenario(
    name: str,
    corpus: Corpus,
    state: State,
    participants: tuple[Contender, ...],
    *targets: Target,
    place: Place = Place.TMPFS,
    levels: tuple[int, ...] = (0,),
) -> Scenario:
    return Scenario(
        name=name,
        corpus=corpus,
        state=state,
        place=place,
        contenders=participants,
        levels=levels,
        targets=targets,
    )


SCENARIOS = (
    _scenario(
        "cold-huge",
        Corpus.HUGE,
        State.COLD,
        _COLD,
        _FLOOR,
        _at_least(who.PY3COMPILE, 1.85),
        _at_least(who.COMPILEALL_2, 1.15),
        _at_least(who.UV, 1.03),
    ),
    _scenario("cold-large", Corpus.LARGE, State.COLD, _COLD),
    _scenario("cold-large-disk", Corpus.LARGE, State.COLD, _DURABLE, place=Place.DISK),
    _scenario(
        "cold-medium",
        Corpus.MEDIUM,
        State.COLD,
        (*_COLD, who.COMPILEALL),
        _at_least(who.PY3COMPILE, 2.2),
        *_MEDIUM,
    ),
    _scenario(
        "cold-medium-disk",
        Corpus.MEDIUM,
        State.COLD,
        _COLD[:-1],
        _at_least(who.PY3COMPILE, 2.0),
        *_MEDIUM,
        place=Place.DISK,
    ),
    _scenario(
        "cold-small",
        Corpus.SMALL,
        State.COLD,
        (*_COLD, who.COMPILEALL),
        _at_least(who.PY3COMPILE, 3.5),
        *_SMALL,
    ),
    _scenario(
        "durability-disk",
        Corpus.MEDIUM,
        State.COLD,
        (who.PKGTOOLS, who.NOT_DURABLE),
        _DURABILITY,
        place=Place.DISK,
    ),
    _scenario(
        "cold-small-disk",
        Corpus.SMALL,
        State.COLD,
        (*_COLD[:-1], who.COMPILEALL),
        _at_least(who.PY3COMPILE, 3.0),
        *_SMALL,
        place=Place.DISK,
    ),
    _scenario("noop-large", Corpus.LARGE, State.NOTHING_TO_DO, _WARM, _WALK),
    _scenario("noop-large-disk", Corpus.LARGE, State.NOTHING_TO_DO, _CHANGED, place=Place.DISK),
    _scenario("noop-medium", Corpus.MEDIUM, State.NOTHING_TO_DO, _WARM),
    _scenario("noop-small", Corpus.SMALL, State.NOTHING_TO_DO, _WARM),
    _scenario("changed-large", Corpus.LARGE, State.ONE_CHANGED, _CHANGED),
    _scenario("changed-large-disk", Corpus.LARGE, State.ONE_CHANGED, _CHANGED, place=Place.DISK),
    _scenario(
        "levels",
        Corpus.MEDIUM,
        State.COLD,
        (who.PKGTOOLS, who.COMPILEALL, who.COMPILEALL_2),
        _at_least(who.COMPILEALL, 2.3),
        levels=(0, 1, 2),
    ),
    _scenario(
        "hundred",
        Corpus.HUNDRED,
        State.COLD,
        (who.PKGTOOLS, who.PY3COMPILE, who.COMPILEALL_2),
        _at_least(who.PY3COMPILE, 5),
    ),
    _scenario(
        "distdeps",
        Corpus.SMALL,
        State.METADATA,
        (who.DISTDEPS, who.THEIR_DISTDEPS),
        _at_least(who.THEIR_DISTDEPS, 20, who.DISTDEPS),
    ),
)
