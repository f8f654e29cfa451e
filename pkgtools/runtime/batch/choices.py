# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: which names in a cache directory a batch removes."""

from __future__ import annotations

from pkgtools.runtime.clean.plan import made_here
from pkgtools.runtime.facts import Reason
from pkgtools.runtime.policy.layout import parse_pyc_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pkgtools.runtime.clean.observe import ObservedPlace
    from pkgtools.runtime.clean.plan import Choose


def made_of_stems(one: ObservedPlace) -> Callable[[str], Reason | None]:
    """Choose what we made of the place's stems, and what is left of those whose source is gone."""
    made = made_here(one)

    def reason_for(name: str) -> Reason | None:
        found = parse_pyc_name(name)
        return None if found is not None and found.stem not in one.place.stems else made(name)

    return reason_for


def or_of_levels(choose: Choose, levels: frozenset[str]) -> Choose:
    """Choose what `choose` does, and what we made for some optimization levels, as these stand in names of pycs."""

    def chosen(one: ObservedPlace) -> Callable[[str], Reason | None]:
        reason_without = choose(one)

        def reason_for(name: str) -> Reason | None:
            found = parse_pyc_name(name) if levels and name in one.made_here else None
            reason = reason_without(name)
            return Reason.UNWANTED_LEVEL if reason is None and found is not None and found.level in levels else reason

        return reason_for

    return chosen


def made_and_left(one: ObservedPlace) -> Callable[[str], Reason | None]:
    """Choose what we made, but of the place's stems, which their package cleans; and what has lost its source."""
    made, kept = made_here(one), one.place.stems & one.sources

    def reason_for(name: str) -> Reason | None:
        found = parse_pyc_name(name)
        return None if found is not None and found.stem in kept else made(name)

    return reason_for
