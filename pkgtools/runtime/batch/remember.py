# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what the next batch may take for done, from what this one saw and what became of it."""

from __future__ import annotations

from pkgtools.runtime.facts import Reason, Status
from pkgtools.runtime.policy.layout import CACHE_DIRECTORY
from pkgtools.runtime.policy.sources import lies_in

from .parts import Part
from .scope import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pkgtools.runtime.facts import Outcome

    from .known_packages import LastBatch

_UNDONE = frozenset({Status.ERROR, Status.REFUSED})
_OF_NO_PLACE = frozenset({Reason.UNKNOWN_OWNER, Reason.NO_WORKER})
"""Faults that say nothing of where: nothing is done then."""
_AGAIN = "again"
"""In the place of an identity: the package is served once more, whatever its file list is by then."""


def is_hopeless(outcomes: Iterable[Outcome]) -> bool:
    """Whether nothing of a batch is to be remembered."""
    return any(one.status is Status.ERROR and one.reason in _OF_NO_PLACE for one in outcomes)


def undone_places(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """Return files and directories that a batch failed at, or that were refused or changed meanwhile."""
    undone = (o for o in outcomes if o.status in _UNDONE or o.reason is Reason.SOURCE_CHANGED)
    return frozenset((one.source or one.path).removesuffix(f"/{CACHE_DIRECTORY}") for one in undone)


def to_remember(last: LastBatch | None, now: LastBatch, again: Iterable[str], undone: frozenset[str]) -> LastBatch:
    """Return what to record of what a batch saw: without what is to be served `again`, or is `undone`.

    A registered directory that was refused counts as not registered yet.
    """
    names = frozenset(again)
    lines = now.packages
    if names:
        lines = lines.difference(line for line in lines if name_of(line) in names).union(
            f"{n}\t{_AGAIN}" for n in names
        )
    known = last.registrations if last else frozenset()
    registrations = (row for row in now.registrations if row in known or not lies_in(row[1], undone))
    return now._replace(packages=lines, registrations=frozenset(registrations))


def failed(parts: Mapping[str, Part], undone: frozenset[str]) -> frozenset[str]:
    """Return the packages that a batch failed at."""
    if not undone:
        return frozenset()
    return frozenset(name for name, part in parts.items() if any(lies_in(path, undone) for path in part.sources))


def both(before: Part, now: Part) -> Part:
    """Return what a package had or has: it is not sure yet that nothing is left of what it had."""
    return Part(tuple({*before.sources, *now.sources}), tuple({*before.drop_ins, *now.drop_ins}))
