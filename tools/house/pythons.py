# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""Find expressions about Pythons outside of the table in pkgtools/runtime/pythons.py.

What a Python is called is known there. A literal of another module that is a pattern, a path or a tag of Pythons is
built from the table's names; in files that can't import it, a test compares it with the table: `COMPARED`.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.house.checkout import Checkout, Complaint

TABLE = Path("pkgtools/runtime/pythons.py")
TEST = Path("tests/runtime/test_pythons_elsewhere.py")
COMPARED = frozenset(
    map(
        Path,
        (
            "pkgtools/rpmbuild/imports.py",
            "pkgtools/runtime/compile/worker.py",
            "rpm/pkgtools.spec",
            "templates/alpm/compile.hook.j2",
            "templates/apk/main/post-install.sh.j2",
            "templates/rpm/main/interpreter.sh.j2",
            "triggers/clean-without-python",
            "triggers/deb/triggers",
            "triggers/python.sh",
            "triggers/rpm/macros.pkgtools",
            "triggers/rpm/pkgtools.attr",
            "triggers/rpm/pkgtools_runtime.attr",
        ),
    )
)
"""What can't import the table and is compared with it by TEST, which names each."""

_TEXTS = frozenset({"triggers", "rpm", "templates"})
_STEM = r"(?:python|pypy|graalpy)"
_EXPRESSION = re.compile(
    rf"""
    (?<![\w-]){_STEM}[23]?(?: \\\.\\?d | \\ | %?\.\( | \[ | \( | \*(?!\w) | \?(?!\w) | \.?\$ )  # a pattern's name
    | (?: \( | \?: | \| ){_STEM}(?= \b | \d )                                                # one of several
    | /lib(?:\w*)?/{_STEM}(?!-) | (?<![\w.-])lib(?:32|64)?/{_STEM}(?!-) | /bin/{_STEM}         # a path
    | (?: dist | site | dist\|site | site\|dist )\)?-packages                                # a directory
    | cpython- | \A(?:cpython|pypy|pypy3|graalpy)\Z | pypy3\[                                # an implementation, a tag
    | \.opt-
    """,
    re.VERBOSE,
)
_PROSE = re.compile(r"[a-z,;:.)'`] [a-z(`']")
_BUILT = re.compile(rf"(?:\A|[/\[=]){_STEM}\Z")
_COMMENT = re.compile(r"\s*(?:#|\{#|--\s)")


def pythons(checkout: Checkout) -> Iterator[Complaint]:
    """Find expressions about Pythons that are neither built from the table nor compared with it."""
    for path, text in checkout.python("pkgtools"):
        if path != TABLE and path not in COMPARED:
            for line, literal in sorted(set(expressions(ast.parse(text, str(path))))):
                message = f"{literal!r}: build it from the names in {TABLE}, or compare it with them in {TEST}"
                yield Complaint(path=path, line=line, text=message)
    yield from in_texts(checkout)
    if TEST in checkout.paths:
        compared = checkout.text(TEST)
        for path in sorted(COMPARED):
            if f'"{path}"' not in compared:
                yield Complaint(path=TEST, line=1, text=f"{path} is to be compared with {TABLE}")


def in_texts(checkout: Checkout) -> Iterator[Complaint]:
    """Find the lines of shell, macros and templates that are expressions about Pythons and aren't compared."""
    for path in checkout.paths:
        if path.parts[0] not in _TEXTS or path.suffix == ".py" or path in COMPARED:
            continue
        for number, line in enumerate(checkout.text(path).split("\n"), 1):
            if _EXPRESSION.search(line) and not _COMMENT.match(line):
                yield Complaint(path=path, line=number, text=f"compare it with {TABLE} in {TEST}")


def expressions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield lines and literals; docstrings, pages of rules and sentences are for people."""
    for_people = set(told(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for part, after in zip(node.values, node.values[1:], strict=False):
                is_built = isinstance(part, ast.Constant) and isinstance(after, ast.FormattedValue)
                if is_built and isinstance(part, ast.Constant) and _BUILT.search(str(part.value)):
                    yield part.lineno, str(part.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and node not in for_people:
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            if _EXPRESSION.search(text) and not _PROSE.search(text):
                yield node.lineno, text


def told(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the constants of docstrings and of a rule's page."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Page":
            yield from ast.walk(node)
