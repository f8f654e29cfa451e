# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""What is wrong with a manifest, key by key."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pkgtools.runtime.errors import PkgtoolsError

if TYPE_CHECKING:
    from collections.abc import Iterable

KeyPath = tuple[str | int, ...]
"""Keys and positions from the top of a manifest down to a value."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to change in a manifest."""

    at: KeyPath = ()
    """Where; empty for the file as a whole."""
    text: str
    """What is wrong there, and what to write."""
    is_key: bool = False
    """Whether the key itself is wrong; else its value is."""
    instead: str = ""
    """The key, or the string that is the value, which was probably meant; empty if that isn't known."""

    @property
    def key(self) -> str:
        """Where, as `packages.acme.private[0].directory`."""
        return dotted(self.at)

    def __str__(self) -> str:
        return f"{self.key}: {self.text}" if self.key else self.text


class ConfigError(PkgtoolsError):
    """A manifest is wrong, missing or can't be read."""

    def __init__(self, where: str, problems: Iterable[Problem]) -> None:
        """Keep the file's name and all problems; the text has a line for each."""
        self.where = where
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{where}: {problem}" for problem in self.problems))


def problem(at: KeyPath, text: str) -> Problem:
    """Report something about the value at a path."""
    return Problem(at=at, text=text)


def dotted(path: KeyPath) -> str:
    """Write a path as TOML writes keys, positions in brackets.

    >>> dotted(("packages", "a b", "private", 0))
    'packages."a b".private[0]'
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + (step if _BARE_KEY.fullmatch(step) else _string(step))
    return text


def quoted(text: str) -> str:
    """Write a string on one line, as TOML does; shortened where it is long."""
    if len(text) > _LONGEST_VALUE:
        text = text[:_LONGEST_VALUE] + "..."
    return _string(text)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def shown(value: object) -> str:
    """Write a value on one line, as TOML does, or name its type where it isn't simple."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:.15g}" if isinstance(value, float) or value.bit_length() < 64 else "a huge integer"
    return toml_type(value)


def toml_type(value: object) -> str:
    """Name the type of a TOML value, with its article."""
    match value:
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int():
            return "an integer"
        case float():
            return "a float"
        case list():
            return "an array"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def one_of(words: Iterable[str]) -> str:
    """List words as `a`, `b` or `c`.

    >>> one_of(["a", "b", "c"])
    '`a`, `b` or `c`'
    """
    *others, last = (f"`{word}`" for word in words)
    return f"{', '.join(others)} or {last}" if others else last


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Find the word that a misspelt one was probably meant to be."""
    found = difflib.get_close_matches(word.lower().replace("_", "-"), list(words), n=1)
    return found[0] if found else None
