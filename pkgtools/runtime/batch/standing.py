# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what batches reported and that was not put right since.

It is not reported again, and stays in the report of each batch.
"""

from __future__ import annotations

from pkgtools.runtime.complaints import is_complaint
from pkgtools.runtime.facts import InstalledPath, Outcome, Reason, Status
from pkgtools.runtime.policy.sources import lies_in
from pkgtools.runtime.system.access import AS_OWNER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_NO_OPTION = "have its package call pkgtools-compile --as-owner instead of registering the directory"


def told_by(rows: Iterable[tuple[str, ...]]) -> tuple[Outcome, ...]:
    """Return outcomes from the fields that were recorded. Raises ValueError."""
    return tuple(
        Outcome(
            Status(status),
            Reason(reason),
            InstalledPath(path),
            InstalledPath(source) if source else None,
            InstalledPath(interpreter) if interpreter else None,
            int(level) if level else None,
            detail=detail,
        )
        for status, reason, path, source, interpreter, level, detail in rows
    )


def rows_of(outcomes: Iterable[Outcome]) -> frozenset[tuple[str, ...]]:
    """Return the fields to record."""
    return frozenset(
        (
            one.status.value,
            one.reason.value,
            one.path,
            one.source or "",
            one.interpreter or "",
            "" if one.level is None else str(one.level),
            one.detail,
        )
        for one in outcomes
    )


def complaints_in(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return what people are told of a batch, but for what is about this batch alone."""
    return [one for one in outcomes if is_complaint(one) and one.reason is not Reason.LOST_RECORD]


def still_standing(told: Iterable[Outcome], looked_at: frozenset[str]) -> tuple[Outcome, ...]:
    """Return what was told of modules that a batch has not looked at: of the others it knows better."""
    return tuple(one for one in told if one.source is not None and not lies_in(one.source, looked_at))


def for_a_batch(outcome: Outcome) -> Outcome:
    """Give advice that can be followed: a batch has no option to work as the owner of a directory."""
    return outcome._replace(detail=outcome.detail.replace(AS_OWNER, _NO_OPTION))
