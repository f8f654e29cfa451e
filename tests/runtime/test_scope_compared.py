# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT

"""What differs between two batches counts whichever of them has it: what was taken away as what was added."""

from __future__ import annotations

from typing import Any

import pytest

from pkgtools.runtime.batch.known_packages import LastBatch
from pkgtools.runtime.batch.scope import BatchScope, scope_of

SETTINGS = "yes\n0,1\ntimestamp\n/usr/bin/python3"
NOTHING = LastBatch(settings=SETTINGS, tags=frozenset({"cpython-311"}))
ROWS = {
    "exclusions": ("path", "3.11-", "/usr/lib/acme", ""),
    "overrides": ("root", "root", "644", "/usr/lib/acme"),
    "diversions": ("/usr/lib/acme", "/usr/lib/acme.distrib", "other"),
}
FIELDS = {"exclusions": "exclusions", "overrides": "overridden", "diversions": "diverted"}


def _scope(last: LastBatch, now: LastBatch) -> BatchScope:
    return scope_of(last, now, frozenset(), everything=False)


def _with(name: str) -> LastBatch:
    row: dict[str, Any] = {name: frozenset({ROWS[name]})}
    return NOTHING._replace(**row)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("is_added", [True, False], ids=["added", "taken-away"])
def test_a_row_that_only_one_batch_saw_is_looked_at(name: str, is_added: bool) -> None:
    with_row = _with(name)
    scope = _scope(NOTHING, with_row) if is_added else _scope(with_row, NOTHING)
    assert "/usr/lib/acme" in getattr(scope, FIELDS[name])
    assert not scope.is_whole
    assert not scope.is_empty()


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_both_batches_saw_is_not(name: str) -> None:
    same = _with(name)
    assert _scope(same, same).is_empty()


def test_a_tag_that_comes_makes_it_whole_and_one_that_goes_does_not() -> None:
    more = NOTHING._replace(tags=frozenset({"cpython-311", "cpython-313"}))
    assert _scope(more, NOTHING).is_whole
    assert not _scope(NOTHING, more).is_whole


def test_settings_that_differ_make_it_whole_and_name_the_levels_that_went() -> None:
    scope = _scope(NOTHING, NOTHING._replace(settings=SETTINGS.replace("0,1", "1,2")))
    assert scope.is_whole
    assert scope.dropped_levels == {""}
