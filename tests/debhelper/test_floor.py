# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""No relation is made for a Python that is older than any that systems of a dialect have."""

from __future__ import annotations

import pytest

from pkgtools.debhelper.requirements.markers import Point, VersionSpan
from pkgtools.debhelper.requirements.relations import needed
from pkgtools.debhelper.supported_pythons import Dialect

FLOORS = {Dialect.DEFAULT: 1, Dialect.SUPPORTED: 9, Dialect.SUPPORTED_FIRST: 11}


@pytest.mark.parametrize("dialect", Dialect)
def test_spans_that_end_at_the_floor_are_left_out_and_later_ones_stay(dialect: Dialect) -> None:
    floor = FLOORS[dialect]
    before, behind = (VersionSpan(first=None, end=Point(3, minor, 0)) for minor in (floor, floor + 1))
    assert needed((before, behind), dialect) == (behind,)
    assert (dialect.floor, dialect.oldest) == ((3, floor), (3, floor if dialect is Dialect.DEFAULT else floor - 1))
