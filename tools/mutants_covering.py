# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Which tests go through a line, and in which order they are asked about a mutant of it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.mutants_made import Mutant


@dataclass(frozen=True, slots=True, kw_only=True)
class Covering:
    """What tests.lab.measured has found."""

    tests: tuple[tuple[str, float], ...]
    """Each test's node id and its duration in seconds."""
    lines: dict[str, dict[int, tuple[int, ...]]]
    """For each module and line the numbers of the tests that go through."""

    @classmethod
    def read(cls, path: Path) -> Covering:
        """Read coverage-contexts.json."""
        found = json.loads(path.read_text(encoding="utf-8"))
        lines = {file: {int(n): tuple(tests) for n, tests in of.items()} for file, of in found["lines"].items()}
        return cls(tests=tuple((name, seconds) for name, seconds in found["tests"]), lines=lines)

    def tests_of(self, checkout: Path, mutant: Mutant, seconds: float) -> dict[str, float]:
        """Return tests that go through a mutant's line, the likeliest first, with at most so many seconds in all.

        What runs at import is gone through by all: then the tests that use a function of the module come first.
        """
        first, then = self._numbers(checkout, mutant)
        stem = Path(mutant.module).stem
        chosen: dict[str, float] = {}
        for numbers in (first, then - first):
            for number in self._in_order(numbers, stem):
                name, duration = self.tests[number]
                if chosen and sum(chosen.values()) + duration > seconds:
                    return chosen
                chosen[name] = duration
        return chosen

    def count(self, checkout: Path, mutant: Mutant) -> int:
        """Return how many tests go through a mutant's line."""
        first, then = self._numbers(checkout, mutant)
        return len(first | then)

    def _numbers(self, checkout: Path, mutant: Mutant) -> tuple[set[int], set[int]]:
        of = self.lines.get(mutant.module, {})
        span, in_function, function_lines = _place(checkout / mutant.module, mutant.line)
        through = {number for line in span for number in of.get(line, ())}
        if in_function:
            return through, set()
        return {number for line in function_lines for number in of.get(line, ())}, through

    def _in_order(self, numbers: Iterable[int], stem: str) -> list[int]:
        """Return tests in order: of each function one first; those of the module's own file before, then the quick."""

        def rank(number: int) -> tuple[bool, float]:
            name, duration = self.tests[number]
            return stem not in name, duration

        seen: set[str] = set()
        first: list[int] = []
        rest: list[int] = []
        for number in sorted(numbers, key=rank):
            function = self.tests[number][0].partition("[")[0]
            (rest if function in seen else first).append(number)
            seen.add(function)
        return first + rest


@cache
def _place(module: Path, line: int) -> tuple[range, bool, frozenset[int]]:
    """Return the lines of the innermost statement at a line, whether a function runs it, and what functions run."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    span, in_function = range(line, line + 1), False
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            inside.update(range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno):
            body = getattr(node, "body", None)
            end = body[0].lineno - 1 if isinstance(body, list) and body[0].lineno > node.lineno else node.end_lineno
            if line <= (end or node.lineno) or not isinstance(body, list):
                span = range(node.lineno, (end or node.lineno) + 1)
    in_function = line in inside
    return span, in_function, frozenset(inside)
