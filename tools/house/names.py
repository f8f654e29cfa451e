# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""House rules for names: one meaning for each, and a sentence for each public field."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tools.house.checkout import Checkout, Complaint

_SHARED = frozenset({"__init__", "__main__", "job", "main", "observe", "perform", "plan"})
"""Where a program begins, and what one run of compiling or cleaning is, with its steps."""
_NAMED_AFTER = ("pkgtools/cli/", "pkgtools/model/", "pkgtools/render/targets/")
"""A command's module has the command's name, a model's the name of what it describes, a target's that of the tool."""
_STARTED = re.compile(r"(?:^|[;\s])(?:from|import) pkgtools[.\s]")


def class_names(checkout: Checkout) -> Iterator[Complaint]:
    """Find public classes that share their name with another one."""
    places: dict[str, list[tuple[Path, int]]] = defaultdict(list)
    for path, node in _classes(checkout):
        places[node.name].append((path, node.lineno))
    for name, found in places.items():
        for path, line in found if len(found) > 1 else ():
            others = ", ".join(str(other) for other, _ in found if other != path)
            yield Complaint(path=path, line=line, text=f"class {name} is in {others}, too: one name, one meaning")


def module_names(checkout: Checkout) -> Iterator[Complaint]:
    """Find modules that are easily mixed up, for they have one name."""
    places: dict[str, list[Path]] = defaultdict(list)
    for path, _ in checkout.python("pkgtools"):
        if path.stem not in _SHARED and not path.as_posix().startswith(_NAMED_AFTER):
            places[path.stem].append(path)
    for paths in places.values():
        for path in paths if len(paths) > 1 else ():
            others = ", ".join(str(other) for other in paths if other != path)
            yield Complaint(path=path, line=1, text=f"{others} has the same name: give it one of its own")


def fields(checkout: Checkout) -> Iterator[Complaint]:
    """Find public fields of public classes that no docstring explains."""
    for path, node in _classes(checkout):
        for statement, below in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                if not name.startswith("_") and not _is_docstring(below):
                    text = f"{node.name}.{name} has no docstring beneath it"
                    yield Complaint(path=path, line=statement.lineno, text=text)


def started_modules(checkout: Checkout) -> Iterator[Complaint]:
    """Find modules of ours that are started by their names in a text, which the layers' contract can't see."""
    for path, text in checkout.python("pkgtools"):
        tree = ast.parse(text)
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                lines = [] if _STARTED.search(node.value) is None else [node.lineno]
                yield from (Complaint(path=path, line=line, text="import it: layers see no texts") for line in lines)


def _classes(checkout: Checkout) -> Iterator[tuple[Path, ast.ClassDef]]:
    for path, text in checkout.python("pkgtools"):
        for node in ast.walk(ast.parse(text, str(path))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield path, node


def _is_docstring(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
