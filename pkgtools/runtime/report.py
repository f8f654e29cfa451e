# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is told at the end: text for people, JSON for programs. Collects outcomes; prints nothing itself."""

from __future__ import annotations

import time

from .complaints import by_cause, is_complaint, line
from .facts import InstalledPath, Outcome, Status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

VERSION = 1
"""Of the JSON report; it changes when a field goes or changes its meaning."""

_COULD_NOT = frozenset({Status.ERROR, Status.REFUSED})
_CHANGED = frozenset({Status.COMPILED, Status.LINKED, Status.REPAIRED})
_FIELDS = tuple(f'"{name}": ' for name in Outcome._fields)
"""The names of an outcome's fields, in their order, as they stand in JSON."""


class Report:
    """The outcomes of one run."""

    def __init__(self, command: str, *, dry_run: bool = False) -> None:
        """Start the clock."""
        self.command = command
        self.dry_run = dry_run
        self.outcomes: list[Outcome] = []
        self.standing: tuple[Outcome, ...] | None = None
        """What earlier batches reported and that was not put right since; None for other commands."""
        self.told_before: frozenset[Outcome] = frozenset()
        """What people were told in earlier batches."""
        self._fresh = 0
        self._modules = 0
        self._began = time.monotonic()

    def add(self, outcome: Outcome) -> None:
        """Take note of an outcome."""
        self.outcomes.append(outcome)

    def add_new(self, outcome: Outcome) -> None:
        """Take note of an outcome, unless the same has been noted."""
        if outcome not in self.outcomes:
            self.outcomes.append(outcome)

    def reword(self, how: Callable[[Outcome], Outcome]) -> None:
        """Replace each outcome by what `how` makes of it."""
        self.outcomes = [how(one) for one in self.outcomes]

    def add_all(self, outcomes: Iterable[Outcome]) -> None:
        """Take note of several outcomes."""
        self.outcomes.extend(outcomes)

    def add_fresh(self, number: int) -> None:
        """Count targets that needed nothing."""
        self._fresh += number

    def count_modules(self, number: int) -> None:
        """Count sources that the run is about."""
        self._modules += number

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
        """Return a line for each new cause and directory that people should look at."""
        found = [one for one in self.outcomes if is_complaint(one) and one not in self.told_before]
        return by_cause(_sorted(found), self._modules)

    def lines(self) -> list[str]:
        """Return a line for each outcome and one with the counts."""
        counts = ", ".join(f"{number} {status}" for status, number in self.summary().items()) or "nothing to do"
        return [*(line(outcome) for outcome in _sorted(self.outcomes)), f"{counts} in {self.seconds():.2f} s"]

    def json(self, exit_code: int) -> str:
        """Return the whole report as JSON in ASCII; undecodable bytes of names are lone surrogates (PEP 383)."""
        content: dict[str, object] = {
            "version": VERSION,
            "command": self.command,
            "dry_run": self.dry_run,
            "exit": exit_code,
            "seconds": round(self.seconds(), 3),
            "summary": self.summary(),
            "outcomes": _sorted(self.outcomes),
        }
        if self.standing is not None:
            content["standing"] = list(self.standing)
        return to_json(content)


def _sorted(outcomes: list[Outcome]) -> list[Outcome]:
    return sorted(outcomes, key=lambda o: (o.path, o.level or 0, o.status.value, o.reason.value))


def _outcome(outcome: Outcome, indent: str) -> str:
    """Write an outcome as an object: the report of an upgrade has thousands."""
    texts = (
        _string(outcome.status.value),
        _string(outcome.reason.value),
        _string(outcome.path),
        _optional(outcome.source),
        _optional(outcome.interpreter),
        "null" if outcome.level is None else str(outcome.level),
        "null" if outcome.mode is None else f'"{outcome.mode:04o}"',
        _string(outcome.detail),
    )
    inner = indent + " "
    return "{" + ",".join([inner + field + text for field, text in zip(_FIELDS, texts)]) + indent + "}"


def _optional(text: str | None) -> str:
    return "null" if text is None else _string(text)


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
    if isinstance(value, Outcome):
        return _outcome(value, indent)
    if isinstance(value, list):
        parts = [to_json(item, inner) for item in value]
        return "[" + inner + ("," + inner).join(parts) + indent + "]" if parts else "[]"
    return _string(str(value))


def _string(text: str) -> str:
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
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
