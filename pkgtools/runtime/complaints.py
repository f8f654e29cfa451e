# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: what people are told of a run: a line for each cause and directory, and few lines."""

from __future__ import annotations

import os

from .errors import printable
from .facts import InstalledPath, Reason, Status
from .policy.layout import CACHE_DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .facts import Outcome

_LOUD = frozenset({Status.FAILED, Status.ERROR, Status.REFUSED})
_HARMLESS_SKIPS = frozenset(
    {
        *(Reason.EXCLUDED, Reason.NOT_REGISTERED, Reason.NO_SOURCE, Reason.SYMLINK),
        *(Reason.SWITCHED_OFF, Reason.UNSUPPORTED_INTERPRETER),
    }
)
_EVERYWHERE = frozenset(
    {
        *(Reason.READ_ONLY, Reason.NO_SPACE, Reason.NO_PERMISSION),
        *(Reason.NO_WORKER, Reason.UNKNOWN_OWNER, Reason.NOT_SERVED),
    }
)
"""Causes that lie in no single directory."""


def is_complaint(outcome: Outcome) -> bool:
    """Whether people are told of an outcome."""
    if outcome.status is Status.SKIPPED:
        return outcome.reason not in _HARMLESS_SKIPS
    return outcome.status in _LOUD


def line(outcome: Outcome) -> str:
    """Say one outcome in one line; control characters in names are escaped."""
    what = outcome.reason.value if outcome.status in _LOUD else f"{outcome.status.value} ({outcome.reason.value})"
    return _printable(f"{_subject(outcome)}: {what}", outcome.detail)


def by_cause(outcomes: Iterable[Outcome], modules: int) -> list[str]:
    """Return a line for each cause and directory, by path; `modules` is how many were looked at."""
    groups: dict[tuple[object, ...], dict[InstalledPath, Outcome]] = {}
    for one in outcomes:
        subject = _subject(one)
        where = "" if one.reason in _EVERYWHERE else subject.rpartition("/")[0]
        groups.setdefault((one.status, one.reason, one.detail, where), {}).setdefault(subject, one)
    return [_line_of_group(group, modules) for group in groups.values()]


def _line_of_group(group: dict[InstalledPath, Outcome], modules: int) -> str:
    first = next(iter(group.values()))
    if first.reason is Reason.NOT_SERVED:
        text = f"{len(group):,} of {max(modules, len(group)):,} modules {first.detail}; the first is {min(group)}"
        return _printable(text, "")
    if len(group) == 1:
        return line(first)
    what = first.reason.value if first.status in _LOUD else f"{first.status.value} ({first.reason.value})"
    return _printable(f"{_common(group)}: {what}: {len(group):,} files", first.detail)


def _subject(outcome: Outcome) -> InstalledPath:
    return outcome.source if outcome.status is Status.FAILED and outcome.source else outcome.path


def _common(paths: Iterable[InstalledPath]) -> str:
    """Return the directory that all of some paths lie in; a cache directory is a part of the one above it."""
    return os.path.commonpath([path.rpartition("/")[0].removesuffix(f"/{CACHE_DIRECTORY}") or "/" for path in paths])


def _printable(text: str, detail: str) -> str:
    return printable(text + (f": {detail}" if detail else ""))
