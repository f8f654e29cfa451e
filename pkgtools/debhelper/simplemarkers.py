# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Pure: the markers that nearly all packages have, evaluated without `packaging`, whose import costs 20 ms.

Comparisons of a variable with a plain version or a word, joined by `and`, `or` and parentheses; whatever else there is
is left to `packaging`. The tests compare both.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .pep508 import canonical

Evaluate = Callable[[Mapping[str, str]], bool]
"""Environment -> whether the marker holds."""

_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<join>and|or)(?![a-z_])"
    r"|(?P<name>[a-z_]+)\s*(?P<compare><=|>=|==|!=|<|>)\s*(?P<quote>['\"])(?P<value>[^'\"\\]*)(?P=quote))"
)
_WORDS = frozenset(
    {"os_name", "sys_platform", "platform_system", "platform_python_implementation", "implementation_name"}
)
_VERSIONS = frozenset({"python_version", "python_full_version", "implementation_version"})
_COMPARE = {
    "<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt,
}  # fmt: skip
_EXTRA = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_WORD = re.compile(r"(?![vV][0-9])[A-Za-z][A-Za-z0-9_.-]*", re.ASCII)
"""No version, and so compared as a word."""
_DEEPEST = 20


class _Comparison(NamedTuple):
    name: str
    compare: str
    value: str


class _UnknownError(Exception):
    """Something that only `packaging` knows."""


def compile_simple(text: str) -> Evaluate | None:
    """Return a function that evaluates a marker, None where it isn't as simple as that."""
    try:
        tokens = list(_tokens(text))
        evaluate, position = _either(tokens, 0, 0)
    except _UnknownError:
        return None
    return evaluate if position == len(tokens) else None


def _tokens(text: str) -> list[str | _Comparison]:
    tokens: list[str | _Comparison] = []
    position = 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if not found:
            raise _UnknownError
        position = found.end()
        tokens.append(found["bracket"] or found["join"] or _Comparison(found["name"], found["compare"], found["value"]))
    return tokens


def _either(tokens: list[str | _Comparison], position: int, depth: int) -> tuple[Evaluate, int]:
    """Read what `or` joins."""
    first, position = _both(tokens, position, depth)
    parts = [first]
    while tokens[position : position + 1] == ["or"]:
        part, position = _both(tokens, position + 1, depth)
        parts.append(part)
    return (lambda environment: any(part(environment) for part in parts)) if len(parts) > 1 else first, position


def _both(tokens: list[str | _Comparison], position: int, depth: int) -> tuple[Evaluate, int]:
    """Read what `and` joins."""
    first, position = _single(tokens, position, depth)
    parts = [first]
    while tokens[position : position + 1] == ["and"]:
        part, position = _single(tokens, position + 1, depth)
        parts.append(part)
    return (lambda environment: all(part(environment) for part in parts)) if len(parts) > 1 else first, position


def _single(tokens: list[str | _Comparison], position: int, depth: int) -> tuple[Evaluate, int]:
    """Read a comparison, or what is in parentheses."""
    word = tokens[position] if position < len(tokens) else ""
    if isinstance(word, _Comparison):
        return _comparison(word), position + 1
    if word != "(" or depth == _DEEPEST:
        raise _UnknownError
    inner, position = _either(tokens, position + 1, depth + 1)
    if tokens[position : position + 1] != [")"]:
        raise _UnknownError
    return inner, position + 1


def _comparison(comparison: _Comparison) -> Evaluate:
    name, compare, value = comparison
    decide = _COMPARE[compare]
    if name in _VERSIONS:
        if not re.fullmatch(r"\d{1,4}(?:\.\d{1,4}){0,2}", value, re.ASCII):
            raise _UnknownError
        wanted = _release(value)
        return lambda environment: decide(_release(environment[name]), wanted)
    if name == "extra" and compare in {"==", "!="} and _EXTRA.fullmatch(value):
        extra = canonical(value)
        return lambda environment: decide(canonical(environment[name]), extra)
    if name not in _WORDS or compare not in {"==", "!="} or not _WORD.fullmatch(value):
        raise _UnknownError
    return lambda environment: decide(environment[name], value)


def _release(version: str) -> tuple[int, ...]:
    """Return a release's numbers, three at least: 3.8 is 3.8.0."""
    numbers = tuple(map(int, version.split(".")))
    return (*numbers, 0, 0)[: max(3, len(numbers))]
