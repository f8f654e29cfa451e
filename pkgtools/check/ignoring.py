# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: accepted findings set apart from those that count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from pkgtools.model.finding import Ignored, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from pkgtools.model.finding import CheckVerdict, Finding
    from pkgtools.model.ignore import Ignore


class _Answer(Enum):
    """What one ignore says to one finding that it covers."""

    ACCEPTED = "accepted"
    EXPIRED = "expired"
    CHANGED = "changed since it was accepted"
    NEEDS_DIGEST = "of severity danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What ignores of a system's findings are held to."""

    today: date
    """The day by which they may have expired."""
    digest_of: Callable[[Finding], str]
    """Returns the digest of what a finding is about, `sha256:...`; empty if it could not be read."""


def ignore_findings(
    verdict: CheckVerdict,
    ignores: Sequence[Ignore],
    terms: Terms | None = None,
    unsure: frozenset[str] = frozenset(),
) -> CheckVerdict:
    """Set the accepted findings apart, and note the ignores that accept nothing, or not any more.

    Without `terms` a maintainer's ignores accept findings of every severity. The rules in `unsure` may have findings in
    what was not looked at.
    """
    about = _Index(ignores)
    said: Counter[tuple[int, _Answer]] = Counter()
    places: dict[tuple[int, _Answer], Finding] = {}
    kept: list[Finding] = []
    ignored: list[Ignored] = []
    for finding in verdict.findings:
        by = None
        for number, one in about.covering(finding):
            answer = _answer(finding, one, terms)
            said[number, answer] += 1
            places.setdefault((number, answer), finding)
            by = by or (one if answer is _Answer.ACCEPTED else None)
        if by is None:
            kept.append(finding)
        else:
            ignored.append(Ignored(finding=finding, reason=by.reason))
    notes = [
        note
        for number, one in enumerate(ignores)
        for note in (() if one.is_exact else _notes(one, number, said, places, terms, is_unsure=one.rule in unsure))
    ]
    met = {number for number, _ in said}  # a Counter keeps no key for what is only asked
    unmet = [one.rule in unsure for number, one in enumerate(ignores) if one.is_exact and number not in met]
    if gone := unmet.count(False):
        notes.append(f"findings of the baseline that are gone: {gone}; --write-baseline renews it")
    if unseen := unmet.count(True):
        notes.append(f"findings of the baseline that may be in what was not looked at: {unseen}")
    return replace(verdict, findings=tuple(kept), ignored=tuple(ignored), notes=(*verdict.notes, *notes))


class _Index:
    """Finds the ignores that are about a finding, of which a baseline may have thousands."""

    def __init__(self, ignores: Sequence[Ignore]) -> None:
        self._exact: dict[tuple[str, str], list[tuple[int, Ignore]]] = {}
        self._patterns: dict[str, list[tuple[int, Ignore]]] = {}
        for number, one in enumerate(ignores):
            if one.is_exact:
                self._exact.setdefault((one.rule, *one.paths), []).append((number, one))  # type: ignore[arg-type] # one path
            else:
                self._patterns.setdefault(one.rule, []).append((number, one))

    def covering(self, finding: Finding) -> Iterator[tuple[int, Ignore]]:
        """Yield the ignores that are about a finding, each with its number."""
        place = _place(finding)
        yield from self._exact.get((finding.rule.id, place), ())
        for number, one in self._patterns.get(finding.rule.id, ()):
            if one.covers(finding.rule.id, place, finding.package):
                yield number, one


def _answer(finding: Finding, ignore: Ignore, terms: Terms | None) -> _Answer:
    if terms is None:
        return _Answer.ACCEPTED
    if ignore.expires is not None and ignore.expires < terms.today:
        return _Answer.EXPIRED
    if ignore.digest:
        return _Answer.ACCEPTED if terms.digest_of(finding) == ignore.digest else _Answer.CHANGED
    return _Answer.NEEDS_DIGEST if finding.severity is Severity.DANGER else _Answer.ACCEPTED


def _notes(
    ignore: Ignore,
    number: int,
    said: Counter[tuple[int, _Answer]],
    places: dict[tuple[int, _Answer], Finding],
    terms: Terms | None,
    *,
    is_unsure: bool,
) -> Iterator[str]:
    about = f"{ignore.origin}: this ignore of {ignore.rule}"
    if not any(said[number, answer] for answer in _Answer):
        yield f"{about} ignores nothing" + (" of what was looked at" if is_unsure else "; delete it")
    if count := said[number, _Answer.EXPIRED]:
        what = "a finding counts" if count == 1 else f"{count} findings count"
        yield f"{about} expired on {ignore.expires}: {what} again"
    for answer in (_Answer.CHANGED, _Answer.NEEDS_DIGEST):
        if said[number, answer] and terms is not None:
            finding = places[number, answer]
            digest = terms.digest_of(finding) or "none, for it can't be read"
            yield f"{about} doesn't hold: {_place(finding)} is {answer.value}; its digest is {digest}"


def _place(finding: Finding) -> str:
    return finding.path or finding.script
