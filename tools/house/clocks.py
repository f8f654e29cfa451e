# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""The house rule for tests: none asserts how long something takes."""

import ast
from collections.abc import Iterator

from tools.house.checkout import Checkout, Complaint

CLOCKS = frozenset(
    {f"{clock}{unit}" for clock in ("monotonic", "perf_counter", "process_time", "thread_time") for unit in ("", "_ns")}
    | {"elapsed", "elapsed_time", "ru_utime", "ru_stime"}
)
"""What measures time."""


def clocks(checkout: Checkout) -> Iterator[Complaint]:
    """Find tests that assert how long something takes: a machine may be twenty times slower than yours."""
    for path, text in checkout.python("tests"):
        tree = ast.parse(text, str(path))
        timed = timed_names(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert) and (names := sorted(names_in(node.test) & timed)):
                message = f"{names[0]} is a time: count work instead (tests/lab/work.py)"
                yield Complaint(path=path, line=node.lineno, text=message)
            elif isinstance(node, ast.Constant) and any(f"{clock}(" in str(node.value) for clock in CLOCKS):
                yield Complaint(path=path, line=node.lineno, text="a child process must not look at the clock, either")


def timed_names(tree: ast.Module) -> set[str]:
    """Return the clocks, and the variables and functions of a module whose values come from them."""
    timed = set(CLOCKS)
    while True:
        found = {name for node in ast.walk(tree) for name in names_given(node, timed)}
        if found <= timed:
            return timed
        timed |= found


def names_given(node: ast.AST, timed: set[str]) -> Iterator[str]:
    """Yield the names to which a statement gives a value that is made of timed ones; a function for what it returns."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value is not None and names_in(node.value) & timed:
            yield from (one for target in targets for one in names_in(target))
    elif isinstance(node, ast.FunctionDef):
        returned = (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None)
        if any(names_in(value) & timed for value in returned):
            yield node.name


def names_in(node: ast.AST) -> set[str]:
    """Return the names and attributes that an expression mentions."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} | {
        one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)
    }
