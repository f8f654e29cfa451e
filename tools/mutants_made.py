# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Mutants of the runtime: each a module with one small change, as an operator of cosmic-ray makes it, or ours.

cosmic-ray knows no operator that takes a statement away, and a fence often is one: a call, a `raise`.
"""

from __future__ import annotations

import ast
import difflib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.operators.operator import Operator
from parso.python.tree import Keyword

RUNTIME = Path("pkgtools/runtime")
_LEFT_OUT = re.compile(
    r"Variable|Operator_(?:Eq|NotEq|Lt|LtE|Gt|GtE)_Is|Operator_Is_Eq$|Operator_IsNot_NotEq$|Operator_BitOr_(?:Add|BitXor)$"
)
"""Operators that want the names of variables; identity for equality, which is the same or a warning, and equality for
identity, which is the same for None and the members of an enum; other names for a union."""


class RemoveStatement(Operator):  # type: ignore[misc] # cosmic-ray has no annotations
    """Replace a call whose result isn't used, or a `raise`, by `pass`."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """Yield where such a statement begins and ends."""
        if node.type == "simple_stmt" and node.children[0].type in {"atom_expr", "raise_stmt"}:
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, _index: int) -> Any:
        """Return the statement as `pass`."""
        first = node.children[0]
        node.children[0] = Keyword("pass", first.start_pos, prefix=first.get_first_leaf().prefix)
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return nothing: there is a test."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mutant:
    """One change to one module."""

    module: str
    """The module's path, relative to the checkout."""
    line: int
    """Where the change begins, counted from 1."""
    column: int
    family: str
    """Operators that differ only in what they put in have one family: `ReplaceComparisonOperator`, say."""
    operator: str
    """The operator's name as cosmic-ray knows it; `RemoveStatement` for ours."""
    occurrence: int
    """Which of the operator's places in the module it is, counted from 0."""

    def text(self, checkout: Path) -> str | None:
        """Return the changed module; None if the change doesn't compile or isn't one."""
        source = (checkout / self.module).read_text(encoding="utf-8")
        mutated = MutationVisitor.mutate_code(source, _operator(self.operator), self.occurrence)
        if mutated is None or mutated == source:
            return None
        try:
            if ast.dump(ast.parse(mutated)) == ast.dump(ast.parse(source)):
                return None
        except (SyntaxError, ValueError):
            return None
        return str(mutated)

    def diff(self, checkout: Path, text: str) -> tuple[str, ...]:
        """Return the lines that go, with a minus, and those that come, with a plus."""
        source = (checkout / self.module).read_text(encoding="utf-8")
        lines = difflib.unified_diff(source.splitlines(), text.splitlines(), lineterm="", n=0)
        return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))


def sample(checkout: Path, modules: Iterable[Path], number: int, seed: int) -> list[tuple[Mutant, str]]:
    """Return `number` mutants of some modules and their texts: first places are drawn, then one change of each."""
    places: defaultdict[tuple[str, int, int, str], list[Mutant]] = defaultdict(list)
    for module in sorted(modules):
        for mutant in _mutants(checkout, module):
            places[mutant.module, mutant.line, mutant.column, mutant.family].append(mutant)
    chance = random.Random(seed)  # not for secrets
    keys = sorted(places)
    chance.shuffle(keys)
    found: list[tuple[Mutant, str]] = []
    for key in keys:
        if len(found) == number:
            break
        mutant = chance.choice(sorted(places[key]))
        text = mutant.text(checkout)
        if text is not None:
            found.append((mutant, text))
    return sorted(found)


def _mutants(checkout: Path, module: Path) -> Iterator[Mutant]:
    source = (checkout / module).read_text(encoding="utf-8")
    nodes = list(ast_nodes(get_ast(source)))
    idle = _idle_lines(source)
    for name, family in _operators().items():
        operator = _operator(name)
        occurrence = -1
        for node in nodes:
            for (line, column), _ in operator.mutation_positions(node):
                occurrence += 1
                if line not in idle and not _in_annotation(node):
                    yield Mutant(
                        module=str(module),
                        line=line,
                        column=column,
                        family=family,
                        operator=name,
                        occurrence=occurrence,
                    )


def _operators() -> Mapping[str, str]:
    """Return the operators' names, each with its family."""
    names = [name for name in cosmic_ray.plugins.operator_names() if not _LEFT_OUT.search(name)]
    return {**{name: name.rpartition("/")[2].partition("_")[0] for name in names}, "RemoveStatement": "RemoveStatement"}


def _operator(name: str) -> Any:  # cosmic-ray has no annotations
    return RemoveStatement() if name == "RemoveStatement" else cosmic_ray.plugins.get_operator(name)()


def _idle_lines(source: str) -> set[int]:
    """Return the lines that only a type checker reads."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        if isinstance(node, ast.Assign) and ast.unparse(node) == "TYPE_CHECKING = False":
            lines.add(node.lineno)
    return lines


def _in_annotation(node: Any) -> bool:
    """Whether a node is part of an annotation, which nothing evaluates."""
    child, parent = node, node.parent
    while parent is not None:
        if parent.type == "annassign" and child is parent.children[1]:
            return True
        if parent.type == "tfpdef" and child is not parent.children[0]:
            return True
        if parent.type == "funcdef" and child is parent.annotation:
            return True
        child, parent = parent, parent.parent
    return False
