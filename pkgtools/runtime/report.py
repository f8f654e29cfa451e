# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is told at the end: text for people, JSON for programs. Collects outcomes; prints nothing itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .facts import InstalledPath, Outcome, Reason, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

VERSION = 1
"""Of the JSON report; it changes when a field goes or changes its meaning."""

_COULD_NOT = frozenset({Status.ERROR, Status.REFUSED})
_CHANGED = frozenset({Status.COMPILED, Status.LINKED, Status.REPAIRED})
_WORTH_SAYING = frozenset({Status.FAILED, Status.ERROR, Status.REFUSED})
_HARMLESS_SKIPS = frozenset(
    {Reason.EXCLUDED, Reason.NOT_SERVED, Reason.NOT_REGISTERED, Reason.NO_SOURCE, Reason.SYMLINK, Reason.SWITCHED_OFF}
)


class Report:
    """The outcomes of one run."""

    def __init__(self, command: str, *, dry_run: bool = False) -> None:
        """Start the clock."""
        self.command = command
        self.dry_run = dry_run
        self.outcomes: list[Outcome] = []
        self._fresh = 0
        self._began = time.monotonic()

    def add(self, outcome: Outcome) -> None:
        """Take note of an outcome."""
        self.outcomes.append(outcome)

    def add_all(self, outcomes: Iterable[Outcome]) -> None:
        """Take note of several outcomes."""
        self.outcomes.extend(outcomes)

    def add_fresh(self, number: int) -> None:
        """Count targets that needed nothing."""
        self._fresh += number

    def seconds(self) -> float:
        """Return how long the run has taken so far."""
        return time.monotonic() - self._began

    def summary(self) -> dict[str, int]:
        """Count the outcomes by status; zero counts are left out."""
        counts = dict.fromkeys(Status, 0)
        for outcome in self.outcomes:
            counts[outcome.status] += 1
        counts[Status.FRESH] += self._fresh
        return {status.value: number for status, number in counts.items() if number}

    def exit_code(self, *, strict: bool) -> int:
        """Return 0 done, 1 a bad source and `strict`, 2 the job could not be done."""
        if any(outcome.status in _COULD_NOT for outcome in self.outcomes):
            return 2
        return int(strict and any(outcome.status is Status.FAILED for outcome in self.outcomes))

    def changed(self) -> list[InstalledPath]:
        """Return what was made or repaired, sorted: files, their directories, and directories repaired."""
        found = {outcome.path for outcome in self.outcomes if outcome.status in _CHANGED}
        return sorted(found.union(InstalledPath(path.rpartition("/")[0]) for path in found if path.endswith(".pyc")))

    def complaints(self) -> list[str]:
        """Return a line for each outcome that somebody should look at."""
        return [line(outcome) for outcome in self._sorted() if _is_worth_saying(outcome)]

    def lines(self) -> list[str]:
        """Return a line for each outcome and one with the counts."""
        counts = ", ".join(f"{number} {status}" for status, number in self.summary().items()) or "nothing to do"
        return [*(line(outcome) for outcome in self._sorted()), f"{counts} in {self.seconds():.2f} s"]

    def json(self, exit_code: int) -> str:
        """Return the whole report as JSON in ASCII; undecodable bytes of names are lone surrogates (PEP 383)."""
        return to_json(
            {
                "version": VERSION,
                "command": self.command,
                "dry_run": self.dry_run,
                "exit": exit_code,
                "seconds": round(self.seconds(), 3),
                "summary": self.summary(),
                "outcomes": [_as_dict(outcome) for outcome in self._sorted()],
            }
        )

    def _sorted(self) -> list[Outcome]:
        return sorted(self.outcomes, key=lambda o: (o.path, o.level or 0, o.status.value, o.reason.value))


def _is_worth_saying(outcome: Outcome) -> bool:
    if outcome.status is Status.SKIPPED:
        return outcome.reason not in _HARMLESS_SKIPS
    return outcome.status in _WORTH_SAYING


def line(outcome: Outcome) -> str:
    """Say one outcome in one line; control characters in names are escaped."""
    subject = outcome.source if outcome.status is Status.FAILED and outcome.source else outcome.path
    what = (
        outcome.reason.value if outcome.status in _WORTH_SAYING else f"{outcome.status.value} ({outcome.reason.value})"
    )
    text = f"{subject}: {what}" + (f": {outcome.detail}" if outcome.detail else "")
    return "".join(c if c.isprintable() or "\udc80" <= c <= "\udcff" else ascii(c)[1:-1] for c in text)


def _as_dict(outcome: Outcome) -> dict[str, object]:
    return {
        "status": outcome.status.value,
        "reason": outcome.reason.value,
        "path": outcome.path,
        "source": outcome.source,
        "interpreter": outcome.interpreter,
        "level": outcome.level,
        "mode": None if outcome.mode is None else f"{outcome.mode:04o}",
        "detail": outcome.detail,
    }


def to_json(value: object, indent: str = "\n") -> str:
    """Write plain values as JSON; python3-minimal has no json module on Debian 12."""
    inner = indent + " "
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        items = [f"{_string(str(key))}: {to_json(item, inner)}" for key, item in value.items()]
        return "{" + inner + ("," + inner).join(items) + indent + "}" if items else "{}"
    if isinstance(value, list):
        parts = [to_json(item, inner) for item in value]
        return "[" + inner + ("," + inner).join(parts) + indent + "]" if parts else "[]"
    return _string(str(value))


def _string(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if " " <= character <= "~":
        return character
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
