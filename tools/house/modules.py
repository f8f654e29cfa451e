# SPDX-FileCopyrightText: 2026 The pkgtools authors
# SPDX-License-Identifier: MIT
"""House rules for modules: their size, what they import, and what they hide from other checks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.house.checkout import Checkout, Complaint

MAX_FUNCTION_LINES = 60
MAX_MODULE_LINES = 350
MINIMAL_MODULES = frozenset(
    """
    _blake2 _collections _frozen_importlib_external _functools _imp _operator _signal
    abc argparse array ast atexit base64 binascii bisect builtins codecs collections compileall
    configparser contextlib copy csv datetime enum errno fcntl fnmatch functools gc genericpath getopt glob grp
    hashlib importlib inspect io itertools keyword linecache locale logging marshal math operator os pathlib pickle
    pkgutil platform posix posixpath py_compile pwd random re reprlib select selectors signal socket stat string
    struct subprocess sys sysconfig syslog textwrap threading time token tokenize traceback types typing unicodedata
    warnings weakref zipimport zlib
    """.split()
)
"""What python3-minimal has on every release from Debian 11 on; `os.fork` and `importlib.util` included."""


def sizes(checkout: Checkout) -> Iterator[Complaint]:
    """Find functions and modules that grew too long."""
    for path, text in checkout.python("pkgtools", "tests", "tools", "benchmarks"):
        lines = text.count("\n")
        if lines > MAX_MODULE_LINES:
            yield Complaint(path=path, line=1, text=f"{lines} lines; split the module ({MAX_MODULE_LINES} at most)")
        for node in ast.walk(ast.parse(text, str(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    message = f"{node.name} has {length} lines; split it ({MAX_FUNCTION_LINES} at most)"
                    yield Complaint(path=path, line=node.lineno, text=message)


def minimal(checkout: Checkout) -> Iterator[Complaint]:
    """Find imports in the runtime and its launchers that python3-minimal cannot satisfy."""
    for path in checkout.paths:
        if not runs_at_install_time(checkout, path):
            continue
        for node in ast.walk(ast.parse(checkout.text(path), str(path))):
            for module, line in imported_modules(node):
                if module.partition(".")[0] not in MINIMAL_MODULES | {"pkgtools", "__future__"}:
                    yield Complaint(path=path, line=line, text=f"{module} is not in python3-minimal")


def runs_at_install_time(checkout: Checkout, path: Path) -> bool:
    """Whether a file is part of the runtime or one of the Python programs in triggers/."""
    if path.parts[:2] == ("pkgtools", "runtime"):
        return path.suffix == ".py"
    return path.parts[0] == "triggers" and "python3" in checkout.text(path).partition("\n")[0]


def imported_modules(node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the absolute names that an import statement loads, with its line; `pkgtools` for a relative one."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, node.lineno) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield ("pkgtools" if node.level else str(node.module)), node.lineno


def worker(checkout: Checkout) -> Iterator[Complaint]:
    """Find what keeps the worker from being one stand-alone file for Python 3.6 and all later ones."""
    for path, text in checkout.python("pkgtools"):
        if path.name != "worker.py":
            continue
        try:
            tree = ast.parse(text, str(path), feature_version=(3, 6))
        except SyntaxError as error:
            yield Complaint(path=path, line=error.lineno or 1, text=f"not Python 3.6: {error.msg}")
            continue
        for node in ast.walk(tree):
            for module, line in imported_modules(node):
                if module.partition(".")[0] == "pkgtools":
                    yield Complaint(path=path, line=line, text="the worker imports nothing of ours")


def exclusions(checkout: Checkout) -> Iterator[Complaint]:
    """Find code that is left out of the measured coverage without a reason."""
    for path, text in checkout.python("pkgtools"):
        for number, line in enumerate(text.split("\n"), 1):
            if "pragma: no" in line and not re.search(r"# pragma: no (?:cover|branch) - \w", line):
                yield Complaint(path=path, line=number, text="say why: # pragma: no cover - REASON")
